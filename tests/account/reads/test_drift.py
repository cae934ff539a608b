"""Having CloudFormation look for drift."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.drift import DEADLINE_SECONDS, POLL_SECONDS, Drift, Waiting, detect_drift
from tests.account.fake_aws import FakeAws

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def waiting(self) -> Waiting:
        return Waiting(sleep=self.sleep, clock=lambda: self.now)


def answering(aws: FakeAws, *statuses: dict[str, Any]) -> None:
    left: Iterator[dict[str, Any]] = iter(statuses)
    last = statuses[-1]
    aws.answers["detect_stack_drift"] = {"StackDriftDetectionId": "d-1"}
    aws.answers["describe_stack_drift_detection_status"] = lambda StackDriftDetectionId: next(left, last)  # noqa: N803, ARG005


def look(aws: FakeAws, clock: Clock) -> Drift:
    return detect_drift(Clients(aws, "us-east-1"), "a-stack", waiting=clock.waiting)


RUNNING = {"DetectionStatus": "DETECTION_IN_PROGRESS"}


def done(status: str) -> dict[str, Any]:
    return {"DetectionStatus": "DETECTION_COMPLETE", "StackDriftStatus": status, "Timestamp": AT}


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


def test_a_stack_in_sync_is_waited_for_and_its_resources_are_not_asked_about(aws: FakeAws) -> None:
    clock = Clock()
    answering(aws, RUNNING, RUNNING, done("IN_SYNC"))
    assert look(aws, clock) == Drift("IN_SYNC", AT)
    assert clock.slept == [POLL_SECONDS] * 2
    assert [operation for operation, _ in aws.calls].count("detect_stack_drift") == 1


def test_each_changed_resource_of_every_page_is_told_without_its_values(aws: FakeAws) -> None:
    answering(aws, done("DRIFTED"))
    role = {
        "LogicalResourceId": "PineconeRole",
        "ResourceType": "AWS::IAM::Role",
        "StackResourceDriftStatus": "MODIFIED",
        "PropertyDifferences": [{"PropertyPath": f"/P{number}", "ActualValue": "secret"} for number in range(6)],
    }
    key = {"LogicalResourceId": "Key", "ResourceType": "AWS::KMS::Key", "StackResourceDriftStatus": "DELETED"}
    pages = {None: {"StackResourceDrifts": [role], "NextToken": "2"}, "2": {"StackResourceDrifts": [key]}}
    aws.answers["describe_stack_resource_drifts"] = lambda **asked: pages[asked.get("NextToken")]
    assert look(aws, Clock()).changes == (
        "PineconeRole (AWS::IAM::Role) differs in P0, P1, P2, P3 and 2 more",
        "Key (AWS::KMS::Key) was deleted",
    )
    asked = [arguments for operation, arguments in aws.calls if operation == "describe_stack_resource_drifts"]
    assert all(each["StackResourceDriftStatusFilters"] == ["MODIFIED", "DELETED"] for each in asked)


def test_a_look_that_fails_tells_awss_reason(aws: FakeAws) -> None:
    answering(aws, {"DetectionStatus": "DETECTION_FAILED", "DetectionStatusReason": "no permission for X"})
    assert look(aws, Clock()) == Drift(None, reason="no permission for X")


def test_a_look_without_an_end_is_given_up(aws: FakeAws) -> None:
    clock = Clock()
    answering(aws, RUNNING)
    assert look(aws, clock).reason == "CloudFormation was still detecting drift after 300 seconds"
    assert clock.now == DEADLINE_SECONDS


def test_a_refusal_passes(aws: FakeAws) -> None:
    aws.refuse("detect_stack_drift", "AccessDenied")
    with pytest.raises(ClientError):
        look(aws, Clock())
