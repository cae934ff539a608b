"""What the tests of ``pinekeep pinecone`` share: a stand-in for Pinecone, an AWS, and a file about both."""

import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from httpx import create_ssl_context

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.source import Source
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stand_in import PineconeStandIn
from tests.pinecone.contract import faults_of

CONFIGURATION = """\
version: 1
pinecone_account: "740000000001"
deployments:
  search:
    account: "111122223333"
    region: us-east-1
    tags: {team: search}
    cmek:
      trust:
        regions: [us-east-1]
        external_id: 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13
    pinecone:
      project: search-prod
      api_keys:
        - {name: watch, roles: [ControlPlaneViewer], secret: SECRET}
"""
_CONTEXT = cache(create_ssl_context)


@pytest.fixture(scope="session")
def pinecone_aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture(scope="session")
def aws_clients(pinecone_aws: EmbeddedAws) -> Clients:
    return Clients(pinecone_aws.session(), "us-east-1")


@pytest.fixture
def secret(folder: Path) -> str:
    """The name of the secret in the file, which nobody else uses."""
    name = f"pinecone/{uuid.uuid4()}"
    (folder / "pinekeep.yaml").write_text(CONFIGURATION.replace("SECRET", name))
    return name


@pytest.fixture
def stand_in(
    pinecone_aws: EmbeddedAws, aws_clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PineconeStandIn]:
    """A stand-in for Pinecone that this process's environment leads to, as it leads to the pinecone_aws AWS."""
    monkeypatch.setattr("pinekeep.pinecone.sdk.time.sleep", lambda _: None)
    monkeypatch.setattr("pinecone._internal.http_client._retry_sleep", lambda _: None)
    monkeypatch.setattr("httpx._transports.default.create_ssl_context", _CONTEXT)
    # Clients are made once: a new session for each command reads AWS's models anew.
    source = Source(environment=dict, clients_for=lambda _: aws_clients)
    monkeypatch.setattr("pinekeep.account.credentials.access.source_of_the_user", lambda _profile, _region: source)
    with PineconeStandIn() as running:
        for name, value in {**pinecone_aws.environment(), **running.environment}.items():
            monkeypatch.setenv(name, value)
        yield running
    assert [fault for exchange in running.exchanges for fault in faults_of(exchange)] == []
