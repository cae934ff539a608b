"""Which plans may be deployed. Pure."""

from collections.abc import Collection, Sequence
from typing import Final

from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model import naming
from pinekeep.operations.plan.classify import Finding
from pinekeep.operations.plan.planning import DeploymentPlan, Plan
from pinekeep.operations.plan.rule_table import KEY_LOST, KEY_REMOVED
from pinekeep.operations.plan.rules import Kind

_REVERT = (
    "revert the change of the file; key, role and alias are never removed or replaced, and the stack policy keeps "
    "`cdk deploy` from it too"
)
_BY_NAME: Final = (Kind.WEAKENS, Kind.BREAKS)
"""What is deployed when the deployment's name is given."""
_HANDED_OVER = (
    "revert the change of the file. Pinecone keeps the values it was given: for other values, add a deployment of its "
    "own for a new project"
)


def require_deployable(plan: Plan) -> None:
    """Check that a plan may be deployed, as far as the user cannot accept it.

    Raises:
        AwsRefusedError: a stack is in a state that cannot be deployed over.
        PinekeepError: the plan destroys something, or breaks what was handed over to Pinecone.
    """
    for each in plan.deployments:
        for stack in each.stacks:
            if stack.blocked:
                hint = stack.blocked
                if stack.name == naming.private_link_stack(each.name):
                    hint += _key_alone(each)
                raise AwsRefusedError(f"stack {stack.now.place} is in state {stack.now.status}", hint=hint)
    for each in plan.deployments:
        if each.kind is Kind.DESTROYS:
            raise PinekeepError(f"{each.name} is not deployed: {_summary_of(each, Kind.DESTROYS)}", hint=_hint(each))
    for each in plan.deployments:
        if found := unacceptable(each):
            on = f"it was handed over to Pinecone on {each.record.recorded_at}, and " if each.record else ""
            raise PinekeepError(f"{each.name} is not deployed: {on}{_first(found)}", hint=_remedy(each, found))


def to_be_accepted(plan: Plan, accepted: Collection[str]) -> list[DeploymentPlan]:
    """Return the deployments that break Pinecone or weaken a protection, and that the user has not accepted by name.

    The plan is one that :func:`require_deployable` lets through.

    Raises:
        WrongInputError: a name is none of the deployments'.
    """
    known = [each.name for each in plan.deployments]
    for name in accepted:
        if name not in known:
            raise WrongInputError(
                f"--accept-breaking {name}: no such deployment is being deployed",
                hint=f"being deployed: {', '.join(known)}",
            )
    return [each for each in plan.deployments if each.kind in _BY_NAME and each.name not in accepted]


def reason_to_accept(plan: DeploymentPlan) -> tuple[str, str]:
    """Return why a deployment's name is asked for, and when it may be given in advance."""
    if plan.kind is Kind.WEAKENS:
        return f"this weakens a protection: {_summary_of(plan, Kind.WEAKENS)}", "if that is intended"
    if any(not each.rule.changeable for each in plan.findings if each.kind is Kind.BREAKS):
        return "this breaks Pinecone if it was given any values; no handover is recorded", (
            "if Pinecone was given no values yet"
        )
    return f"this breaks Pinecone: {_summary_of(plan, Kind.BREAKS)}", "if that is intended"


def unacceptable(plan: DeploymentPlan) -> list[Finding]:
    """Return the findings that nobody can accept: they break what was handed over, or AWS would refuse them.

    Findings about the endpoint count only while a registered one is live; Pinecone accepts another.
    """

    def is_handed_over(found: Finding) -> bool:
        if found.rule.changeable:
            return False
        return plan.has_registered_endpoint if found.rule.of_endpoint else plan.record is not None

    return [each for each in plan.findings if each.kind is Kind.BREAKS and (each.rule.fails or is_handed_over(each))]


def would_be_refused(plan: Plan) -> bool:
    """Whether ``deploy`` would refuse, or ask for more than a yes."""
    return plan.blocked or plan.kind in (*_BY_NAME, Kind.DESTROYS)


def _hint(plan: DeploymentPlan) -> str:
    """Return what to do instead of a destructive change. No change of the file restores a lost key."""
    if any(each.rule.id == KEY_LOST for each in plan.findings):
        return (
            "while the deletion of the key is pending, it can be cancelled: "
            f"`pinekeep verify --deployment {plan.name}` prints the commands; a key that is gone cannot be brought "
            "back, so ask Pinecone's support before anything else"
        )
    cmek = plan.deployment.cmek
    if cmek is not None and not cmek.has_own_key and any(each.rule.id == KEY_REMOVED for each in plan.findings):
        return (
            "with customer_keys alone there is no key of your own: to keep it, write key: {} beside them, under "
            f"cmek of {plan.name}; {_REVERT}"
        )
    remedies = {each.rule.remedy for each in plan.findings if each.kind is Kind.DESTROYS}
    if None not in remedies:
        return "revert the change of the file; " + "; ".join(sorted(filter(None, remedies))).format(name=plan.name)
    return _REVERT


def _summary_of(plan: DeploymentPlan, kind: Kind) -> str:
    return _first([each for each in plan.findings if each.kind is kind])


def _first(found: Sequence[Finding]) -> str:
    return found[0].what + (f" (and {len(found) - 1} more, above)" if len(found) > 1 else "")


def _remedy(plan: DeploymentPlan, found: Sequence[Finding]) -> str:
    """Return what to do instead. If only the endpoint is affected, role and key can be deployed without it."""
    if not all(each.rule.of_endpoint for each in found):
        return _HANDED_OVER
    remedy = next((each.rule.remedy for each in found if each.rule.remedy), _HANDED_OVER)
    return remedy.format(name=plan.name) + _key_alone(plan)


def _key_alone(plan: DeploymentPlan) -> str:
    if plan.deployment.cmek is None:
        return ""
    return f"; to deploy role and key without it: pinekeep deploy --only cmek --deployment {plan.name}"
