"""An embedded AWS, bootstrapped, and the command pointed at it."""

from collections.abc import Iterator

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from tests.command_fixtures import folder, good, pinekeep
from tests.embedded import bootstrap

__all__ = ["folder", "good", "pinekeep"]


@pytest.fixture(scope="session")
def bootstrapped() -> Iterator[EmbeddedAws]:
    """One for all tests of a worker."""
    with EmbeddedAws(endpoint_services=endpoint_services()) as aws:
        bootstrap(aws)
        yield aws


@pytest.fixture
def aws(bootstrapped: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> EmbeddedAws:
    """The command's credentials are those of the embedded AWS's account."""
    for name, value in bootstrapped.environment().items():
        monkeypatch.setenv(name, value)
    # Every change is visible at once, so what fails is not looked at again after a pause.
    monkeypatch.setattr("pinekeep.operations.deployment.readback.PAUSES", ())
    monkeypatch.setattr("pinekeep.operations.revocation.revoke.SECONDS_BETWEEN", 0.0)
    return bootstrapped
