"""The progress of ``verify --watch`` on stderr: a live display on a terminal, one line a change without one."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from pinekeep.account.process import listening
from pinekeep.cli.findings import MARKS
from pinekeep.cli.options import log
from pinekeep.cli.terminal import is_live
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.verification.checks.finding import Finding

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS: Final = {"ok": "green", "note": "cyan", "failed": "red", "unreadable": "yellow"}
_KEPT: Final = 5
"""Changes that the live display shows."""


def now_here() -> str:
    """Return the local time of day."""
    return f"{datetime.now().astimezone():%H:%M:%S}"


class Changes:
    """What changed between two verifications, in lines."""

    def __init__(self, clock: Callable[[], str] = now_here) -> None:
        self._clock = clock
        self._before: dict[tuple[str, str, str], Finding] = {}
        self._refused: str | None = None

    def looked(self, findings: Sequence[Finding]) -> list[str]:
        """Return the changes; the first time, everything that has not passed."""
        at = self._clock()
        now = {(each.deployment, each.check, each.what): each for each in findings}
        first = not self._before
        lines = [f"{at}  AWS can be asked again"] if self._refused else []
        self._refused = None
        for key, each in now.items():
            before = self._before.get(key)
            if (before is None and not first) or (before is None and each.status != "ok"):
                lines.append(f"{at}  {_words(each)}")
            elif before is not None and (before.status, before.found) != (each.status, each.found):
                lines.append(f"{at}  {_words(each)} (before: {before.status}, {before.found})")
        lines += [f"{at}  {each.deployment}: {each.what}: gone" for key, each in self._before.items() if key not in now]
        self._before = now
        return lines

    def could_not_look(self, error: AwsRefusedError) -> list[str]:
        """Return why AWS could not be read, once for each reason in a row."""
        if self._refused == error.message:
            return []
        self._refused = error.message
        return [f"{self._clock()}  {error.message}; trying again"]


def _words(finding: Finding) -> str:
    return f"{finding.deployment}: {finding.what}: {finding.status}, {finding.found}"


class PlainDisplay:
    """One line a change."""

    def __init__(self, clock: Callable[[], str] = now_here, tell: Callable[[str], None] = log) -> None:
        self._changes = Changes(clock)
        self._tell = tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def looked(self, findings: Sequence[Finding]) -> None:
        """Write what changed."""
        for line in self._changes.looked(findings):
            self._tell(line)

    def could_not_look(self, error: AwsRefusedError) -> None:
        """Write why AWS could not be read."""
        for line in self._changes.could_not_look(error):
            self._tell(line)

    def waits(self, *, until_next: float, until_end: float) -> None:
        """Do nothing: there is nothing new."""


class LiveDisplay:
    """A live display of what has not passed, the last changes, and the time of the next verification."""

    def __init__(self, console: "Console | None" = None, clock: Callable[[], str] = now_here) -> None:
        from rich.console import Console  # noqa: PLC0415 - slow to import
        from rich.live import Live  # noqa: PLC0415

        self._live = Live(console=console or Console(stderr=True), auto_refresh=False, transient=True)
        self._stack = ExitStack()
        self._changes = Changes(clock)
        self._recent: list[str] = []
        self._findings: Sequence[Finding] = ()
        self._refused: str | None = None

    def __enter__(self) -> Self:
        self._live.__enter__()
        self._stack.enter_context(listening(self._draw))
        self._draw("looking for the first time")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the display: the result is written after it."""
        self._stack.close()
        self._live.__exit__(kind, error, traceback)

    def looked(self, findings: Sequence[Finding]) -> None:
        """Show the findings."""
        first = not self._findings
        lines = self._changes.looked(findings)
        self._recent = [] if first else [*self._recent, *lines][-_KEPT:]
        self._findings, self._refused = findings, None
        self._draw("")

    def could_not_look(self, error: AwsRefusedError) -> None:
        """Show why AWS could not be read, beside the last findings."""
        self._recent = [*self._recent, *self._changes.could_not_look(error)][-_KEPT:]
        self._refused = error.message

    def waits(self, *, until_next: float, until_end: float) -> None:
        """Show when the next verification is."""
        self._draw(f"looking again in {until_next:.0f} s, for {until_end / 60:.0f} more minutes; Ctrl-C ends it")

    def _draw(self, foot: str) -> None:
        self._live.update(self._picture(foot), refresh=True)

    def _picture(self, foot: str) -> Any:
        from rich.text import Text  # noqa: PLC0415

        picture = Text()
        passed = sum(each.status == "ok" for each in self._findings)
        for each in self._findings:
            if each.status != "ok":
                picture.append(f"{MARKS[each.status]} ", style=_COLOURS[each.status])
                picture.append(f"{each.deployment}: {each.what}: {each.found}\n")
        if self._findings:
            picture.append(f"{MARKS['ok']} ", style=_COLOURS["ok"])
            picture.append(f"{passed} checks passed\n")
        for line in self._recent:
            picture.append(f"  {line}\n", style="dim")
        if self._refused:
            picture.append(f"{self._refused}; trying again\n", style="yellow")
        picture.append(foot, style="dim")
        return picture


def display_for_stderr() -> PlainDisplay | LiveDisplay:
    """Return the display that suits stderr."""
    return LiveDisplay() if is_live(sys.stderr) else PlainDisplay()
