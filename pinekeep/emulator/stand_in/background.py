"""A stand-in for Pinecone that outlives a command, to try `pinekeep pinecone` on."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.emulator.background import Background, RecordedServer
from pinekeep.emulator.process import ServerProcess
from pinekeep.model.facts import pinecone_api as api


@dataclass(frozen=True)
class BackgroundStandIn(RecordedServer):
    """A detached stand-in with its service account."""

    client_id: str
    client_secret: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which `pinekeep pinecone` uses it."""
        return {
            api.CLIENT_ID_VARIABLE: self.client_id,
            api.CLIENT_SECRET_VARIABLE: self.client_secret,
            api.CONTROLLER_HOST_VARIABLE: self.endpoint_url,
        }


_BACKGROUND: Final = Background("pinecone", BackgroundStandIn, kind="pinecone")
stop = _BACKGROUND.stop


def start() -> BackgroundStandIn:
    """Start a detached stand-in, unless one runs. Raises: LocalAwsError, when it does not start or answer."""
    return _BACKGROUND.start(_make).server


def status() -> BackgroundStandIn | None:
    """Return the running stand-in. Raises: LocalAwsError, when it does not answer."""
    return _BACKGROUND.status().server


def _make() -> tuple[ServerProcess, Mapping[str, Any]]:
    client_id, client_secret = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    # In the environment: a command line is visible to every user of the machine.
    variables = {api.CLIENT_ID_VARIABLE: client_id, api.CLIENT_SECRET_VARIABLE: client_secret}
    process = ServerProcess("pinecone", environment=variables, detached=True)
    return process, {"client_id": client_id, "client_secret": client_secret}
