"""The order of execution, and stacks that refer to others."""

from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.operations.deployment.execution import execute
from pinekeep.operations.plan.change_sets import Review
from pinekeep.operations.plan.changes import Action, Change, ChangeSet, Replacement
from pinekeep.operations.plan.cloudformation import DeployedStack
from pinekeep.operations.plan.planning import DeploymentPlan, Plan, StackPlan

STORAGE, MONITORING = naming.storage_stack("x"), naming.monitoring_stack("x")
GLOBAL = naming.global_monitoring_stack("x")
DEPLOYMENT = Deployment.model_validate(
    {
        "account": "111122223333",
        "region": "eu-west-1",
        "audit_logs": {"bucket": {"name": "x-audit-logs", "lock": "none"}},
        "monitoring": {"emails": ["ops@example.com"]},
    }
)
NOTHING = "The submitted information didn't contain changes."


class FakeCloudFormation:
    """Executes change sets at once, and says what was done, with the Region."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, str]] = []
        self._executed: set[str] = set()

    def client(self, service_name: str, *, region_name: str, config: Any) -> "_InRegion":
        return _InRegion(self, region_name)


class _InRegion:
    def __init__(self, fake: FakeCloudFormation, region: str) -> None:
        self._fake, self._region = fake, region

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        executed = StackName in self._fake._executed
        return {"Stacks": [{"StackStatus": "UPDATE_COMPLETE" if executed else "CREATE_COMPLETE"}]}

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        event = {"EventId": "1", "ResourceStatus": "UPDATE_COMPLETE", "ResourceType": "x", "LogicalResourceId": "y"}
        count = sum(each[:2] == ("executed", StackName) for each in self._fake.done)
        return {"StackEvents": [{**event, "EventId": str(number)} for number in reversed(range(count))]}

    def execute_change_set(self, StackName: str, **_: Any) -> None:  # noqa: N803
        self._fake._executed.add(StackName)
        self._fake.done.append(("executed", StackName, self._region))

    def update_termination_protection(self, StackName: str, **_: Any) -> None:  # noqa: N803
        self._fake.done.append(("protected", StackName, self._region))


def change_set(stack: str, *changes: Change, reason: str | None = None) -> ChangeSet:
    return ChangeSet(
        stack=stack, name="arn:set", stack_id=stack, executable=reason is None, reason=reason, changes=changes
    )


def removal(stack: str) -> Change:
    return Change(stack=stack, logical_id="Rule", type="AWS::Events::Rule", action=Action.REMOVE)


def run(fake: FakeCloudFormation, review: Review, *stacks: StackPlan) -> bool:
    one = DeploymentPlan(name="x", deployment=DEPLOYMENT, stacks=stacks, findings=(), record=None)
    access: Any = None
    return execute(Plan(deployments=(one,), review=review), access=access, tell=lambda _: None)


def stack_of(fake: FakeCloudFormation, name: str, **others: Any) -> StackPlan:
    region = "us-east-1" if name == GLOBAL else None
    clients = Clients(fake, region or "eu-west-1")
    return StackPlan(now=DeployedStack(name=name, region=region, template={"Resources": {}}), clients=clients, **others)


def remade(fake: FakeCloudFormation, review: Review, *made: ChangeSet) -> Review:
    """Have change sets made later."""
    found = {each.stack: each for each in made}

    def remake(stack: str) -> ChangeSet:
        fake.done.append(("made", stack, ""))
        review.sets[stack] = found[stack]
        return found[stack]

    review.remake = remake
    return review


def test_the_stack_of_the_audit_bucket_is_protected_and_each_is_executed_in_its_region() -> None:
    fake = FakeCloudFormation()
    review = Review({each: change_set(each) for each in (STORAGE, GLOBAL)})
    assert run(fake, review, stack_of(fake, STORAGE, would_change=True), stack_of(fake, GLOBAL, would_change=True))
    assert fake.done == [
        ("protected", STORAGE, "eu-west-1"),
        ("executed", STORAGE, "eu-west-1"),
        ("executed", GLOBAL, "us-east-1"),
    ]


@pytest.mark.parametrize("late", [True, False])
def test_what_refers_to_a_stack_gets_its_change_set_after_it(late: bool) -> None:
    fake = FakeCloudFormation()
    review = remade(fake, Review({STORAGE: change_set(STORAGE)}), change_set(MONITORING))
    monitoring = stack_of(fake, MONITORING, would_change=late, late=late, refers_to=(STORAGE,))
    assert run(fake, review, stack_of(fake, STORAGE, would_change=True), monitoring)
    assert [each[:2] for each in fake.done[1:]] == [
        ("executed", STORAGE),
        ("made", MONITORING),
        ("executed", MONITORING),
    ]


def test_where_the_others_do_not_change_the_reviewed_change_set_is_executed() -> None:
    fake = FakeCloudFormation()
    review = remade(fake, Review({MONITORING: change_set(MONITORING)}))
    monitoring = stack_of(fake, MONITORING, would_change=True, refers_to=(STORAGE,))
    assert run(fake, review, stack_of(fake, STORAGE), monitoring)
    assert [each[0] for each in fake.done] == ["protected", "executed"]


def test_an_empty_change_set_is_not_executed() -> None:
    fake = FakeCloudFormation()
    review = remade(fake, Review({STORAGE: change_set(STORAGE)}), change_set(MONITORING, reason=NOTHING))
    monitoring = stack_of(fake, MONITORING, refers_to=(STORAGE,))
    assert run(fake, review, stack_of(fake, STORAGE, would_change=True), monitoring)
    assert ("executed", MONITORING, "eu-west-1") not in fake.done


@pytest.mark.parametrize("kind", ["removed", "replaced"])
def test_what_was_not_reviewed_is_neither_removed_nor_replaced(kind: str) -> None:
    fake = FakeCloudFormation()
    change = removal(MONITORING)
    if kind == "replaced":
        change = Change(
            stack=MONITORING, logical_id="Rule", type="x", action=Action.MODIFY, replacement=Replacement.ALWAYS
        )
    review = remade(fake, Review({STORAGE: change_set(STORAGE)}), change_set(MONITORING, change))
    monitoring = stack_of(fake, MONITORING, would_change=True, refers_to=(STORAGE,))
    storage = stack_of(fake, STORAGE, would_change=True)
    with pytest.raises(PinekeepError, match="it would remove or replace Rule"):
        run(fake, review, storage, monitoring)
    assert ("executed", MONITORING, "eu-west-1") not in fake.done
    reviewed = stack_of(fake, MONITORING, would_change=True, refers_to=(STORAGE,), changes=(change,))
    assert run(fake, review, storage, reviewed)
