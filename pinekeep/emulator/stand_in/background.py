"""A stand-in for Pinecone that lives on between commands, to try `pinekeep pinecone` on."""

import secrets
import sys
import time
from dataclasses import dataclass

from pinekeep.emulator.launch import DetachedProcess
from pinekeep.emulator.state import Memory, RememberedServer
from pinekeep.model.facts import pinecone_api as api


@dataclass(frozen=True)
class BackgroundStandIn(RememberedServer):
    """A detached stand-in as the state file remembers it, with its service account."""

    client_id: str
    client_secret: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which `pinekeep pinecone` talks to it."""
        return {
            api.CLIENT_ID_VARIABLE: self.client_id,
            api.CLIENT_SECRET_VARIABLE: self.client_secret,
            api.CONTROLLER_HOST_VARIABLE: self.endpoint_url,
        }


_MEMORY = Memory("pinecone", BackgroundStandIn, what="the stand-in for Pinecone")


class _Process(DetachedProcess):
    what = "the stand-in for Pinecone"

    def __init__(self, client_id: str, client_secret: str) -> None:
        super().__init__(detached=True)
        self._account = {api.CLIENT_ID_VARIABLE: client_id, api.CLIENT_SECRET_VARIABLE: client_secret}

    def _command(self, *, fd: int) -> list[str]:
        command = [sys.executable, "-m", "pinekeep.emulator.stand_in.serve", f"--fd={fd}"]
        return [*command, f"--folder={self.folder}", f"--identity={self.identity}", "--detached"]

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), **self._account}


def start() -> BackgroundStandIn:
    """Start a stand-in that outlives this process, unless one runs already.

    Out: the one that runs now. Raises: LocalAwsError, when it does not start, or the one remembered does not answer.
    """
    with _MEMORY.locked():
        if (running := _MEMORY.find().server) is not None:
            return running
        _MEMORY.forget()
        client_id, client_secret = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        process = _Process(client_id, client_secret)
        process.start()
        try:
            server = BackgroundStandIn(
                pid=process.pid,
                identity=process.identity,
                endpoint_url=f"http://127.0.0.1:{process.port}",
                folder=str(process.folder),
                started_at=time.time(),
                client_id=client_id,
                client_secret=client_secret,
            )
            _MEMORY.remember(server)
            process.release()
        except BaseException:
            process.end()
            _MEMORY.forget()
            raise
        return server


def status() -> BackgroundStandIn | None:
    """The stand-in that runs, if any. Raises: LocalAwsError, when it runs and does not answer."""
    with _MEMORY.locked():
        return _MEMORY.find().server


def stop() -> BackgroundStandIn | None:
    """End it; nothing to do is fine. Out: the one that was ended. Raises: LocalAwsError, when it does not end."""
    return _MEMORY.stop()
