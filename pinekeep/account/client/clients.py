"""boto3 clients of one Region, made once and patient with AWS."""

from threading import Lock
from typing import Any, Final, Protocol

from pinekeep import __version__
from pinekeep.account.client.timeouts import PATIENCE, be_patient

ATTEMPTS: Final = 4
"""A call and its retries. Adaptive retries also slow down when AWS asks for it."""
CONNECTIONS: Final = 64
"""To one service at the same time: several deployments share a client, and each asks side by side."""

_MAKING = Lock()
"""Making clients from one session is not safe in several threads; using them is."""


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
