"""boto3 clients: created once for each Region, with retries and time limits."""

import threading
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Literal, Protocol

from pinekeep import __version__
from pinekeep.account.process import bounded

ATTEMPTS: Final = 4
"""A call and its retries. Adaptive retries also slow down when AWS throttles."""
CONNECTIONS: Final = 64
"""The most connections to one service: deployments share a client and call it in parallel."""

Retries = Literal["adaptive", "standard"]

_MAKING = Lock()
"""Creating clients from one session is not thread-safe; using them is."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Time limits, in seconds: for a connection, the next byte, a whole response, and a call with all its retries."""

    connect: float = 5.0
    read: float = 20.0
    request: float = 30.0
    call: float = 60.0


PATIENCE: Final = Patience()


class Session(Protocol):
    """The part of boto3's Session that is used."""

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        """Return a client of a service."""


class Clients:
    """The clients of one session in one Region. ``retries``: botocore's mode; adaptive ones slow all calls down."""

    def __init__(self, session: Session, region: str, *, retries: Retries = "adaptive") -> None:
        self.region = region
        self._session = session
        self._retries: Retries = retries
        self._clients: dict[str, Any] = {}
        self._elsewhere: dict[str, Clients] = {}

    def in_region(self, region: str) -> "Clients":
        """Return the clients of the same session in another Region, cached. Thread-safe."""
        if region == self.region:
            return self
        with _MAKING:
            return self._elsewhere.setdefault(region, Clients(self._session, region, retries=self._retries))

    def renewed(self) -> "Clients":
        """Return the clients of the same session without those that exist, for a process of its own."""
        return Clients(self._session, self.region, retries=self._retries)

    def client(self, service: str) -> Any:
        """Return the client of a service by its boto3 name, cached. Thread-safe. Raises BotoCoreError on failure."""
        with _MAKING:
            if service not in self._clients:
                made = self._session.client(service, region_name=self.region, config=client_config(self._retries))
                be_patient(made, what=f"{service} in {self.region}")
                self._clients[service] = made
            return self._clients[service]

    def credentials(self) -> Any:
        """Return botocore's credentials; None where there are none, or the session cannot tell."""
        tell = getattr(self._session, "get_credentials", None)
        return tell() if tell else None


def client_config(retries: Retries = "adaptive") -> Any:
    """Return the botocore configuration of every client."""
    from botocore.config import Config  # noqa: PLC0415 - slow to import

    return Config(
        retries={"mode": retries, "total_max_attempts": ATTEMPTS},
        connect_timeout=PATIENCE.connect,
        read_timeout=PATIENCE.read,
        max_pool_connections=CONNECTIONS,
        user_agent_extra=f"pinekeep/{__version__}",
    )


def be_patient(client: Any, *, what: str, patience: Patience = PATIENCE) -> None:
    """Limit each call of a boto3 client; other objects are left alone. ``what``: as in "waiting for WHAT"."""
    from botocore.client import BaseClient  # noqa: PLC0415 - slow to import

    if not isinstance(client, BaseClient):
        return
    endpoint = client._endpoint  # pyrefly: ignore[missing-attribute] # private
    bound = _Bounded(endpoint.http_session, what, patience)
    # botocore takes no HTTP session from outside, so this one is put into the place of its own.
    endpoint.http_session = bound
    client.meta.events.register("before-call", bound.begin)


class _Bounded:
    """The HTTP session of a client, with a time limit for each request and each call."""

    def __init__(self, inner: Any, what: str, patience: Patience) -> None:
        self._inner = inner
        self._what = what
        self._patience = patience
        self._here = threading.local()

    def begin(self, **_: Any) -> None:
        """Start the time limit of a call in this thread; it covers the retries."""
        self._here.end = time.monotonic() + self._patience.call

    def send(self, request: Any) -> Any:
        """Send a request and return the response. Raises ReadTimeoutError if the response was not complete in time."""
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
