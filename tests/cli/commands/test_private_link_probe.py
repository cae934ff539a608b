"""``pinekeep private-link probe``: what it prints, and that it removes the probe however it ends."""

from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.operations.connectivity import probe
from tests.command_support import Run
from tests.operations.connectivity.test_probe import HOST, NAME, PLACE, Account


class Own(Account):
    def do(self, call: str, asked: dict[str, Any]) -> Any:
        if call == "get_caller_identity":
            return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/me", "UserId": "ME"}
        return super().do(call, asked)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Own:
    made = Own()
    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(made, region)))
    monkeypatch.setattr(Access, "of_the_user", lambda _: access)
    monkeypatch.setattr(probe, "place_of", lambda *_: PLACE)
    return made


def test_the_result_is_that_of_the_check_and_nothing_is_left(pinekeep: Run, good: Path, account: Own) -> None:
    result = pinekeep("private-link", "probe", "--host", HOST, "--yes", "--json")
    assert result.code == 0, result.err
    found = result.require_schema("private-link probe")
    assert (found["name"], found["check"]["verdict"], found["remaining"]) == ("search-prod", "ok", [])
    assert account.there == set()


def test_a_failure_removes_the_probe_and_names_what_remains(pinekeep: Run, good: Path, account: Own) -> None:
    account.refusals = {"invoke": ["AccessDeniedException"], "delete_security_group": ["DependencyViolation"]}
    result = pinekeep("private-link", "probe", "--host", HOST, "--yes")
    assert result.code == 3
    assert NAME.replace("search", "search-prod") in result.err
    assert "pinekeep private-link probe --remove --yes --deployment search-prod" in result.err
    assert "function" not in account.there
    assert pinekeep("private-link", "probe", "--remove", "--yes").code == 0
    assert account.there == set()


def test_an_interruption_removes_the_probe(
    pinekeep: Run, good: Path, account: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(probe.Probe, "_wait_until_active", interrupted)
    assert pinekeep("private-link", "probe", "--host", HOST, "--yes").code != 0
    assert "create_function" in [name for name, _ in account.calls]
    assert account.there == set()


@pytest.mark.parametrize("options", [(), ("--host", HOST, "--remove"), ("--host", "example.com"), ("--host", HOST)])
def test_wrong_input_makes_nothing(pinekeep: Run, good: Path, account: Own, options: tuple[str, ...]) -> None:
    assert pinekeep("private-link", "probe", *options).code == 2
    assert account.there == set()
