"""boto3 clients of one Region, made once and patient with AWS."""

import threading
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Protocol

from pinekeep import __version__
from pinekeep.process import bounded

ATTEMPTS: Final = 4
"""A call and its retries. Adaptive retries also slow down when AWS asks for it."""
CONNECTIONS: Final = 64
"""To one service at the same time: several deployments share a client, and each asks side by side."""

_MAKING = Lock()
"""Making clients from one session is not safe in several threads; using them is."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long is waited, in seconds.

    Attributes:
        connect: for a connection.
        read: for the next byte of an answer.
        request: for the whole of an answer.
        call: for a call, with every repetition of it.
    """

    connect: float = 5.0
    read: float = 20.0
    request: float = 30.0
    call: float = 60.0


PATIENCE: Final = Patience()


class Session(Protocol):
    """The part of boto3's Session that is used."""

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        """Return a client of one service."""


class Clients:
    """The clients of one session in one Region.

    Args:
        session: a boto3 session, or what gives clients like one.
        region: the Region of the clients.
    """

    def __init__(self, session: Session, region: str) -> None:
        self.region = region
        self._session = session
        self._clients: dict[str, Any] = {}
        self._elsewhere: dict[str, Clients] = {}

    def in_region(self, region: str) -> "Clients":
        """Return the clients of the same session in another Region, the same each time. Safe in threads."""
        if region == self.region:
            return self
        with _MAKING:
            return self._elsewhere.setdefault(region, Clients(self._session, region))

    def client(self, service: str) -> Any:
        """Return the client of a service by boto3's name for it, the same one each time. Safe in threads.

        Raises:
            botocore.exceptions.BotoCoreError: it cannot be made; see :mod:`pinekeep.account.client.refusals`.
        """
        with _MAKING:
            if service not in self._clients:
                made = self._session.client(service, region_name=self.region, config=client_config())
                be_patient(made, what=f"{service} in {self.region}")
                self._clients[service] = made
            return self._clients[service]

    def credentials(self) -> Any:
        """Return the credentials as botocore holds them; None where there are none or the session does not tell."""
        tell = getattr(self._session, "get_credentials", None)
        return tell() if tell else None


def client_config() -> Any:
    """Return the botocore settings of every client."""
    from botocore.config import Config  # noqa: PLC0415 - slow to import

    return Config(
        retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS},
        connect_timeout=PATIENCE.connect,
        read_timeout=PATIENCE.read,
        max_pool_connections=CONNECTIONS,
        user_agent_extra=f"pinekeep/{__version__}",
    )


def be_patient(client: Any, *, what: str, patience: Patience = PATIENCE) -> None:
    """Give every call of a boto3 client an end.

    Args:
        client: the client; what is no client of boto3's is left as it is.
        what: how its service is told: "waiting for WHAT".
        patience: how long is waited.
    """
    from botocore.client import BaseClient  # noqa: PLC0415 - slow to import

    if not isinstance(client, BaseClient):
        return
    endpoint = client._endpoint
    bound = _Bounded(endpoint.http_session, what, patience)
    # botocore takes no HTTP session from outside, so this one is put into the place of its own.
    endpoint.http_session = bound
    client.meta.events.register("before-call", bound.begin)


class _Bounded:
    """The HTTP session of a client, in which each request and each call has an end."""

    def __init__(self, inner: Any, what: str, patience: Patience) -> None:
        self._inner = inner
        self._what = what
        self._patience = patience
        self._here = threading.local()

    def begin(self, **_: Any) -> None:
        """Note that a call begins in this thread; its repetitions count as parts of it."""
        self._here.end = time.monotonic() + self._patience.call

    def send(self, request: Any) -> Any:
        """Send a request and return its answer.

        Raises:
            botocore.exceptions.ReadTimeoutError: the answer did not come to its end in time.
        """
        from botocore.exceptions import ReadTimeoutError  # noqa: PLC0415 - slow to import

        left = getattr(self._here, "end", float("inf")) - time.monotonic()
        seconds = min(self._patience.request, left)
        try:
            if seconds > 0:
                return bounded(self._what, lambda: self._inner.send(request), seconds=seconds)
        except TimeoutError:
            pass
        raise ReadTimeoutError(endpoint_url=request.url)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()
