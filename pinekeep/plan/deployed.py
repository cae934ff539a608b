"""Reading what is deployed, as far as a plan needs it. Reads only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pinekeep import naming
from pinekeep.access.live import document
from pinekeep.arns import KeyArn, role_arn
from pinekeep.aws.clients import Clients
from pinekeep.aws.refusal_codes import DENIED, code_of, message_of, missing_permission
from pinekeep.aws.refusals import refusals_told
from pinekeep.facts import aws, stack_status
from pinekeep.naming import Output
from pinekeep.plan.endpoint import deployed_endpoints
from pinekeep.plan.meaning import LiveAccess
from pinekeep.plan.state import KEY_TYPE, ROLE_TYPE, Template, resources
from pinekeep.policies.document import Policy
from pinekeep.record.endpoint import gone_endpoints
from pinekeep.record.store import Record, read_record

_ABSENT = frozenset({"NoSuchEntity", "NotFoundException"})
_ENABLED = "Enabled"
_IMPORTED = "IMPORT_COMPLETE"


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """A stack as it is.

    Attributes:
        name: its name.
        status: CloudFormation's word for its state, or None where there is no such stack.
        protected: whether it has termination protection.
        outputs: what it puts out.
        template: what was deployed last; None where nothing was.
    """

    name: str
    status: str | None = None
    protected: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)
    template: Template | None = None

    @property
    def remedy(self) -> str | None:
        """What to do before it can be deployed over; None where it can be."""
        return stack_status.remedy(self.status, name=self.name)


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A deployment as it is.

    Attributes:
        cmek: the stack of role and key.
        link: the endpoint's stack.
        record: what was handed over; None where nothing was recorded.
        live: the policies that are live.
        gone_endpoints: the endpoints of the stack or of the record that are not there any more.
    """

    cmek: DeployedStack
    link: DeployedStack
    record: Record | None = None
    live: LiveAccess = field(default_factory=LiveAccess)
    gone_endpoints: frozenset[str] = frozenset()

    @property
    def stacks(self) -> tuple[DeployedStack, DeployedStack]:
        """Both stacks, there or not."""
        return self.cmek, self.link

    @property
    def outputs(self) -> dict[str, str]:
        """What both put out."""
        return {**self.cmek.outputs, **self.link.outputs}


def read_deployed(name: str, clients: Clients) -> Deployed:
    """Return a deployment as it is. At most eleven calls.

    Args:
        name: its name.
        clients: of its account and Region.

    Raises:
        AwsRefusedError: AWS refuses to tell of the stacks or of the record.
        PinekeepError: the record is none.
    """
    with refusals_told():
        cmek = read_stack(clients, naming.cmek_stack(name))
        link = read_stack(clients, naming.private_link_stack(name))
        live = _live(clients, cmek)
    record = read_record(clients, name)
    known = {
        *deployed_endpoints(link.template, link.outputs).ids,
        *(record.handed_over.registered_endpoints if record else ()),
    }
    return Deployed(cmek=cmek, link=link, record=record, live=live, gone_endpoints=gone_endpoints(clients, known))


def read_stack(clients: Clients, name: str) -> DeployedStack:
    """Return a stack as it is, with what was deployed last.

    Args:
        clients: of its account and Region.
        name: its name.
    """
    client = clients.client("cloudformation")
    try:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
    except Exception as error:
        if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
            return DeployedStack(name=name)
        raise
    status = str(found["StackStatus"])
    if status == "DELETE_COMPLETE":
        return DeployedStack(name=name)
    there = status not in stack_status.NEVER_CREATED
    template = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"] if there else None
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs") or []}
    return DeployedStack(
        name=name,
        status=status,
        protected=bool(found.get("EnableTerminationProtection")),
        outputs={**(_imported(client, name) if status == _IMPORTED else {}), **outputs},
        template=template,
    )


def _imported(client: Any, stack: str) -> dict[str, str]:
    """Return what a stack that was just taken back in will put out: an import may not change outputs."""
    found: dict[str, str] = {}
    for each in client.describe_stack_resources(StackName=stack)["StackResources"]:
        _, _, _, region, account, _ = each["StackId"].split(":", 5)
        physical_id = each["PhysicalResourceId"]
        if each["ResourceType"] == KEY_TYPE:
            found[Output.KEY_ARN] = str(
                KeyArn(partition=aws.PARTITION, region=region, account=account, key_id=physical_id)
            )
        elif each["ResourceType"] == ROLE_TYPE:
            found.setdefault(Output.ROLE_ARN, role_arn(account=account, role_name=physical_id))
    return found


def _live(clients: Clients, stack: DeployedStack) -> LiveAccess:
    if stack.template is None:
        return LiveAccess()
    unreadable: list[str] = []

    def read(what: str, call: Callable[[], Any], absent: Any = None) -> Any:
        try:
            return call()
        except Exception as error:
            if code_of(error) in _ABSENT:
                return absent
            if code_of(error) not in DENIED:
                raise
            unreadable.append(
                f"{what} could not be read ({missing_permission(error)}): what was deployed last is taken for it"
            )
            return ...

    iam, kms = clients.client("iam"), clients.client("kms")
    trust: dict[str, Policy | None] = {}
    for properties in resources(stack.template, ROLE_TYPE).values():
        role = str(properties.get("RoleName"))
        found = read(f"role {role}", lambda role=role: iam.get_role(RoleName=role)["Role"])  # type: ignore[misc]
        if found is not ...:
            trust[role] = document(found["AssumeRolePolicyDocument"]) if found else None
    key_policy, state = None, None
    if arn := stack.outputs.get(Output.KEY_ARN):
        text = read("the key policy", lambda: kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
        key_policy = document(text) if isinstance(text, str) else None
        metadata = read("the key", lambda: kms.describe_key(KeyId=arn)["KeyMetadata"], absent={"KeyState": "gone"})
        if isinstance(metadata, dict) and metadata["KeyState"] != _ENABLED:
            state = str(metadata["KeyState"])
    return LiveAccess(trust=trust, key_policy=key_policy, key_state=state, unreadable=tuple(unreadable))
