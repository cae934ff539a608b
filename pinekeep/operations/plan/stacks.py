"""Reading what is deployed, as far as a plan needs it. Reads only."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of, message_of, missing_permission
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.grants import list_grants
from pinekeep.account.record.endpoint import gone_endpoints
from pinekeep.account.record.predecessors import Former
from pinekeep.account.record.store import Record, read_record
from pinekeep.decisions.access.live import document
from pinekeep.model import naming
from pinekeep.model.arns import KeyArn, role_arn
from pinekeep.model.facts import aws, stack_status
from pinekeep.model.naming import Output
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.grants import Grant, parse_grants
from pinekeep.operations.plan.endpoint import deployed_endpoints
from pinekeep.operations.plan.meaning import LiveAccess
from pinekeep.operations.plan.state import KEY_TYPE, ROLE_TYPE, Template, resources
from pinekeep.operations.plan.target import Target, Version

_ABSENT = frozenset({"NoSuchEntity", "NotFoundException"})
_ENABLED = "Enabled"
_IMPORTED = "IMPORT_COMPLETE"
_SIDE_BY_SIDE = 2


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """A stack as it is.

    Attributes:
        status: CloudFormation's word for its state, or None where there is no such stack.
        template: what was deployed last; None where nothing was.
        version: by which to see whether it has changed since; None where there is no such stack.
    """

    name: str
    status: str | None = None
    protected: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)
    template: Template | None = None
    version: Version | None = None
    parameters: frozenset[str] = frozenset()

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
        former: deployments that are there under another name or in another Region, where this one is not.
        gone_endpoints: the endpoints of the stack or of the record that are not there any more.
    """

    cmek: DeployedStack
    link: DeployedStack
    record: Record | None = None
    live: LiveAccess = field(default_factory=LiveAccess)
    former: tuple[Former, ...] = ()
    gone_endpoints: frozenset[str] = frozenset()

    @property
    def stacks(self) -> tuple[DeployedStack, DeployedStack]:
        """Both stacks, there or not."""
        return self.cmek, self.link

    @property
    def outputs(self) -> dict[str, str]:
        """What both put out."""
        return {**self.cmek.outputs, **self.link.outputs}


def target_of(stack: DeployedStack, clients: Clients) -> Target:
    """Return a stack as one to make a change set for."""
    return Target(
        stack=stack.name,
        status=stack.status,
        protected=stack.protected,
        clients=clients,
        version=stack.version,
        parameters=stack.parameters,
    )


def read_deployed(name: str, clients: Clients) -> Deployed:
    """Return a deployment as it is. At most twelve calls, and more where the grants fill several pages.

    Raises:
        AwsRefusedError: AWS refuses to tell of the stacks or of the record.
        PinekeepError: the record is none.
    """
    with refusals_told(), ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        link = pool.submit(read_stack, clients, naming.private_link_stack(name))
        record = pool.submit(read_record, clients, name)
        cmek = read_stack(clients, naming.cmek_stack(name))
        live = _live(clients, cmek)
        stack, noted = link.result(), record.result()
        known = {
            *deployed_endpoints(stack.template, stack.outputs).ids,
            *(noted.handed_over.registered_endpoints if noted else ()),
        }
        return Deployed(cmek=cmek, link=stack, record=noted, live=live, gone_endpoints=gone_endpoints(clients, known))


def read_stack(clients: Clients, name: str) -> DeployedStack:
    """Return a stack as it is, with what was deployed last."""
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
        outputs={**(_imported(client, name, template) if status == _IMPORTED else {}), **outputs},
        template=template,
        version=Version.of(found),
        parameters=frozenset(each["ParameterKey"] for each in found.get("Parameters") or ()),
    )


def _imported(client: Any, stack: str, template: Template | None) -> dict[str, str]:
    """Return what a stack that was just taken back in will put out: an import may not change outputs."""
    found: dict[str, str] = {}
    roles = resources(template, ROLE_TYPE)
    for each in client.describe_stack_resources(StackName=stack)["StackResources"]:
        _, _, _, region, account, _ = each["StackId"].split(":", 5)
        physical_id = each["PhysicalResourceId"]
        if each["ResourceType"] == KEY_TYPE:
            found[Output.KEY_ARN] = str(
                KeyArn(partition=aws.PARTITION, region=region, account=account, key_id=physical_id)
            )
        elif each["ResourceType"] == ROLE_TYPE:
            path = str(roles.get(each["LogicalResourceId"], {}).get("Path", "/"))
            found.setdefault(Output.ROLE_ARN, role_arn(account=account, role_name=physical_id, path=path))
    return found


def _live(clients: Clients, stack: DeployedStack) -> LiveAccess:
    if stack.template is None:
        return LiveAccess()
    unreadable: list[str] = []

    def read(
        what: str,
        call: Callable[[], Any],
        absent: Any = None,
        nothing: str = "what was deployed last is taken for it",
    ) -> Any:
        try:
            return call()
        except Exception as error:
            if code_of(error) in _ABSENT:
                return absent
            if code_of(error) not in DENIED:
                raise
            unreadable.append(f"{what} could not be read ({missing_permission(error)}): {nothing}")
            return ...

    iam, kms = clients.client("iam"), clients.client("kms")
    trust: dict[str, Policy | None] = {}
    for properties in resources(stack.template, ROLE_TYPE).values():
        role = str(properties.get("RoleName"))
        found = read(f"role {role}", lambda role=role: iam.get_role(RoleName=role)["Role"])  # type: ignore[misc]
        if found is not ...:
            trust[role] = document(found["AssumeRolePolicyDocument"]) if found else None
    key_policy, state = None, None
    grants: tuple[Grant, ...] = ()
    if arn := stack.outputs.get(Output.KEY_ARN):
        text = read("the key policy", lambda: kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
        key_policy = document(text) if isinstance(text, str) else None
        entries = read(
            "the grants on the key", lambda: list_grants(kms.list_grants, arn), nothing="no grant is taken to be there"
        )
        grants = parse_grants(entries, key_arn=arn) if isinstance(entries, list) else ()
        metadata = read("the key", lambda: kms.describe_key(KeyId=arn)["KeyMetadata"], absent={"KeyState": "gone"})
        if isinstance(metadata, dict) and metadata["KeyState"] != _ENABLED:
            state = str(metadata["KeyState"])
    return LiveAccess(trust=trust, key_policy=key_policy, key_state=state, grants=grants, unreadable=tuple(unreadable))
