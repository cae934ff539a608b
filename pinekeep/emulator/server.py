"""An embedded AWS for the life of a `with` block."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pinekeep.emulator.client import DEFAULT_ACCOUNT, DEFAULT_REGION, Connection, LocalSession, check_account
from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.launch import ServerProcess
from pinekeep.emulator.snapshots import restore_snapshot, take_snapshot


class EmbeddedAws:
    """A private AWS on a free loopback port, gone with the block or with this process, whichever ends first.

    In: `account`, whose root user is the default caller; `region`, the default Region;
    `endpoint_services`, third-party endpoint services that have a private DNS name, by service name.
    Raises: LocalAwsError, when the account number is wrong.
    """

    def __init__(
        self,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        endpoint_services: Mapping[str, str] | None = None,
    ) -> None:
        self.account = check_account(account)
        self.region = region
        self._endpoint_services = dict(endpoint_services or {})
        self._server: ServerProcess | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start it, unless it runs, and wait until it answers.

        Out: this object. Raises: LocalAwsError, with the end of the server's log, when it does not
        answer within 30 seconds or ministack is not the pinned version. Nothing is left behind then.
        """
        if self._server is None:
            server = ServerProcess(
                account=self.account,
                region=self.region,
                endpoint_services=self._endpoint_services,
                detached=False,
            )
            self._server = server
            try:
                server.start()
            except BaseException:
                self._server = None
                raise
        return self

    def stop(self) -> None:
        """End it and delete its folder. Does nothing when it does not run."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    @property
    def endpoint_url(self) -> str:
        """Where it answers. Raises LocalAwsError, when it does not run."""
        return f"http://127.0.0.1:{self._running().port}"

    @property
    def pid(self) -> int:
        """The server's process ID. Raises LocalAwsError, when it does not run."""
        return self._running().pid

    @property
    def folder(self) -> Path:
        """Its private folder, with `server.log`. Raises LocalAwsError, when it does not run."""
        return self._running().folder

    @property
    def connection(self) -> Connection:
        """Where and as whom to reach it. Raises LocalAwsError, when it does not run."""
        return Connection(endpoint_url=self.endpoint_url, account=self.account, region=self.region, folder=self.folder)

    def environment(
        self, account: str | None = None, *, credentials: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The environment of a child process; see `Connection.environment`."""
        return self.connection.environment(account, credentials=credentials)

    def session(
        self,
        account: str | None = None,
        *,
        credentials: Mapping[str, str] | None = None,
        region: str | None = None,
    ) -> LocalSession:
        """A session of boto3 bound to it; see `Connection.session`."""
        return self.connection.session(account, credentials=credentials, region=region)

    def take_snapshot(self, name: str) -> None:
        """Keep a copy of all that is in it; see :mod:`pinekeep.emulator.snapshots`."""
        take_snapshot(self._running().port, name)

    def restore_snapshot(self, name: str) -> None:
        """Go back to a copy. Raises LocalAwsError, when there is none of that name."""
        restore_snapshot(self._running().port, name)

    def _running(self) -> ServerProcess:
        if self._server is None:
            raise LocalAwsError("the embedded AWS is not running", hint="call start() or use it in a `with` block")
        return self._server
