"""An embedded AWS, bootstrapped by the real CDK command line, and the command pointed at it."""

from collections.abc import Iterator

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from tests.command_fixtures import folder, good, pinekeep

__all__ = ["folder", "good", "pinekeep"]


@pytest.fixture(scope="session")
def bootstrapped() -> Iterator[EmbeddedAws]:
    """One for all tests of a run: bootstrapping takes seconds."""
    with EmbeddedAws(endpoint_services=endpoint_services()) as aws:
        said: list[str] = []
        CdkCli(environment=aws.environment(), tell=said.append).bootstrap(account=aws.account, region=aws.region)
        assert any("bootstrapped" in line for line in said), said
        yield aws


@pytest.fixture
def aws(bootstrapped: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> EmbeddedAws:
    """The command's credentials are those of the embedded AWS's account."""
    for name, value in bootstrapped.environment().items():
        monkeypatch.setenv(name, value)
    return bootstrapped
