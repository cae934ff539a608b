"""That botocore still says what is relied on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.session import Session as BotocoreSession

from pinekeep.account.client.clients import Clients
from pinekeep.operations.preflight.check import Session, session_of

ENDS = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)


def from_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Session | None:
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", **variables}.items():
        monkeypatch.setenv(name, value)
    session: Any = boto3.Session()
    return session_of(Clients(session, "us-east-1").credentials())


def test_long_lived_credentials_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment(monkeypatch) == Session(temporary=False)


def test_a_session_without_a_time_ends_nobody_knows_when(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment(monkeypatch, AWS_SESSION_TOKEN="t") == Session(temporary=True)


def test_the_environment_can_tell_the_time_and_cannot_renew(monkeypatch: pytest.MonkeyPatch) -> None:
    told = from_environment(
        monkeypatch,
        AWS_SESSION_TOKEN="t",
        AWS_CREDENTIAL_EXPIRATION=ENDS.isoformat(),
    )
    assert told == Session(temporary=True, ends=ENDS, renews=False)


def test_an_assumed_role_renews_itself_and_is_not_renewed_by_being_looked_at() -> None:
    def refresh() -> dict[str, str]:
        raise AssertionError("nobody asked for new ones")

    ends = datetime.now(UTC) + timedelta(seconds=30)
    credentials = RefreshableCredentials("a", "s", "t", ends, refresh, "assume-role")
    assert session_of(credentials) == Session(temporary=True, ends=ends, renews=True)


def test_without_credentials_nothing_is_known() -> None:
    class Other:
        """A session that does not tell."""

    assert session_of(None) is None
    other: Any = Other()
    assert Clients(other, "us-east-1").credentials() is None
    assert session_of(Credentials("a", "s")) == Session(temporary=False)
    assert BotocoreSession().get_credentials() is None
