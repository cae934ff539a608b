"""The document of a managed policy, whatever a caller makes of a refusal."""

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.calls import ask, call, managed_policy
from pinekeep.account.reads.live import NotAsked, Unreadable
from tests.account.fake_aws import FakeAws

ARN = "arn:aws:iam::111122223333:policy/boundary"


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetPolicyVersion")


def read(aws: FakeAws) -> Any:
    return managed_policy(partial(ask, Clients(aws, "us-east-1")), ARN)


def test_the_default_version_is_read() -> None:
    assert read(FakeAws()) == {"Statement": ["boundary v7"]}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("NoSuchEntity", None),
        ("AccessDenied", Unreadable("iam:GetPolicyVersion", "allow GetPolicyVersion to whoever runs this")),
    ],
)
def test_a_refusal_is_a_value(code: str, found: Any) -> None:
    aws = FakeAws()
    aws.answers["get_policy_version"] = refusal(code)
    assert read(aws) == found


def test_what_the_caller_makes_of_a_refusal_is_returned() -> None:
    assert managed_policy(lambda permission, **_: NotAsked(permission), ARN) == NotAsked("iam:GetPolicy")


def test_another_refusal_is_raised() -> None:
    aws = FakeAws()
    aws.answers["get_policy"] = refusal("Throttling")
    with pytest.raises(ClientError, match="Throttling"):
        managed_policy(partial(call, Clients(aws, "us-east-1")), ARN)
