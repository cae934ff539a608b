"""The steps of the demonstration, shown as they finish, each with its result and duration."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from pinekeep.errors import PinekeepError
from pinekeep.model.output.local import DemoStepOutput


class SurpriseError(PinekeepError):
    """A step of the demonstration had another result than expected."""


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
        """The time since the start."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, title: str) -> Generator[list[str]]:
        """Run one step. The strings that are added to the list are shown as its details."""
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
            step=title, passed=passed, seconds=round(time.monotonic() - started, 2), detail="; ".join(seen) or None
        )
        self.done.append(step)
        self._show(step)
