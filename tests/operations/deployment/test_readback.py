"""What a deployment promises is read back, more than once after a change."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pinekeep.model.config import Configuration, load
from pinekeep.operations.deployment import readback as module
from pinekeep.operations.deployment.readback import PAUSES, read_back
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import CHECKS, PROMISED
from tests.command_support import GOOD

Look = Callable[..., list[Finding]]


def finding(status: Any) -> Finding:
    return Finding(check="role-exists", deployment="search-prod", what="role", status=status, found="f", wanted="w")


class Looks:
    """Answers each look with the next status, and the last one from then on."""

    def __init__(self, *statuses: str) -> None:
        self.statuses = list(statuses)
        self.asked: list[dict[str, Any]] = []
        self.pauses: list[float] = []

    def __call__(self, deployments: Any, **options: Any) -> list[Finding]:
        self.asked.append(options)
        return [finding(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])]


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    path = tmp_path / "pinekeep.yaml"
    path.write_text(GOOD)
    return load(path)


@pytest.fixture
def look(configuration: Configuration, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def run(looks: Looks, *, changed: bool) -> Any:
        monkeypatch.setattr(module, "verify", looks)
        access: Any = SimpleNamespace(clients_for=None)
        deployments = configuration.select(())
        return read_back(configuration, deployments, access=access, changed=changed, sleep=looks.pauses.append)

    return run


def test_what_is_as_promised_is_looked_at_once(look: Callable[..., Any]) -> None:
    looks = Looks("ok")
    found = look(looks, changed=True)
    assert (found.failed, found.unreadable, len(looks.asked)) == ((), (), 1)
    assert looks.asked[0]["checks"] == PROMISED


def test_after_a_change_it_is_looked_at_again_until_it_shows(look: Callable[..., Any]) -> None:
    looks = Looks("failed", "failed", "ok")
    assert look(looks, changed=True).failed == ()
    assert looks.pauses == list(PAUSES[:2])


def test_what_never_shows_fails_after_the_last_look(look: Callable[..., Any]) -> None:
    looks = Looks("failed")
    assert [each.check for each in look(looks, changed=True).failed] == ["role-exists"]
    assert looks.pauses == list(PAUSES)


def test_where_nothing_was_changed_there_is_nothing_to_wait_for(look: Callable[..., Any]) -> None:
    looks = Looks("failed")
    assert len(look(looks, changed=False).failed) == 1
    assert looks.pauses == []


def test_what_cannot_be_read_is_told_apart(look: Callable[..., Any]) -> None:
    found = look(Looks("unreadable"), changed=True)
    assert (found.failed, [each.status for each in found.unreadable]) == ((), ["unreadable"])


def test_what_others_decide_is_not_promised() -> None:
    promised = {each.id for each in PROMISED}
    assert {"role-exists", "trust-policy-principals", "key-policy-users", "key-alias", "endpoint-exists"} <= promised
    others = {each.id for each in CHECKS} - promised
    assert {"key-activity", "key-state", "role-cut-off", "role-inline-policies", "handed-over-role"} <= others
