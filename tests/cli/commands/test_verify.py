"""``pinekeep verify`` in this process, on an AWS that answers what a deployment is to be."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from bench.right_aws import RightAws
from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.model.config import load
from pinekeep.operations.verification import watch as watching
from tests.command_support import Run


class Account:
    """What answers, and what it is made to answer in between."""

    def __init__(self, aws: RightAws) -> None:
        self.aws = aws
        self.answers: dict[str, Callable[..., Any]] = {}

    def client(self, service_name: str, **_: Any) -> Any:
        del service_name
        return self

    def __getattr__(self, operation: str) -> Any:
        return self.answers.get(operation) or getattr(self.aws, operation)

    def disable_the_key(self, *, until: int) -> None:
        """Let the key be disabled until it was looked at so many times."""
        left = iter(["Disabled"] * until)

        def describe_key(KeyId: str) -> Any:  # noqa: N803 - AWS's name
            found = self.aws.describe_key(KeyId=KeyId)
            found["KeyMetadata"]["KeyState"] = next(left, "Enabled")
            return found

        self.answers["describe_key"] = describe_key


@pytest.fixture
def account(good: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    found = Account(RightAws(load(good).deployments))
    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(found, region)))
    monkeypatch.setattr(Access, "of_the_user", lambda _: access)
    return found


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes only while somebody sleeps."""
    slept: list[float] = []
    schedule = partial(watching.Schedule, clock=lambda: sum(slept), sleep=slept.append)
    monkeypatch.setattr(watching, "Schedule", schedule)
    return slept


def test_what_is_right_passes_with_the_notes_that_are_to_be_read(account: Account, pinekeep: Run) -> None:
    result = pinekeep("verify", "--json")
    found = result.require_schema("verify")
    assert (result.code, found["passed"]) == (0, True)
    notes = [each["check"] for each in found["findings"] if each["status"] == "note"]
    assert notes == ["handed-over-record", "key-activity", "key-last-usage", "endpoint-network-acl"]
    assert len(account.aws.calls) <= 17


def test_a_failure_says_what_it_means_for_pinecone(account: Account, pinekeep: Run) -> None:
    account.disable_the_key(until=1)
    result = pinekeep("verify")
    assert result.code == 1
    assert re.search(
        r"State of the key: found Disabled: .*\n      means: Pinecone cannot encrypt or decrypt .*\n      fix: aws kms",
        result.out,
    )
    account.disable_the_key(until=1)
    (failed,) = [each for each in pinekeep("verify", "--json").json["findings"] if each["status"] == "failed"]
    assert failed["meaning"].startswith("Pinecone cannot encrypt or decrypt until the key is enabled again")


def test_a_watch_ends_when_all_is_well_and_tells_what_changed(
    account: Account, pinekeep: Run, no_waiting: list[float]
) -> None:
    account.disable_the_key(until=2)
    result = pinekeep("verify", "--watch", "--every", "5")
    assert result.code == 0
    assert sum(no_waiting) == 10
    assert "State of the key: failed, Disabled" in result.err
    assert "State of the key: ok, Enabled (before: failed, Disabled" in result.err
    assert "✗" not in result.out


def test_a_watch_whose_time_is_up_fails_with_what_was_found_last(
    account: Account, pinekeep: Run, no_waiting: list[float]
) -> None:
    account.disable_the_key(until=1000)
    result = pinekeep("verify", "--watch", "--deadline", "1", "--json")
    assert (result.code, result.require_schema("verify")["passed"]) == (1, False)
    assert sum(no_waiting) == 60


def test_a_watch_until_pinecone_has_used_the_key_waits_for_that_too(account: Account, pinekeep: Run) -> None:
    assert pinekeep("verify", "--watch").code == 0
    assert pinekeep("verify", "--watch", "--until-used", "--deadline", "1").code == 1


def test_a_network_that_is_cut_for_a_while_does_not_end_a_watch(account: Account, pinekeep: Run) -> None:
    account.disable_the_key(until=2)
    describe = account.answers["describe_key"]
    cut = iter([EndpointConnectionError(endpoint_url="https://kms.us-east-1.amazonaws.com")] * 2)

    def describe_key(**arguments: Any) -> Any:
        error = next(cut, None)
        if error:
            raise error
        return describe(**arguments)

    account.answers["describe_key"] = describe_key
    result = pinekeep("verify", "--watch")
    assert result.code == 0
    assert result.err.count("kms.us-east-1.amazonaws.com cannot be reached; trying again") == 1
    assert "AWS can be asked again" in result.err


def test_credentials_that_expire_end_a_watch(account: Account, pinekeep: Run) -> None:
    def expired(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "ExpiredToken", "Message": ""}}, "GetRole")

    account.answers["get_role"] = expired
    result = pinekeep("verify", "--watch", "--json")
    assert (result.code, result.json["error"]) == (3, "the AWS credentials have expired")


def test_an_interrupt_ends_a_watch_without_a_word_too_many(
    account: Account, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.disable_the_key(until=1000)

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watching, "_wait", interrupted)
    result = pinekeep("verify", "--watch")
    assert (result.code, result.out) == (130, "")
    assert result.err.endswith("\ninterrupted\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--watch", "--drift"], "--watch cannot be combined"),
        (["--watch", "--access-analyzer"], "--watch cannot be combined"),
        (["--until-used"], "--until-used goes with --watch"),
        (["--watch", "--every", "0"], "0 is not in the range"),
        (["--watch", "--deadline", "1441"], "1441 is not in the range"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    account: Account, pinekeep: Run, arguments: list[str], told: str
) -> None:
    result = pinekeep("verify", *arguments)
    assert result.code == 2
    assert told in result.err
    assert account.aws.calls == []
