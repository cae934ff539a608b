"""What is wrong with a configuration file, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pinekeep.errors import WrongInputError

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file. Both count from 1, as editors do."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or worth a warning.

    Attributes:
        code: a stable name of the rule, for programs.
        message: what is so: the value given and what is allowed.
        hint: what to do about it, or None.
        path: the keys and indexes that lead to the value.
        position: where it stands in the file, or None where it stands nowhere.
        severity: an error ends the command; a warning does not.
    """

    code: str
    message: str
    hint: str | None = None
    path: Path = ()
    position: Position | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def setting(self) -> str:
        """The path as it is written in the documentation, such as ``deployments.a.cmek.trust.regions[0]``."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
        return text

    def render(self, file: str) -> str:
        """Return the problem as text: the place and the sentence, then the hint on a line of its own."""
        place = f"{file}:{self.position.line}:{self.position.column}" if self.position else file
        subject = f"{self.setting}: " if self.setting else ""
        text = f"{place}: {self.severity}: {subject}{self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    def as_json(self, file: str) -> dict[str, Any]:
        """Return the problem as plain values for ``--json``."""
        return {
            "file": file,
            "line": self.position.line if self.position else None,
            "column": self.position.column if self.position else None,
            "severity": self.severity,
            "code": self.code,
            "setting": self.setting or None,
            "message": self.message,
            "hint": self.hint,
        }


class ConfigurationError(WrongInputError):
    """The configuration file is not right. Holds every problem found, in the order of the file."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        errors = sum(problem.severity == "error" for problem in problems)
        super().__init__(f"{file} has {errors} error{'' if errors == 1 else 's'}")
        self.file = file
        self.problems = tuple(problems)
