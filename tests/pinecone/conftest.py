"""A stand-in for Pinecone, held against Pinecone's documents, and AWS for what goes into Secrets Manager."""

from collections.abc import Iterator
from functools import cache

import pytest
from httpx import create_ssl_context

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.model.config import Deployment
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.sdk import Caller
from tests.command_fixtures import pinekeep
from tests.pinecone.contract import faults_of

__all__ = ["pinekeep"]

_CONTEXT = cache(create_ssl_context)
PATIENCE = 0.3
"""Seconds for an answer of the stand-in."""

CMEK = {"trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}}


def deployment(**settings: object) -> Deployment:
    """Return a deployment with CMEK and a project named search."""
    project = {"project": "search", **settings}
    return Deployment.model_validate(
        {
            "account": "111122223333",
            "region": "us-east-1",
            "tags": {"team": "search"},
            "cmek": CMEK,
            "pinecone": project,
        }
    )


@pytest.fixture
def stand_in() -> Iterator[PineconeStandIn]:
    """A stand-in for Pinecone. At the end, everything that was said must have been as the documents have it."""
    with PineconeStandIn() as running:
        yield running
    assert [fault for exchange in running.exchanges for fault in faults_of(exchange)] == []


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDK not wait between its own attempts at signing in."""
    monkeypatch.setattr("pinecone._internal.http_client._retry_sleep", lambda _: None)


@pytest.fixture(autouse=True)
def one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every client of httpx share one TLS context: making one reads all certificates, and takes most of a test."""
    monkeypatch.setattr("httpx._transports.default.create_ssl_context", _CONTEXT)


@pytest.fixture
def account(stand_in: PineconeStandIn) -> ServiceAccount:
    return ServiceAccount.of_the_environment(stand_in.environment)


@pytest.fixture
def pauses() -> list[float]:
    """How long was waited between attempts."""
    return []


@pytest.fixture
def admin(account: ServiceAccount, pauses: list[float]) -> Iterator[PineconeAdmin]:
    with PineconeAdmin(account, caller=Caller(pauses.append), seconds=PATIENCE) as connected:
        yield connected


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def clients(embedded: EmbeddedAws) -> Clients:
    return Clients(embedded.session(), "us-east-1")
