"""Reading the calls that CloudTrail keeps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.operations.verification.checks.activity import calls
from tests.operations.verification.conftest import ACCOUNT, NOW, ROLE_ARN, event


def test_a_call_of_a_session_is_read_with_its_role_and_its_refusal() -> None:
    denied = event(
        "Decrypt",
        ago=timedelta(minutes=5),
        errorCode="AccessDenied",
        errorMessage="User: x is not authorized to perform: kms:Decrypt",
    )
    (call,) = calls([denied])
    assert call.action == "kms:Decrypt"
    assert call.role_arn == ROLE_ARN
    assert call.who == f"arn:aws:sts::{ACCOUNT}:assumed-role/pinekeep-prod-us-east-1/pinecone"
    assert call.at == NOW - timedelta(minutes=5)
    assert (call.denied, call.error) == (True, "AccessDenied")
    assert call.told == ("kms:Decrypt by assumed-role/pinekeep-prod-us-east-1/pinecone on 2026-11-25 at 11:55 UTC")


def test_a_call_that_worked_and_one_that_failed_for_another_reason_are_no_refusals() -> None:
    worked, disabled = calls([event("Encrypt"), event("Decrypt", errorCode="DisabledException")])
    assert (worked.error, worked.denied) == (None, False)
    assert (disabled.error, disabled.denied) == ("DisabledException", False)


def test_a_user_and_a_service_have_no_role() -> None:
    by_user, by_service = calls(
        [event("Decrypt", role=None), event("Decrypt", userIdentity={"type": "AWSService", "invokedBy": "s3.x"})]
    )
    assert (by_user.role_arn, by_service.role_arn, by_service.who) == (None, None, "s3.x")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"CloudTrailEvent": "no JSON"},
        {"CloudTrailEvent": "[]"},
        {"CloudTrailEvent": '{"userIdentity": {}}'},
        {"CloudTrailEvent": '{"userIdentity": {}, "eventSource": "kms.amazonaws.com", "eventName": "Decrypt"}'},
    ],
)
def test_what_cannot_be_read_is_left_out(broken: dict[str, Any]) -> None:
    (call,) = calls([broken, event("Encrypt")])
    assert call.action == "kms:Encrypt"


def test_an_event_without_a_time_of_its_own_has_the_lists(world: Any) -> None:
    del world
    listed = datetime(2026, 11, 1, tzinfo=UTC)
    (call,) = calls([event("Encrypt", eventTime=None) | {"EventTime": listed}])
    assert call.at == listed


def test_a_message_is_cut_and_holds_no_secret() -> None:
    (call,) = calls([event("Decrypt", errorCode="AccessDenied", errorMessage="key AKIAIOSFODNN7EXAMPLE0 " + "x" * 500)])
    assert "AKIA" not in call.message
    assert len(call.message) < 250
