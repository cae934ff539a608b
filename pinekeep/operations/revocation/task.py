"""Small changes that are all tried, whatever becomes of one of them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

from pinekeep.account.client.refusals import as_refusal

Status = Literal["planned", "done", "already", "absent", "left", "failed"]

SIDE_BY_SIDE: Final = 8


@dataclass(frozen=True)
class Step:
    """What was done to one thing, or would be.

    Attributes:
        target: the thing: ``role …`` or ``key …``.
        action: what was done to it, as a participle: ``disabled``.
        status: ``already``: it was so; ``absent``: there is no such thing; ``left``: it was not touched, see detail.
        detail: why, or what to do about it.
    """

    target: str
    action: str
    status: Status
    detail: str | None = None


@dataclass(frozen=True)
class Task:
    """One change.

    Attributes:
        step: what it is, before it was made.
        act: makes it; None where nothing is to be done.
    """

    step: Step
    act: Callable[[], Any] | None = None

    def carry_out(self) -> Step:
        """Make the change and return what came of it. A refusal of AWS's is no error: others go on."""
        if self.act is None:
            return self.step
        try:
            self.act()
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            told = f"{refusal.message}; {refusal.hint}" if refusal.hint else refusal.message
            return Step(self.step.target, self.step.action, "failed", told)
        return Step(self.step.target, self.step.action, "done", self.step.detail)


def carry_out(tasks: Sequence[Task]) -> list[Step]:
    """Make all changes side by side; return what came of each, in their order."""
    if not tasks:
        return []
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="cut-off") as pool:
        return list(pool.map(Task.carry_out, tasks))
