"""``pinekeep monitoring test``: what it prints, its exit codes, and that nothing is left however it ends."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.operations.monitoring.delivery import DeliveryTest
from tests.command_support import GOOD, Run
from tests.operations.monitoring.fake_notifications import TOPIC, FakeNotifications

WATCHED = (
    GOOD.replace("  search-prod:", "  search:")
    .replace("region: us-east-1\n", "region: eu-west-1\n    monitoring: {emails: [ops@example.com]}\n", 1)
    .replace("us-east-1a, us-east-1b", "eu-west-1a, eu-west-1b")
)


class Own(FakeNotifications):
    def get_caller_identity(self) -> Any:
        return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/me", "UserId": "ME"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Own:
    made = Own()
    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(made, region)))
    monkeypatch.setattr(Access, "of_the_user", lambda _: access)
    (folder / "pinekeep.yaml").write_text(WATCHED)
    return made


def test_all_paths_are_shown_with_who_is_subscribed(pinekeep: Run, aws: Own) -> None:
    aws.subscribe(TOPIC, "email", "ops@example.com")
    result = pinekeep("monitoring", "test", "--yes")
    assert result.code == 0, result.err
    assert result.out.startswith("search (mark ")
    for path in ("topic", "events", "global", "alarm", "slack"):
        assert f" {path} " in result.out.replace("topic  ", "topic ")
    assert "email ops@example.com: look for the messages in the mailbox" in result.out
    assert aws.queues == {}


def test_the_json_output_names_what_did_not_arrive_and_the_exit_code_is_1(
    pinekeep: Run, aws: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pinekeep.operations.monitoring.inbox.Inbox.messages", lambda _: [])
    ticks = iter(range(0, 100_000, 6))
    hurried = partial(DeliveryTest, clock=lambda: float(next(ticks)))
    monkeypatch.setattr("pinekeep.operations.monitoring.delivery.DeliveryTest", hurried)
    result = pinekeep("monitoring", "test", "--yes", "--json", "--path", "topic", "--timeout", "10")
    assert result.code == 1, result.err
    found = result.require_schema("monitoring test")
    assert found["passed"] is False
    (path,) = found["deployments"][0]["paths"]
    assert (path["path"], path["status"]) == ("topic", "missing")
    assert aws.queues == {}


def test_without_a_terminal_it_asks_for_yes_and_sends_nothing(pinekeep: Run, aws: Own) -> None:
    result = pinekeep("monitoring", "test")
    assert result.code == 2
    assert "--yes" in result.err
    assert "publish" not in aws.operations()


def test_a_file_without_monitoring_is_refused_with_what_to_add(pinekeep: Run, aws: Own, folder: Path) -> None:
    (folder / "pinekeep.yaml").write_text(GOOD)
    result = pinekeep("monitoring", "test", "--yes")
    assert result.code == 2
    assert "no deployment has monitoring" in result.err
    assert "monitoring: {}" in result.err


def test_an_interrupt_leaves_nothing(pinekeep: Run, aws: Own) -> None:
    aws.interrupt = "put_events"
    assert pinekeep("monitoring", "test", "--yes").code == 130
    assert aws.queues == {}
    assert aws.subscriptions == {}
