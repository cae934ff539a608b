"""Nothing is left behind, and nothing of anybody else's is taken away."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.aws.clients import Clients
from pinekeep.errors import AwsRefusedError
from pinekeep.plan.change_sets import Target, change_sets

STACK = "Pinekeep-search-Cmek"
ID = f"arn:aws:cloudformation:us-east-1:111122223333:stack/{STACK}/1"


class FakeCloudFormation:
    """Keeps one stack and its change sets. Stands in for a session and for its client."""

    def __init__(self, status: str | None = None, sets: dict[str, timedelta] | None = None) -> None:
        self.status = status
        self.protected = False
        now = datetime.now(UTC)
        self.sets = {name: now - age for name, age in (sets or {}).items()}
        self.changes: list[dict[str, Any]] = []

    def client(self, *_: Any, **__: Any) -> Any:
        return self

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if self.status is None:
            raise error("ValidationError", f"Stack with id {STACK} does not exist")
        return {"Stacks": [{"StackId": ID, "StackStatus": self.status, "EnableTerminationProtection": self.protected}]}

    def list_change_sets(self, **_: Any) -> dict[str, Any]:
        return {"Summaries": [{"ChangeSetName": name, "CreationTime": at} for name, at in self.sets.items()]}

    def describe_change_set(self, **given: Any) -> dict[str, Any]:
        assert given["IncludePropertyValues"] is True
        number = int(given.get("NextToken", 0))
        more = {"NextToken": str(number + 1)} if number + 1 < len(self.changes) else {}
        return {
            "ChangeSetId": given["ChangeSetName"],
            "StackId": ID,
            "ExecutionStatus": "AVAILABLE",
            "Changes": self.changes[number : number + 1],
            **more,
        }

    def delete_change_set(self, **given: Any) -> None:
        self.sets.pop(given["ChangeSetName"], None)

    def update_termination_protection(self, **given: Any) -> None:
        self.protected = given["EnableTerminationProtection"]

    def delete_stack(self, **given: Any) -> None:
        assert given == {"StackName": ID}
        assert not self.protected
        self.status = None


class FakeCdk:
    """Makes the change sets, as the CDK command line does."""

    def __init__(self, fake: FakeCloudFormation, *, fails: bool = False) -> None:
        self.fake = fake
        self.fails = fails
        self.protection: object = None

    def prepare(self, *, assembly: Path, stacks: list[str], change_set: str, revert_drift: bool) -> None:
        assert (stacks, revert_drift) == ([STACK], False)
        manifest = json.loads((assembly / "manifest.json").read_text())
        self.protection = manifest["artifacts"][STACK]["properties"]["terminationProtection"]
        self.fake.status = self.fake.status or "REVIEW_IN_PROGRESS"
        self.fake.sets[change_set] = datetime.now(UTC)
        if self.fails:
            raise AwsRefusedError("cdk deploy failed: no")


def error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    manifest = {"artifacts": {STACK: {"properties": {"terminationProtection": True}}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def run(fake: FakeCloudFormation, assembly: Path, *, fails: bool = False, protected: bool = False) -> Any:
    target = Target(stack=STACK, status=fake.status, protected=protected, clients=Clients(fake, "us-east-1"))
    cdk = FakeCdk(fake, fails=fails)
    said: list[str] = []
    with change_sets([target], assembly=assembly, cdk=cdk, tell=said.append) as review:  # type: ignore[arg-type]
        assert set(review.sets) == {STACK}
    assert said == []
    return review, cdk


def test_a_stack_made_for_review_goes_with_its_change_set(assembly: Path) -> None:
    fake = FakeCloudFormation()
    run(fake, assembly)
    assert (fake.status, fake.sets) == (None, {})


def test_the_same_when_the_change_set_fails(assembly: Path) -> None:
    fake = FakeCloudFormation()
    with pytest.raises(AwsRefusedError):
        run(fake, assembly, fails=True)
    assert (fake.status, fake.sets) == (None, {})


def test_a_stack_that_was_there_stays(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE", {"theirs": timedelta(days=1)})
    run(fake, assembly)
    assert (fake.status, set(fake.sets)) == ("UPDATE_COMPLETE", {"theirs"})


@pytest.mark.parametrize(
    ("sets", "left"),
    [
        ({"theirs": timedelta(days=1)}, {"theirs"}),
        ({}, set()),
        ({"pinekeep-1": timedelta(minutes=1)}, {"pinekeep-1"}),
        ({"pinekeep-1": timedelta(days=1), "theirs": timedelta(days=1)}, {"pinekeep-1", "theirs"}),
    ],
)
def test_a_stack_in_review_that_others_may_be_waiting_for_stays(
    assembly: Path, sets: dict[str, timedelta], left: set[str]
) -> None:
    fake = FakeCloudFormation("REVIEW_IN_PROGRESS", sets)
    run(fake, assembly)
    assert (fake.status, set(fake.sets)) == ("REVIEW_IN_PROGRESS", left)


def test_what_a_killed_run_left_is_cleared_away_also_where_it_is_protected(assembly: Path) -> None:
    fake = FakeCloudFormation("REVIEW_IN_PROGRESS", {"pinekeep-1": timedelta(hours=1)})
    fake.protected = True
    run(fake, assembly)
    assert (fake.status, fake.sets) == (None, {})


def test_a_stack_that_somebody_began_to_make_meanwhile_stays(assembly: Path) -> None:
    fake = FakeCloudFormation()
    target = Target(stack=STACK, status=None, protected=False, clients=Clients(fake, "us-east-1"))
    with change_sets([target], assembly=assembly, cdk=FakeCdk(fake), tell=print):  # type: ignore[arg-type]
        fake.status = "CREATE_IN_PROGRESS"
    assert fake.status == "CREATE_IN_PROGRESS"


def test_an_executed_change_set_is_cloudformations(assembly: Path) -> None:
    fake = FakeCloudFormation()
    target = Target(stack=STACK, status=None, protected=False, clients=Clients(fake, "us-east-1"))
    with change_sets([target], assembly=assembly, cdk=FakeCdk(fake), tell=print) as review:  # type: ignore[arg-type]
        review.executed.add(STACK)
    assert fake.status == "REVIEW_IN_PROGRESS"
    assert len(fake.sets) == 1


@pytest.mark.parametrize("protected", [True, False])
def test_termination_protection_is_left_as_it_is(assembly: Path, protected: bool) -> None:
    _, cdk = run(FakeCloudFormation("UPDATE_COMPLETE"), assembly, protected=protected)
    assert cdk.protection is protected


def test_all_pages_of_a_change_set_are_read(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    one = {"Action": "Add", "LogicalResourceId": "A", "ResourceType": "AWS::KMS::Key"}
    fake.changes = [{"ResourceChange": {**one, "LogicalResourceId": each}} for each in ("A", "B", "C")]
    review, _ = run(fake, assembly)
    assert [each.logical_id for each in review.sets[STACK].changes] == ["A", "B", "C"]


def test_without_a_stack_nothing_is_asked(assembly: Path) -> None:
    with change_sets([], assembly=assembly, cdk=FakeCdk(FakeCloudFormation()), tell=print) as review:  # type: ignore[arg-type]
        assert review.sets == {}
