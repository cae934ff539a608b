"""Changes that are all attempted, even if one of them fails."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from pinekeep.account.client.refusals import as_refusal

Status = Literal["planned", "done", "already", "absent", "left", "failed"]

SIDE_BY_SIDE: Final = 8


@dataclass(frozen=True)
class Step:
    """The result of one change, or its preview: a target (``role …``, ``key …``) and a participle (``disabled``).

    ``already``: it was so before; ``absent``: it does not exist; ``left``: it was not changed. ``detail`` says why, or
    what to do about it.
    """

    target: str
    action: str
    status: Status
    detail: str | None = None


@dataclass(frozen=True)
class Task:
    """One change; without ``act`` there is nothing to do."""

    step: Step
    act: Callable[[], Any] | None = None

    def carry_out(self) -> Step:
        """Make the change and return its result. A refusal by AWS is a result, not an error."""
        if self.act is None:
            return self.step
        try:
            self.act()
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            why = f"{refusal.message}; {refusal.hint}" if refusal.hint else refusal.message
            return replace(self.step, status="failed", detail=why)
        return replace(self.step, status="done")


def carry_out(tasks: Sequence[Task]) -> list[Step]:
    """Make all changes concurrently; return the results in order."""
    if not tasks:
        return []
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="cut-off") as pool:
        return list(pool.map(Task.carry_out, tasks))
