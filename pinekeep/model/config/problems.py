"""What is wrong with a configuration file, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pinekeep.errors import WrongInputError
from pinekeep.model.words import shown

Path = tuple[str | int, ...]

MAX_PROBLEMS: Final = 200
"""Nobody reads more at once, and a hostile file must not fill the terminal."""


_NAME_MAX: Final = 128


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
            if isinstance(part, int):
                text += f"[{part}]"
            elif part.isprintable() and part.strip() == part and 0 < len(part) <= _NAME_MAX:
                text += f"{'.' if text else ''}{part}"
            else:
                text += f"[{shown(part)}]"
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
    """The configuration file is not right. Holds every problem found, in the order of the file.

    Of a file with very many, it holds the first ones and a last one that says how many more there are.
    """

    def __init__(self, file: str, problems: Sequence[Problem], *, more: int = 0) -> None:
        ordered = sorted(problems, key=lambda problem: (problem.position or Position(1, 1), problem.code))
        errors = sum(problem.severity == "error" for problem in ordered) + more
        shown_file = file if file.isprintable() else shown(file)
        super().__init__(f"{shown_file} has {errors:,} error{'' if errors == 1 else 's'}")
        self.file = shown_file
        more += max(0, len(ordered) - MAX_PROBLEMS)
        kept = ordered[:MAX_PROBLEMS]
        if more:
            message = f"not all problems are listed; at least {more:,} more were found"
            kept.append(Problem("more-problems", message, "mend these first", position=kept[-1].position))
        self.problems = tuple(kept)


def refusal(file: str, code: str, message: str, hint: str, where: Position | None = None) -> ConfigurationError:
    """Return the error of a file that has one problem, which keeps the rest of it from being read."""
    return ConfigurationError(file, [Problem(code, message, hint, position=where)])
