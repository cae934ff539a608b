"""Reading a deployment as it is, as far as a plan needs it. Reads only."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of, missing_permission
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.reads.calls import ask, managed_policy
from pinekeep.account.reads.grants import list_grants
from pinekeep.account.reads.live import Unreadable
from pinekeep.account.record.endpoint import gone_endpoints
from pinekeep.account.record.predecessors import Former, former_deployments
from pinekeep.account.record.store import Record, read_record
from pinekeep.decisions.access.live import document
from pinekeep.model import naming
from pinekeep.model.arns import KeyArn, role_arn
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import further_stacks, stacks_of
from pinekeep.model.facts import aws, stack_status
from pinekeep.model.naming import Output
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.grants import Grant, parse_grants
from pinekeep.operations.plan.cloudformation import DeployedStack, Target, Version, describe_stack, outputs_of
from pinekeep.operations.plan.meaning import LiveAccess
from pinekeep.operations.plan.state import KEY_TYPE, ROLE_TYPE, Template, deployed_endpoints, resources

_ABSENT = frozenset({"NoSuchEntity", "NotFoundException"})
_ENABLED = "Enabled"
_IMPORTED = "IMPORT_COMPLETE"
_SIDE_BY_SIDE = 3

ExistingStacks = Callable[[Deployment], frozenset[str]]
"""Returns the names of the existing stacks of storage and monitoring in a deployment's account and Region."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A deployment as it is: its stacks, and the record of the handover, if any.

    ``cmek`` and ``link``: the stack of role and key, and the endpoint's, whether they exist or not. ``further``: those
    of the file's other parts, and others of the deployment that exist. ``former`` are deployments that exist under
    another name or in another Region, while this one does not; ``gone_endpoints`` those of the stack or of the record
    that no longer exist.
    """

    cmek: DeployedStack
    link: DeployedStack
    further: tuple[DeployedStack, ...] = ()
    record: Record | None = None
    live: LiveAccess = field(default_factory=LiveAccess)
    former: tuple[Former, ...] = ()
    gone_endpoints: frozenset[str] = frozenset()

    @property
    def stacks(self) -> tuple[DeployedStack, ...]:
        """All of them, in the order in which they are deployed."""
        return self.cmek, self.link, *self.further

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of all."""
        return {name: value for each in self.stacks for name, value in each.outputs.items()}


def target_of(stack: DeployedStack, clients: Clients) -> Target:
    """Return a stack as one to make a change set for; the clients act as the bootstrap's role for deployments."""
    return Target(**vars(stack), clients=acting_on(stack, clients))


def acting_on(stack: DeployedStack, clients: Clients) -> Clients:
    """Return the clients of the Region that a stack is in, of those of the deployment's."""
    return clients.in_region(stack.region) if stack.region else clients


def read_deployed(
    name: str, deployment: Deployment, *, named: Collection[str], access: Access, existing: ExistingStacks
) -> Deployed:
    """Return a deployment as it is; ``named`` are the names of all deployments of the file.

    At most twelve calls, two more for a permissions boundary and for each further stack, and more if the grants fill
    several pages. A deployment without role and key yet is looked for under other names and in other Regions.
    ``existing`` returns the further stacks that exist in the deployment's account and Region.

    Raises:
        AwsRefusedError: AWS refuses to show the stacks or the record.
        PinekeepError: the record is invalid.
    """
    clients = access.clients_for(deployment)
    with refusals_told(), ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        reading = pool.submit(read_stack, clients, naming.private_link_stack(name))
        record_reading = pool.submit(read_record, clients, name)
        further_reading = pool.submit(_read_further, name, deployment, clients, existing)
        cmek = read_stack(clients, naming.cmek_stack(name))
        live = _live(clients, cmek)
        link, record, further = reading.result(), record_reading.result(), further_reading.result()
        known = {
            *deployed_endpoints(link.template, link.outputs).ids,
            *(record.handed_over.registered_endpoints if record else ()),
        }
        gone = gone_endpoints(clients, known)
    now = Deployed(cmek=cmek, link=link, further=further, record=record, live=live, gone_endpoints=gone)
    if deployment.cmek is None:
        return now
    with refusals_told():
        if deployment.permissions_boundary is not None:
            boundaries = read_boundaries(clients, [deployment.permissions_boundary])
            now = replace(now, live=replace(now.live, boundaries=boundaries))
        if cmek.template is None:
            now = replace(now, former=former_deployments(name, deployment, named=named, clients_for=clients.in_region))
    return now


def _read_further(
    name: str, deployment: Deployment, clients: Clients, existing: ExistingStacks
) -> tuple[DeployedStack, ...]:
    """Return the stacks of storage and monitoring that are in the file, and those that exist and are not."""
    stacks = further_stacks(name, deployment)
    wanted = set(stacks_of(name, deployment))
    there = existing(deployment) if set(stacks) - wanted else frozenset()
    if naming.monitoring_stack(name) in there:
        there |= {naming.global_monitoring_stack(name)}
    found = (
        read_stack(clients, stack, region=region)
        for stack, region in stacks.items()
        if stack in wanted or stack in there
    )
    return tuple(each for each in found if each.name in wanted or each.status is not None)


def read_stack(clients: Clients, name: str, *, region: str | None = None) -> DeployedStack:
    """Return a stack as it is, with what was deployed last. ``region``: where it is not in the clients' Region."""
    elsewhere = region if region != clients.region else None
    with refusals_told(elsewhere):
        found = _read_stack(clients.in_region(elsewhere) if elsewhere else clients, name)
    return replace(found, region=elsewhere)


def _read_stack(clients: Clients, name: str) -> DeployedStack:
    client = clients.client("cloudformation")
    found = describe_stack(client, name)
    if found is None:
        return DeployedStack(name=name)
    status = str(found["StackStatus"])
    deployed = status not in stack_status.NEVER_CREATED
    template = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"] if deployed else None
    return DeployedStack(
        name=name,
        status=status,
        protected=bool(found.get("EnableTerminationProtection")),
        outputs={**(_imported(client, name, template) if status == _IMPORTED else {}), **outputs_of(found)},
        template=template,
        version=Version.of(found),
        parameters=frozenset(each["ParameterKey"] for each in found.get("Parameters") or ()),
    )


def _imported(client: Any, stack: str, template: Template | None) -> dict[str, str]:
    """Return the outputs that a stack will have after an import, which may not change outputs."""
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
        what: str, call: Callable[[], Any], absent: Any = None, nothing: str = "what was deployed last is taken for it"
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
        found = read(f"role {role}", lambda role=role: iam.get_role(RoleName=role)["Role"])
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


def read_boundaries(clients: Clients, arns: Iterable[str]) -> dict[str, Policy]:
    """Return the documents of managed policies by ARN. Two calls for each.

    A policy that does not exist, or that these credentials may not read, is left out: what it allows is undecided.

    Raises:
        botocore.exceptions.ClientError: AWS refuses for another reason.
    """
    found = {arn: managed_policy(partial(ask, clients), arn) for arn in dict.fromkeys(arns)}
    return {arn: document(each) for arn, each in found.items() if each is not None and not isinstance(each, Unreadable)}
