"""Steps that are shown as they happen, each with a tick or a cross and its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pinekeep.errors import PinekeepError
from pinekeep.model.output.models import DemoStepOutput


class SurpriseError(PinekeepError):
    """Something in the demonstration did not go as it should."""


class Steps:
    """The steps of a demonstration."""

    def __init__(
        self, *, show: Callable[[DemoStepOutput], None], begin: Callable[[str], None] = lambda _: None
    ) -> None:
        self.done: list[DemoStepOutput] = []
        self._show = show
        self._begin = begin
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long all took so far."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """Run one step. What is put into the list given is shown as what was seen.

        Raises:
            SurpriseError: the step raised it.
            PinekeepError: as the step raised it.
        """
        self._begin(title)
        started = time.monotonic()
        seen: list[str] = []
        try:
            yield seen
        except BaseException as error:
            seen.append(error.message if isinstance(error, PinekeepError) else type(error).__name__)
            self._finish(title, passed=False, started=started, seen=seen)
            raise
        self._finish(title, passed=True, started=started, seen=seen)

    def _finish(self, title: str, *, passed: bool, started: float, seen: list[str]) -> None:
        step = DemoStepOutput(
            step=title,
            passed=passed,
            seconds=round(time.monotonic() - started, 2),
            detail="; ".join(seen) or None,
        )
        self.done.append(step)
        self._show(step)
