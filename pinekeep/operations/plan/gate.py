"""What a deployment lets through, and what it refuses. Pure."""

from collections.abc import Collection, Sequence

from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model import naming
from pinekeep.operations.plan.classify import Finding
from pinekeep.operations.plan.kinds import Kind
from pinekeep.operations.plan.planning import DeploymentPlan, Plan
from pinekeep.operations.plan.rules import KEY_LOST, KEY_REMOVED

_NEVER = (
    "change the file back; key, role and alias are never removed or replaced here, and under the stack policy not by "
    "`cdk deploy` either"
)
_HANDED_OVER = (
    "change the file back. Pinecone keeps what it was given: what must be otherwise is set up beside it, as a "
    "deployment of its own for a new project"
)


def require_deployable(plan: Plan) -> None:
    """See that nothing stands against a plan that no word of the user's could outweigh.

    Raises:
        AwsRefusedError: a stack is in a state that nothing can be deployed over.
        PinekeepError: the plan destroys something, or breaks what was handed over to Pinecone.
    """
    for each in plan.deployments:
        for stack in each.stacks:
            if stack.blocked:
                hint = stack.blocked
                if stack.name == naming.private_link_stack(each.name):
                    hint += _key_alone(each)
                raise AwsRefusedError(f"stack {stack.name} is in state {stack.now.status}", hint=hint)
    for each in plan.deployments:
        if each.kind is Kind.DESTROYS:
            raise PinekeepError(f"{each.name} is not deployed: {_told(each, Kind.DESTROYS)}", hint=_hint(each))
    for each in plan.deployments:
        if found := given_up(each):
            on = f"it was handed over to Pinecone on {each.record.recorded_at}, and " if each.record else ""
            raise PinekeepError(f"{each.name} is not deployed: {on}{_first(found)}", hint=_way(each, found))


def to_be_accepted(plan: Plan, accepted: Collection[str]) -> list[DeploymentPlan]:
    """Return the deployments that break Pinecone, and that the user has not accepted by name yet.

    Args:
        plan: one that :func:`require_deployable` lets through.

    Raises:
        WrongInputError: a name is none of the deployments'.
    """
    known = [each.name for each in plan.deployments]
    for name in accepted:
        if name not in known:
            raise WrongInputError(
                f"--accept-breaking {name}: no such deployment is being deployed", hint=f"there are {', '.join(known)}"
            )
    return [each for each in plan.deployments if each.kind is Kind.BREAKS and each.name not in accepted]


def given_up(plan: DeploymentPlan) -> list[Finding]:
    """Return what no word of the user's outweighs: what would break what was handed over, and what AWS would refuse.

    An endpoint counts only while one is registered and live. Pinecone can be given another one.
    """

    def is_handed_over(found: Finding) -> bool:
        return plan.has_registered_endpoint if found.rule.of_endpoint else plan.record is not None

    return [each for each in plan.findings if each.kind is Kind.BREAKS and (each.rule.fails or is_handed_over(each))]


def would_be_refused(plan: Plan) -> bool:
    """Whether ``deploy`` would refuse, or ask for more than a yes."""
    return plan.blocked or plan.kind in (Kind.BREAKS, Kind.DESTROYS)


def _hint(plan: DeploymentPlan) -> str:
    """Return what to do instead of what would destroy something. No change of the file brings a lost key back."""
    if any(each.rule.id == KEY_LOST for each in plan.findings):
        return (
            "while the key waits for its deletion, that can be cancelled: "
            f"`pinekeep verify --deployment {plan.name}` prints the commands; a key that is gone cannot be brought "
            "back, so ask Pinecone's support before anything else"
        )
    cmek = plan.deployment.cmek
    if cmek is not None and not cmek.has_own_key and any(each.rule.id == KEY_REMOVED for each in plan.findings):
        return (
            "with customer_keys alone there is no key of your own: write key: {} beside them, under cmek of "
            f"{plan.name}, and it stays; {_NEVER}"
        )
    return _NEVER


def _told(plan: DeploymentPlan, kind: Kind) -> str:
    return _first([each for each in plan.findings if each.kind is kind])


def _first(found: Sequence[Finding]) -> str:
    return found[0].what + (f" (and {len(found) - 1} more, above)" if len(found) > 1 else "")


def _way(plan: DeploymentPlan, found: Sequence[Finding]) -> str:
    """Return what to do instead. Where the endpoint alone is in the way, the key's side is deployed without it."""
    if not all(each.rule.of_endpoint for each in found):
        return _HANDED_OVER
    way = next((each.rule.way for each in found if each.rule.way), _HANDED_OVER)
    return way.format(name=plan.name) + _key_alone(plan)


def _key_alone(plan: DeploymentPlan) -> str:
    if plan.deployment.cmek is None:
        return ""
    return f"; role and key are deployed without it: pinekeep deploy --only cmek --deployment {plan.name}"
