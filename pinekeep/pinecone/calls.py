"""Calls to Pinecone: told in words when they fail, and made again only where that can do no harm."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from pinekeep.pinecone.errors import SERVICE_ACCOUNT, Who, as_refusal, may_be_repeated, wait_asked_for
from pinekeep.process import bounded

ATTEMPTS: Final = 4
FIRST_WAIT: Final = 0.5
"""Seconds; doubled each time."""
LONGEST_WAIT: Final = 20.0
"""Seconds. Where Pinecone asks for more, the user is told instead of being kept waiting."""
REQUEST_SECONDS: Final = 30.0
"""How long the whole of an answer may take, however it trickles in."""
CALL_SECONDS: Final = 60.0
"""How long a call may take with all its repetitions and pauses."""

T = TypeVar("T")


class Caller:
    """Makes calls, and waits between attempts.

    Args:
        sleep: waits some seconds.
        who: as whom.
        request_seconds: how long the whole of an answer may take.
        call_seconds: how long a call may take, with all its repetitions.
    """

    def __init__(
        self,
        sleep: Callable[[float], None] | None = None,
        *,
        who: Who = SERVICE_ACCOUNT,
        request_seconds: float = REQUEST_SECONDS,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._who = who
        self._request_seconds = request_seconds
        self._call_seconds = call_seconds
        self._sleep = sleep or time.sleep

    def call(self, what: str, function: Callable[[], T], *, makes: bool = False, attempts: int = ATTEMPTS) -> T:
        """Call the SDK.

        Args:
            what: what is asked, as in "Pinecone refuses to WHAT".
            function: makes the call.
            makes: whether it makes something each time it is carried out. Such a call is made again only where it
                was surely not carried out: when it was not sent, or refused because there were too many.
            attempts: how often it is made at most.

        Raises:
            UnclearError: it makes something, and it is not known whether it did.
            PineconeRefusedError: Pinecone, or the way to it, said no.
        """
        from pinecone.errors import PineconeError  # noqa: PLC0415 - slow to import

        wait = FIRST_WAIT
        end = time.monotonic() + self._call_seconds
        for attempt in range(1, attempts + 1):
            try:
                return self._bounded(what, function, end - time.monotonic())
            except PineconeError as error:
                asked = wait_asked_for(error)
                pause = wait if asked is None else asked
                late = time.monotonic() + pause >= end
                if attempt == attempts or late or pause > LONGEST_WAIT or not may_be_repeated(error, makes=makes):
                    raise as_refusal(error, what=what, makes=makes, who=self._who) from None
            self._sleep(pause)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")

    def _bounded(self, what: str, function: Callable[[], T], left: float) -> T:
        """Make one attempt, and tell whatever it fails with in the SDK's own words.

        Raises:
            pinecone.errors.PineconeError: it failed.
        """
        from pinecone.errors import PineconeTimeoutError, ResponseParsingError  # noqa: PLC0415 - slow to import

        try:
            return bounded(f"Pinecone to {what}", function, seconds=max(0.0, min(self._request_seconds, left)))
        except TimeoutError as error:
            raise PineconeTimeoutError(str(error)) from error
        except (LookupError, AttributeError, TypeError) as error:
            # What an answer lacks shows where the SDK or we look for it.
            raise ResponseParsingError(f"{type(error).__name__}") from error
