"""An embedded AWS that lives on between commands."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pinekeep.emulator.client import DEFAULT_ACCOUNT, DEFAULT_REGION, Connection, check_account
from pinekeep.emulator.launch import ServerProcess
from pinekeep.emulator.state import Found, Memory, RememberedServer


@dataclass(frozen=True)
class BackgroundServer(RememberedServer):
    """A detached embedded AWS as the state file remembers it."""

    account: str
    region: str

    @property
    def connection(self) -> Connection:
        """Where and as whom to reach it."""
        return Connection(
            endpoint_url=self.endpoint_url, account=self.account, region=self.region, folder=Path(self.folder)
        )


Status = Found[BackgroundServer]


@dataclass(frozen=True)
class Started:
    """The server that runs now, and whether it did before."""

    server: BackgroundServer
    already_running: bool


@dataclass(frozen=True)
class Stopped:
    """The server that was ended, or None when none ran."""

    server: BackgroundServer | None


_MEMORY = Memory("local", BackgroundServer, what="the embedded AWS")


def state_file() -> Path:
    """Where the running server is remembered: `$XDG_STATE_HOME/pinekeep/local.json`."""
    return _MEMORY.file


def start(
    *,
    account: str = DEFAULT_ACCOUNT,
    region: str = DEFAULT_REGION,
    endpoint_services: Mapping[str, str] | None = None,
) -> Started:
    """Start a server that outlives this process, unless one runs already.

    In: as for `EmbeddedAws`. Out: the server; the one found keeps its own account and Region.
    Raises: LocalAwsError, when it does not start, or the one remembered does not answer.
    """
    check_account(account)
    with _MEMORY.locked():
        found = _MEMORY.find()
        if found.server is not None:
            return Started(server=found.server, already_running=True)
        _MEMORY.forget()
        process = ServerProcess(
            account=account, region=region, endpoint_services=endpoint_services or {}, detached=True
        )
        process.start()
        try:
            server = BackgroundServer(
                pid=process.pid,
                identity=process.identity,
                endpoint_url=f"http://127.0.0.1:{process.port}",
                account=account,
                region=region,
                folder=str(process.folder),
                started_at=time.time(),
            )
            _MEMORY.remember(server)
            process.release()
        except BaseException:
            process.end()
            _MEMORY.forget()
            raise
        return Started(server=server, already_running=False)


def status() -> Status:
    """Look whether the remembered server runs.

    Out: the server, if it does. Raises: LocalAwsError, when it runs and does not answer.
    """
    with _MEMORY.locked():
        return _MEMORY.find()


def stop() -> Stopped:
    """End the remembered server and delete its folder; nothing to do is fine.

    Out: the server that was ended, if any. Raises: LocalAwsError, when it does not end.
    """
    return Stopped(server=_MEMORY.stop())
