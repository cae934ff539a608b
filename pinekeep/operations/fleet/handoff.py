"""The values of a fleet's targets for the Pinecone console, from what AWS has.

A target has all of its values or none: one that is not deployed, differs from the file or cannot be read is listed with
the reason instead.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.stack_sets import Instance
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.config.fleet.handover import Place, joined
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.handover.file import Handover, digest
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.config.roles import grant_holders
from pinekeep.model.customers.packing import Packing, pack
from pinekeep.model.facts import pinecone, stack_status
from pinekeep.model.naming import Output
from pinekeep.model.output.fleet_handoff import FleetHandoffMissing, FleetHandoffOutput, FleetHandoffTarget
from pinekeep.model.output.handoff import FieldOutput, PageOutput
from pinekeep.operations.handoff.console import handoff
from pinekeep.operations.handoff.warnings import key_warnings
from pinekeep.operations.plan.cloudformation import outputs_of
from pinekeep.operations.release.parameters import TRUST, Subject

SIDE_BY_SIDE: Final = 16
"""The accounts that are read at the same time. Each has API rates of its own."""
_KEY_NAME: Final = "Key name"
_HIDDEN: Final = "****"
"""What CloudFormation shows of a parameter with NoEcho."""

ClientsFor = Callable[[Target], Clients]


@dataclass(frozen=True, kw_only=True)
class DeployedTarget:
    """A target that is deployed as the file has it. ``outputs``: of its stack. ``warnings``: about its own key."""

    target: Target
    outputs: Mapping[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MissingTarget:
    """A target without values to hand over, with the reason and what to do about it."""

    target: Target
    reason: str
    fix: str | None = None


def place_of(target: Target) -> Place:
    """Return the account and Region of a target."""
    return target.account, target.region


def read_deployed(
    targets: FleetTargets,
    instances: Iterable[Instance],
    clients_for: ClientsFor,
    *,
    handovers: Mapping[Place, Handover] | None = None,
) -> tuple[list[DeployedTarget], list[MissingTarget]]:
    """Return the targets that are deployed as the file has them, and the others. Two calls a target, side by side.

    ``clients_for`` returns clients that may read an account; it has to be thread-safe. ``handovers``: what Pinecone was
    given for the fleet; a target whose deployed values differ from it has nothing to hand over.
    """
    by_place = {each.place: each for each in instances}

    def read(target: Target) -> DeployedTarget | MissingTarget:
        found = _read(targets, target, by_place.get(place_of(target)), clients_for)
        return _as_recorded(targets, found, handovers or {})

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="handoff") as pool:
        found = list(pool.map(read, targets.targets))
    return (
        [each for each in found if isinstance(each, DeployedTarget)],
        [each for each in found if isinstance(each, MissingTarget)],
    )


def not_deployed(name: str, target: Target, instance: Instance | None) -> MissingTarget | None:
    """Return why a target has no stack of the fleet ``name``; None where it has one."""
    deploy = f"`pinekeep fleet deploy --fleet {name} --account {target.account}` deploys it"
    if instance is None:
        return MissingTarget(target=target, reason="it is not deployed yet", fix=deploy)
    because = f": {' '.join(instance.reason.split())}" if instance.reason else ""
    if instance.stack_id is None:
        return MissingTarget(target=target, reason=f"its stack was not created{because}", fix=deploy)
    if instance.status == "INOPERABLE":
        return MissingTarget(
            target=target,
            reason=f"StackSets can no longer operate its stack{because}",
            fix=f"`pinekeep fleet status --fleet {name}` says what to do",
        )
    return None


def _read(
    targets: FleetTargets, target: Target, instance: Instance | None, clients_for: ClientsFor
) -> DeployedTarget | MissingTarget:
    missing = not_deployed(targets.name, target, instance)
    stack_id = instance.stack_id if instance is not None else None
    if missing is not None or stack_id is None:
        return missing or MissingTarget(target=target, reason="it is not deployed yet")
    try:
        clients = clients_for(target)
        stack = _stack(clients, stack_id)
    except PinekeepError as error:
        return MissingTarget(target=target, reason=f"its stack cannot be read: {error.message}", fix=error.hint)
    if stack is None:
        return MissingTarget(
            target=target,
            reason="its stack is gone",
            fix=f"`pinekeep fleet status --fleet {targets.name}` shows what became of it",
        )
    status = str(stack["StackStatus"])
    if status not in stack_status.COMPLETE:
        return MissingTarget(
            target=target,
            reason=f"its stack is in the state {status}",
            fix=stack_status.remedy(status, name=str(stack["StackName"]), region=target.region),
        )
    outputs, plan = outputs_of(stack), f"`pinekeep fleet plan --fleet {targets.name}` shows the difference"
    if lacking := _lacking(target.deployment, outputs):
        return MissingTarget(target=target, reason=f"its stack has no output {lacking}", fix=plan)
    if differing := _differing(targets, target, stack, outputs):
        reason = f"it is deployed with another {differing} than the file has"
        return MissingTarget(target=target, reason=reason, fix=plan)
    return DeployedTarget(target=target, outputs=outputs, warnings=_warnings(targets.name, target, clients, outputs))


@refusals_told()
def _stack(clients: Clients, stack_id: str) -> Any:
    """Return a stack by its ID, which also finds a deleted one; None if it was deleted."""
    (found,) = clients.client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def _lacking(deployment: Deployment, outputs: Mapping[str, str]) -> Output | None:
    needed: list[Output] = []
    if deployment.cmek is not None:
        needed += [Output.ROLE_ARN, Output.EXTERNAL_ID]
        needed += [Output.KEY_ARN] if deployment.cmek.has_own_key else []
    if deployment.private_link is not None:
        needed.append(Output.VPC_ENDPOINT_ID)
    return next((each for each in needed if not outputs.get(each)), None)


def _differing(
    targets: FleetTargets, target: Target, stack: Mapping[str, Any], outputs: Mapping[str, str]
) -> str | None:
    """Return the value of those that Pinecone keeps for good in which a stack differs from the file."""
    deployment, cmek = target.deployment, target.deployment.cmek
    if cmek is None:
        return None
    if outputs[Output.ROLE_ARN] != role_arn_of(targets.name, deployment):
        return "role"
    if outputs[Output.EXTERNAL_ID] != cmek.trust.external_id:
        return "external ID"
    if cmek.key.adopt is not None and outputs.get(Output.KEY_ARN) != cmek.key.adopt:
        return "key"
    deployed = {each["ParameterKey"]: each.get("ParameterValue") for each in stack.get("Parameters") or ()}
    subject = Subject(
        name=targets.name,
        deployment=deployment,
        pinecone_account=targets.pinecone_account,
        role_region=target.role_region,
    )
    different = (each.name for each in TRUST if deployed.get(each.name, _HIDDEN) not in (_HIDDEN, each.value(subject)))
    return next((f"value of {name}" for name in different), None)


def _warnings(name: str, target: Target, clients: Clients, outputs: Mapping[str, str]) -> tuple[str, ...]:
    cmek = target.deployment.cmek
    if cmek is None or not cmek.has_own_key:
        return ()
    holders = grant_holders(name, target.deployment, _packing(target.deployment))
    return tuple(key_warnings(outputs[Output.KEY_ARN], clients, holders))


def _packing(deployment: Deployment) -> Packing | None:
    """Return the places of a target's customers: a released template has one role for them."""
    return pack(customer_keys_of(deployment)) if deployment.cmek and deployment.cmek.customer_keys else None


def _as_recorded(
    targets: FleetTargets, found: DeployedTarget | MissingTarget, handovers: Mapping[Place, Handover]
) -> DeployedTarget | MissingTarget:
    if isinstance(found, MissingTarget) or found.target.deployment.cmek is None:
        return found
    place = place_of(found.target)
    known = {place: handovers[place]} if place in handovers else {}
    _, conflicts = joined(known, [handover_of(targets, found, recorded_at="")])
    if not conflicts:
        return found
    return MissingTarget(
        target=found.target,
        reason=f"Pinecone was given another {conflicts[0].value}, by the record beside the configuration file",
        fix="Pinecone cannot be given another: restore what it was given, or correct the record if it is wrong",
    )


def handover_of(targets: FleetTargets, deployed: DeployedTarget, *, recorded_at: str) -> Handover:
    """Return what Pinecone is given for good of a deployed target. Raises ValueError if it has no ``cmek``."""
    target, cmek = deployed.target, deployed.target.deployment.cmek
    if cmek is None:
        raise ValueError(f"{target.account}/{target.region} has no cmek")
    regions = cmek.trust.regions
    return Handover(
        account=target.account,
        region=target.region,
        role_arn=deployed.outputs[Output.ROLE_ARN],
        key_arn=deployed.outputs.get(Output.KEY_ARN) if cmek.has_own_key else None,
        key_adopted=cmek.key.adopt is not None,
        external_id=digest(cmek.trust.external_id),
        pinecone_account=targets.pinecone_account,
        regions="all" if regions == "all" else tuple(sorted(regions)),
        recorded_at=recorded_at,
    )


# --- The pages of the console ---


def handoff_output(
    targets: FleetTargets, deployed: Sequence[DeployedTarget], missing: Sequence[MissingTarget]
) -> FleetHandoffOutput:
    """Return the values to enter, in the order of the targets."""
    pages = [(each, page) for each in deployed for page in _pages(targets.name, each)]
    first = pages[0][1] if pages else None
    return FleetHandoffOutput(
        fleet=targets.name,
        console=pinecone.CONSOLE,
        path=first.path if first else None,
        warnings=list(first.warnings) if first else [],
        targets=[
            FleetHandoffTarget(
                account=each.target.account,
                region=each.target.region,
                project=each.target.deployment.pinecone.project if each.target.deployment.pinecone else None,
                title=page.title,
                fields=_fields(targets.name, each.target, page),
                warnings=list(each.warnings),
            )
            for each, page in pages
        ],
        missing=[
            FleetHandoffMissing(
                account=each.target.account, region=each.target.region, reason=each.reason, fix=each.fix
            )
            for each in missing
        ]
        + [
            FleetHandoffMissing(account=account, region=None, reason=reason, fix="write a row for it")
            for account, reason in targets.incomplete
        ],
    )


def _pages(name: str, deployed: DeployedTarget) -> list[PageOutput]:
    deployment = deployed.target.deployment
    packing = _packing(deployment)
    return handoff({name: deployment}, {name: deployed.outputs}, customers={name: packing} if packing else None).pages


def _fields(name: str, target: Target, page: PageOutput) -> list[FieldOutput]:
    """Return the fields of a page. The keys of a fleet's projects have names of their own."""
    key_name = f"{name}-{target.account}-{target.region}"
    return [
        each.model_copy(update={"value": key_name}) if (each.label, each.value) == (_KEY_NAME, name) else each
        for each in page.fields
    ]
