"""Nothing is left behind, nothing of anybody else's is taken away, and nothing is told of a stack that moved."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.plan.change_sets import Review, by_command_line, change_sets
from pinekeep.operations.plan.cloudformation import DisturbedError, Target, Version
from pinekeep.operations.synthesis.cdk_cli import CdkCli

STACK = "Pinekeep-search-Cmek"
ID = f"arn:aws:cloudformation:us-east-1:111122223333:stack/{STACK}/1"
EMPTY = "The submitted information didn't contain changes."
ADDED = {"ResourceChange": {"LogicalResourceId": "Topic", "ResourceType": "AWS::SNS::Topic", "Action": "Add"}}


class FakeCloudFormation:
    """Keeps one stack and its change sets. Stands in for a session and for its client."""

    def __init__(self, status: str | None = None, sets: dict[str, timedelta] | None = None) -> None:
        self.status = status
        self.updated = datetime(2026, 1, 1, tzinfo=UTC)
        self.protected = False
        now = datetime.now(UTC)
        self.sets = {name: now - age for name, age in (sets or {}).items()}
        self.changes: list[dict[str, Any]] = []
        self.waits = 0
        self.failure = ""
        self.events: list[dict[str, str]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.refusal: ClientError | None = None
        self.asked: dict[str, Any] = {}

    def client(self, *_: Any, **__: Any) -> Any:
        return self

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if self.status is None:
            raise error("ValidationError", f"Stack with id {STACK} does not exist")
        stack = {"StackId": ID, "StackStatus": self.status, "EnableTerminationProtection": self.protected}
        return {"Stacks": [{**stack, "LastUpdatedTime": self.updated}]}

    def list_change_sets(self, **_: Any) -> dict[str, Any]:
        return {"Summaries": [{"ChangeSetName": name, "CreationTime": at} for name, at in self.sets.items()]}

    def create_change_set(self, **given: Any) -> dict[str, Any]:
        self.asked = given
        if self.refusal:
            self.meanwhile()
            raise self.refusal
        self.status = self.status or "REVIEW_IN_PROGRESS"
        self.sets[given["ChangeSetName"]] = datetime.now(UTC)
        self.meanwhile()
        return {"StackId": ID, "Id": given["ChangeSetName"]}

    def describe_change_set(self, **given: Any) -> dict[str, Any]:
        if given["ChangeSetName"] not in self.sets:
            raise error("ChangeSetNotFound", "it does not exist")
        number = int(given.get("NextToken", 0))
        more = {"NextToken": str(number + 1)} if number + 1 < len(self.changes) else {}
        answer = {"ChangeSetId": given["ChangeSetName"], "StackId": ID}
        if self.waits:
            self.waits -= 1
            return {**answer, "Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE"}
        if self.failure:
            return {**answer, "Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": self.failure}
        complete = {**answer, "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
        return {**complete, "Changes": self.changes[number : number + 1], **more}

    def describe_events(self, **_: Any) -> dict[str, Any]:
        return {"OperationEvents": self.events}

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


class NoCdk:
    """Must not be started."""

    def prepare(self, **_: Any) -> None:
        raise AssertionError("the CDK command line is not needed")


def no_cdk(_: str) -> Any:
    return NoCdk()


def error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


def write(folder: Path, template: str) -> Path:
    properties = {
        "templateFile": "template.json",
        "terminationProtection": True,
        "cloudFormationExecutionRoleArn": "arn:${AWS::Partition}:iam::111122223333:role/execution",
    }
    manifest = {"artifacts": {STACK: {"type": "aws:cloudformation:stack", "properties": properties}}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "template.json").write_text(template)
    return folder


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    return write(tmp_path, "{}")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """An assembly whose template is too large for a request."""
    return write(tmp_path, json.dumps({"Description": "x" * 51_200}))


def target_of(fake: FakeCloudFormation, *, protected: bool = False) -> Target:
    version = None if fake.status is None else Version(stack_id=ID, status=fake.status, updated=fake.updated)
    clients = Clients(fake, "us-east-1")
    return Target(name=STACK, status=fake.status, protected=protected, clients=clients, version=version)


def run(fake: FakeCloudFormation, assembly: Path, cdk: Any = None, *, protected: bool = False) -> Review:
    """Make change sets and execute none; return what was found."""
    said: list[str] = []
    target = target_of(fake, protected=protected)
    line: Any = cdk or NoCdk()
    with change_sets([target], assembly=assembly, cdk=lambda _: line, tell=said.append) as review:
        pass
    assert said == []
    return review


def test_a_stack_made_for_review_goes_with_its_change_set(assembly: Path) -> None:
    fake = FakeCloudFormation()
    run(fake, assembly)
    assert (fake.status, fake.sets) == (None, {})


def test_the_same_when_the_change_set_fails(assembly: Path) -> None:
    fake = FakeCloudFormation()
    fake.failure = "the execution role is on strike"
    with pytest.raises(AwsRefusedError, match="on strike"):
        run(fake, assembly)
    assert (fake.status, fake.sets) == (None, {})


def test_a_stack_that_was_there_stays(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE", {"theirs": timedelta(days=1)})
    run(fake, assembly)
    assert (fake.status, set(fake.sets)) == ("UPDATE_COMPLETE", {"theirs"})


@pytest.mark.parametrize(
    ("sets", "left"),
    [
        ({"theirs": timedelta(days=1)}, {"theirs"}),
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


def test_a_stack_in_review_without_any_change_set_is_used_and_cleared_away(assembly: Path) -> None:
    fake = FakeCloudFormation("REVIEW_IN_PROGRESS")
    assert set(run(fake, assembly).sets) == {STACK}
    assert (fake.status, fake.sets) == (None, {})


def test_what_a_killed_run_left_is_cleared_away_also_where_it_is_protected(assembly: Path) -> None:
    fake = FakeCloudFormation("REVIEW_IN_PROGRESS", {"pinekeep-1": timedelta(hours=1)})
    fake.protected = True
    run(fake, assembly)
    assert (fake.status, fake.sets) == (None, {})


def test_a_stack_that_somebody_began_to_make_meanwhile_stays(assembly: Path) -> None:
    fake = FakeCloudFormation()
    with change_sets([target_of(fake)], assembly=assembly, cdk=no_cdk, tell=print):
        fake.status = "CREATE_IN_PROGRESS"
    assert fake.status == "CREATE_IN_PROGRESS"


def test_an_executed_change_set_is_cloudformations(assembly: Path) -> None:
    fake = FakeCloudFormation()
    with change_sets([target_of(fake)], assembly=assembly, cdk=no_cdk, tell=print) as review:
        review.executed.add(STACK)
    assert fake.status == "REVIEW_IN_PROGRESS"
    assert len(fake.sets) == 1


@pytest.mark.parametrize("protected", [True, False])
def test_the_cdk_command_line_leaves_termination_protection_as_it_is(large: Path, protected: bool) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    cdk = FakeCdk(fake)
    assert set(run(fake, large, cdk, protected=protected).sets) == {STACK}
    assert cdk.protection is protected
    assert fake.asked == {}


def test_what_the_cdk_command_line_began_goes_when_it_fails(large: Path) -> None:
    fake = FakeCloudFormation()
    with pytest.raises(AwsRefusedError, match="cdk deploy failed"):
        run(fake, large, FakeCdk(fake, fails=True))
    assert (fake.status, fake.sets) == (None, {})


def test_stacks_of_several_accounts_are_each_made_with_their_own_credentials() -> None:
    here, there = CdkCli(environment={}, tell=print), CdkCli(environment={}, tell=print)
    found = by_command_line(["a", "b", "c"], lambda stack: there if stack == "b" else here)
    assert found == {here: ["a", "c"], there: ["b"]}


def test_all_pages_of_a_change_set_are_read(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    one = {"Action": "Add", "LogicalResourceId": "A", "ResourceType": "AWS::KMS::Key"}
    fake.changes = [{"ResourceChange": {**one, "LogicalResourceId": each}} for each in ("A", "B", "C")]
    review = run(fake, assembly)
    assert [each.logical_id for each in review.sets[STACK].changes] == ["A", "B", "C"]


def test_without_a_stack_nothing_is_asked(assembly: Path) -> None:
    with change_sets([], assembly=assembly, cdk=no_cdk, tell=print) as review:
        assert review.sets == {}


def test_a_change_set_is_waited_for(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    fake.waits = 2
    assert set(run(fake, assembly).sets) == {STACK}


def test_an_empty_change_set_is_nothing_to_do(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    fake.failure = EMPTY
    assert run(fake, assembly).sets == {}
    assert fake.sets == {}


def test_a_failure_is_told_with_what_was_found_before_it_began(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    fake.failure = "The following validation failed: [AWS::EarlyValidation::PropertyValidation]."
    fake.events = [{"LogicalResourceId": "PineconeRole", "ValidationStatusReason": "Unsupported property [Nmae]"}]
    with pytest.raises(AwsRefusedError, match=r"PineconeRole: Unsupported property \[Nmae\]"):
        run(fake, assembly)


# --- Somebody else at the same time ---


def begins(fake: FakeCloudFormation) -> None:
    fake.status = "UPDATE_IN_PROGRESS"


def has_ended(fake: FakeCloudFormation) -> None:
    fake.updated += timedelta(milliseconds=1)


def takes_away(fake: FakeCloudFormation) -> None:
    fake.status, fake.sets = None, dict[str, Any]()


def takes_the_change_set(fake: FakeCloudFormation) -> None:
    fake.sets = {}


@pytest.mark.parametrize(
    ("status", "other"),
    [
        ("UPDATE_COMPLETE", begins),
        ("UPDATE_COMPLETE", has_ended),
        ("UPDATE_COMPLETE", takes_away),
        ("UPDATE_COMPLETE", takes_the_change_set),
        (None, begins),
        (None, takes_away),
        (None, takes_the_change_set),
    ],
)
def test_nothing_is_told_of_a_stack_that_moved_while_it_was_looked_at(
    assembly: Path, status: str | None, other: Callable[[FakeCloudFormation], None]
) -> None:
    fake = FakeCloudFormation(status)
    fake.failure = EMPTY if status else ""
    fake.meanwhile = lambda: other(fake)
    with pytest.raises(DisturbedError, match=f"someone else is changing stack {STACK}"):
        run(fake, assembly)


def test_what_cloudformation_refuses_because_a_stack_moved_is_told_as_that(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    fake.refusal = error("ValidationError", "Stack is in UPDATE_IN_PROGRESS state and can not be updated.")
    fake.meanwhile = lambda: begins(fake)
    with pytest.raises(DisturbedError):
        run(fake, assembly)


def test_what_it_refuses_of_a_stack_that_did_not_move_is_told_as_what_it_is(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    fake.refusal = error("ValidationError", "Template format error")
    with pytest.raises(AwsRefusedError, match="Template format error") as caught:
        run(fake, assembly)
    assert not isinstance(caught.value, DisturbedError)


def test_an_empty_change_set_of_the_cdk_command_line_is_not_believed_where_the_stack_moved(large: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    fake.failure = EMPTY

    class Cdk(FakeCdk):
        def prepare(self, **given: Any) -> None:
            super().prepare(**given)
            has_ended(fake)

    with pytest.raises(DisturbedError):
        run(fake, large, Cdk(fake))


def test_a_change_set_that_went_with_its_empty_stack_is_made_anew(assembly: Path) -> None:
    fake = FakeCloudFormation()
    with change_sets([target_of(fake)], assembly=assembly, cdk=no_cdk, tell=print) as review:
        takes_away(fake)
        assert review.renew(STACK)
        assert review.sets[STACK].name in fake.sets
    assert (fake.status, fake.sets) == (None, {})


def test_one_that_would_do_something_else_than_what_was_shown_is_not_taken(assembly: Path) -> None:
    fake = FakeCloudFormation()
    with change_sets([target_of(fake)], assembly=assembly, cdk=no_cdk, tell=print) as review:
        takes_away(fake)
        change = {"Action": "Add", "LogicalResourceId": "A", "ResourceType": "AWS::KMS::Key"}
        fake.changes = [{"ResourceChange": change}]
        assert not review.renew(STACK)
    assert (fake.status, fake.sets) == (None, {})


def test_the_change_set_of_a_stack_that_something_was_deployed_to_is_never_made_anew(assembly: Path) -> None:
    fake = FakeCloudFormation("UPDATE_COMPLETE")
    with change_sets([target_of(fake)], assembly=assembly, cdk=no_cdk, tell=print) as review:
        takes_away(fake)
        assert not review.renew(STACK)
    assert fake.sets == {}


def late_review(fake: FakeCloudFormation, assembly: Path, *, late: bool = True) -> Any:
    (assembly / f"{STACK}.template.json").write_text(json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}))
    return change_sets([target_of(fake)], assembly=assembly, cdk=no_cdk, late=[STACK] if late else [], tell=print)


def test_a_stack_that_refers_to_one_that_does_not_exist_gets_its_change_set_later(assembly: Path) -> None:
    fake = FakeCloudFormation()
    fake.changes = [ADDED]
    with late_review(fake, assembly) as review:
        assert (fake.sets, fake.status) == ({}, None)
        (change,) = review.late[STACK]
        assert (change.logical_id, change.type, change.action) == ("Topic", "AWS::SNS::Topic", "Add")
        assert not review.remake(STACK).is_empty
        assert len(fake.sets) == 1
    assert (fake.sets, fake.status) == ({}, None), "it was not executed"


def test_a_stack_that_exists_shows_no_changes_before_its_change_set_is_made(assembly: Path) -> None:
    with late_review(FakeCloudFormation("CREATE_COMPLETE"), assembly) as review:
        assert review.late == {STACK: ()}


def test_a_change_set_is_made_anew_in_place_of_the_reviewed_one(assembly: Path) -> None:
    fake = FakeCloudFormation("CREATE_COMPLETE")
    fake.changes = [ADDED]
    with late_review(fake, assembly, late=False) as review:
        first = review.sets[STACK].name
        assert review.remake(STACK).name != first
        assert list(fake.sets) == [review.sets[STACK].name]
        fake.failure = EMPTY
        assert review.remake(STACK).is_empty
    assert fake.sets == {}
