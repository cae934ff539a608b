"""The time, as AWS tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.operations.offboarding.progress import aws_now
from tests.operations.revocation.conftest import REGION


class Answering:
    def __init__(self, headers: dict[str, Any]) -> None:
        self.headers = headers

    def client(self, *_: Any, **__: Any) -> Any:
        return self

    def get_caller_identity(self) -> Any:
        return {"ResponseMetadata": {"HTTPHeaders": self.headers}}


def test_it_is_the_time_of_the_answer_whatever_this_machine_says() -> None:
    clients = Clients(Answering({"date": "Wed, 25 Nov 2026 12:00:00 GMT"}), REGION)
    assert aws_now(clients) == datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_an_answer_without_a_time_leaves_this_machines(headers: dict[str, Any]) -> None:
    assert abs(aws_now(Clients(Answering(headers), REGION)) - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_embedded_aws_tells_it(server: EmbeddedAws) -> None:
    found = aws_now(Clients(server.session(), REGION))
    assert abs(found - datetime.now(UTC)) < timedelta(seconds=5)
