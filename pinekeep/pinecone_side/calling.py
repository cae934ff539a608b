"""Calls to Pinecone: told in words when they fail, and made again only where that can do no harm."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from pinekeep.pinecone_side.errors import SERVICE_ACCOUNT, Who, as_refusal, may_be_repeated, wait_asked_for

ATTEMPTS: Final = 4
FIRST_WAIT: Final = 0.5
"""Seconds; doubled each time."""
LONGEST_WAIT: Final = 20.0
"""Seconds. Where Pinecone asks for more, the user is told instead of being kept waiting."""

T = TypeVar("T")


class Caller:
    """Makes calls, and waits between attempts.

    Args:
        sleep: waits some seconds.
        who: as whom.
    """

    def __init__(self, sleep: Callable[[float], None] | None = None, *, who: Who = SERVICE_ACCOUNT) -> None:
        self._who = who
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
        for attempt in range(1, attempts + 1):
            try:
                return function()
            except PineconeError as error:
                asked = wait_asked_for(error)
                pause = wait if asked is None else asked
                if attempt == attempts or pause > LONGEST_WAIT or not may_be_repeated(error, makes=makes):
                    raise as_refusal(error, what=what, makes=makes, who=self._who) from None
            self._sleep(pause)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")
