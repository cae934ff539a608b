"""The clients of the account that administers a stack set."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.source import Source
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config.fleet.settings import FleetAdministrator
from pinekeep.operations.fleet import administration
from pinekeep.operations.fleet.administration import administrator_clients
from tests.operations.fleet.fleets import ADMINISTRATOR, SECOND
from tests.operations.fleet.stack_sets_aws import Aws

ROLE = f"arn:aws:iam::{ADMINISTRATOR}:role/FleetAdministrator"


def source(asked: list[tuple[str | None, str]]) -> Callable[[str | None, str], Source]:
    clients = Aws().clients()

    def of(profile: str | None, region: str) -> Source:
        asked.append((profile, region))
        return Source(environment=dict, clients_for=lambda _: clients)

    return of


def settings(**given: Any) -> FleetAdministrator:
    return FleetAdministrator.model_validate({"account": ADMINISTRATOR, "region": "us-east-1", **given})


def test_the_clients_of_the_profile_and_region() -> None:
    asked: list[tuple[str | None, str]] = []
    found = administrator_clients("search", settings(profile="admin"), source_of=source(asked))
    assert isinstance(found, Clients)
    assert asked == [("admin", "us-east-1")]


def test_credentials_of_another_account_are_refused() -> None:
    with pytest.raises(AwsRefusedError, match=f"fleet search is in account {SECOND}") as refused:
        administrator_clients("search", settings(account=SECOND), source_of=source([]))
    assert "fleet.search.administrator" in str(refused.value.hint)


def test_a_role_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    roles: list[str] = []

    def assume(own: Source, role: str, _: str) -> tuple[Source, str]:
        roles.append(role)
        return own, role

    monkeypatch.setattr(administration, "source_of_role", assume)
    administrator_clients("search", settings(assume_role=ROLE), source_of=source([]))
    assert roles == [ROLE]


@pytest.mark.parametrize(("code", "words"), [("AccessDenied", "may not assume"), ("Throttling", "asked too often")])
def test_a_role_that_cannot_be_assumed(monkeypatch: pytest.MonkeyPatch, code: str, words: str) -> None:
    def assume(*_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "AssumeRole")

    monkeypatch.setattr(administration, "source_of_role", assume)
    with pytest.raises(AwsRefusedError, match=words):
        administrator_clients("search", settings(assume_role=ROLE), source_of=source([]))
