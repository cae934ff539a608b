"""How long AWS is waited for: each request and each call, with all its repetitions, has an end."""

import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.process import bounded


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
