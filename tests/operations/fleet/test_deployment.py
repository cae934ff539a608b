"""Deploying a reviewed plan: what runs, and what the results say."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from pinekeep.account.reads.stack_sets import Instance
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model.output.fleet_deployment import FleetDeployOutput
from pinekeep.operations.fleet import deployment, proof
from pinekeep.operations.fleet.deployment import deploy, limits_of
from pinekeep.operations.fleet.fingerprints import Fingerprints
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.operations import Action, Batch
from pinekeep.operations.fleet.outcomes import Execution, Limits, Outcome
from pinekeep.operations.fleet.planning import plan_fleet
from pinekeep.operations.fleet.plans import FleetPlan
from pinekeep.operations.fleet.proof import desired_of
from tests.operations.fleet.fleets import ADMINISTRATOR, FIRST, SECOND, targets
from tests.operations.fleet.stack_sets_aws import Aws

pytestmark = pytest.mark.process

EAST, EU = "us-east-1", "eu-west-1"
Run = Callable[..., FleetDeployOutput]


@pytest.fixture(autouse=True)
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every template for proved, which takes long."""
    monkeypatch.setattr(proof, "_unproved", lambda *_: [])


@pytest.fixture
def aws() -> Aws:
    return Aws(accounts=dict.fromkeys((ADMINISTRATOR, FIRST, SECOND), "ACTIVE"))


def plan_of(aws: Aws) -> FleetPlan:
    return plan_fleet(targets(), clients=aws.clients(), fingerprints=lambda _: Fingerprints.none())


@pytest.fixture
def run(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Deploy a plan; the operations have these outcomes, and the instances are these afterwards."""

    def run_(
        plan: FleetPlan,
        outcomes: dict[tuple[str, str], Outcome],
        after: Iterable[Instance] = (),
        refusal: AwsRefusedError | None = None,
    ) -> FleetDeployOutput:
        done = Execution(started=len(outcomes), refusal=refusal)
        for place, each in outcomes.items():
            done.record(place, each)
        observations = iter([plan.observed, Observed(instances={each.place: each for each in after})])
        monkeypatch.setattr(deployment, "execute", lambda *_, **__: done)
        monkeypatch.setattr(deployment, "read_observed", lambda *_, **__: next(observations))
        monkeypatch.setattr(deployment.StackSetCalls, "create", lambda *_, **__: None)
        return deploy(plan, clients=aws.clients(), tell=lambda _: None)

    return run_


def created(plan: FleetPlan, **outcomes: Outcome) -> dict[tuple[str, str], Outcome]:
    """Return outcomes of a deployment that succeeds, but for some accounts."""
    return {
        place: outcomes.get(f"a{place[0]}", Outcome(status="SUCCEEDED", operation="op"))
        for place in plan.desired.instances
    }


def current(plan: FleetPlan) -> list[Instance]:
    return [Instance(account=account, region=region, stack_id="arn") for account, region in plan.desired.instances]


def of(output: FleetDeployOutput, account: str, region: str) -> Any:
    return next(each for each in output.instances if (each.account, each.region) == (account, region))


def test_what_succeeded_is_created(aws: Aws, run: Run) -> None:
    plan = plan_of(aws)
    output = run(plan, created(plan), current(plan))
    assert output.counts == {"created": 4}
    assert (output.changed, output.operations, output.refused) == (True, 4, None)


def test_an_account_outside_the_units_is_a_failure(aws: Aws, run: Run) -> None:
    plan = plan_of(aws)
    output = run(plan, created(plan), [each for each in current(plan) if each.account != FIRST])
    assert of(output, FIRST, EAST).result == "failed"
    assert "not in the units" in of(output, FIRST, EAST).reason
    assert of(output, SECOND, EAST).result == "created"


def test_a_suspended_account_is_a_failure_with_what_to_do(aws: Aws, run: Run) -> None:
    plan = plan_of(aws)
    after = [
        replace(each, detailed_status="SKIPPED_SUSPENDED_ACCOUNT") if each.account == FIRST else each
        for each in current(plan)
    ]
    found = of(run(plan, created(plan), after), FIRST, EAST)
    assert found.result == "failed"
    assert "reopened" in found.hint


def test_a_failure_has_the_reason_of_aws_and_a_hint(aws: Aws, run: Run) -> None:
    plan = plan_of(aws)
    reason = "ResourceLogicalId:Role, ResourceStatusReason:pinekeep-search already exists."
    bad = Outcome(status="FAILED", reason=reason, operation="op")
    found = of(run(plan, created(plan, **{f"a{FIRST}": bad}), current(plan)), FIRST, EAST)
    assert (found.result, found.reason, found.operation) == ("failed", reason, "op")
    assert "if Pinecone uses it, it must stay" in found.hint


def test_a_reason_does_not_repeat_the_external_id(aws: Aws, run: Run) -> None:
    plan = plan_of(aws)
    secret = plan.desired.instances[FIRST, EAST].overrides["ExternalId"]
    after = [
        replace(each, status="OUTDATED", reason=f"{secret} is not valid") if each.account == FIRST else each
        for each in current(plan)
    ]
    assert of(run(plan, created(plan), after), FIRST, EAST).reason == "… is not valid"


def test_a_refusal_is_part_of_the_results(aws: Aws, run: Run) -> None:
    plan = plan_of(aws)
    left = Outcome(status="NOT_STARTED", reason="AWS refused before it")
    refusal = AwsRefusedError("AWS does not allow it", hint="allow it")
    output = run(plan, created(plan, **{f"a{SECOND}": left}), current(plan), refusal)
    assert (output.refused, output.refused_fix) == ("AWS does not allow it", "allow it")
    assert output.counts == {"created": 2, "not-started": 2}


def test_limits_are_those_of_the_file() -> None:
    settings = targets().fleet.operation.model_copy(update={"concurrent_accounts": 7, "failed_accounts": 2})
    assert limits_of(settings) == Limits(concurrent=7, failed=2, strict=True)


def batches(plan: FleetPlan, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> list[Batch]:
    """Return the operations that a plan runs."""
    found: list[Batch] = []

    def execute(batches: Iterable[Batch], **_: Any) -> Execution:
        found.extend(batches)
        return Execution()

    monkeypatch.setattr(deployment, "execute", execute)
    deploy(plan, clients=aws.clients(), tell=lambda _: None)
    return found


def test_settings_are_changed_only_where_that_changes_no_instance(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desired_of(targets())
    aws.deploy(made)
    aws.stack_sets[made.stack_set]["AutoDeployment"] = {"Enabled": True}
    (only,) = batches(plan_of(aws), aws, monkeypatch)
    assert (only.action, only.accounts) == (Action.SETTINGS, ())
    assert only.content is not None
    assert only.content.stops_auto_deployment
    assert only.content.template is None
    place = next(iter(made.instances))
    aws.put(made.stack_set, place, made.instances[place].overrides, "other", Status="OUTDATED")
    with pytest.raises(PinekeepError, match=r"automatic deployment of stack set .* is on"):
        batches(plan_of(aws), aws, monkeypatch)


def test_managed_execution_can_wait(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desired_of(targets())
    aws.deploy(made)
    aws.stack_sets[made.stack_set]["ManagedExecution"] = {"Active": False}
    place = next(iter(made.instances))
    aws.put(made.stack_set, place, made.instances[place].overrides, "other", Status="OUTDATED")
    found = batches(plan_of(aws), aws, monkeypatch)
    assert [each.action for each in found] == [Action.UPDATE]
