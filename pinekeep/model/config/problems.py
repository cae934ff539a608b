"""The problems of a configuration file, with their positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pinekeep.errors import WrongInputError
from pinekeep.model.words import shown

Path = tuple[str | int, ...]

MAX_PROBLEMS: Final = 200
"""So that a hostile file does not fill the terminal."""
_NAME_MAX: Final = 128


@dataclass(frozen=True, order=True)
class Position:
    """A position in a file. Both count from 1, as in editors."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """An error or a warning.

    Attributes:
        code: the stable name of the rule, for programs.
        message: the value given and what is allowed.
        hint: how to correct it, or None.
        path: the keys and indexes that lead to the value.
        position: its position in the file, if it has one.
        severity: an error ends the command; a warning does not.
        file: the file, where it is not the configuration file itself.
    """

    code: str
    message: str
    hint: str | None = None
    path: Path = ()
    position: Position | None = None
    severity: Literal["error", "warning"] = "error"
    file: str | None = None

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
        file = self.file or file
        place = f"{file}:{self.position.line}:{self.position.column}" if self.position else file
        subject = f"{self.setting}: " if self.setting else ""
        text = f"{place}: {self.severity}: {subject}{self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    def as_json(self, file: str) -> dict[str, Any]:
        """Return the problem as plain values for ``--json``."""
        return {
            "file": self.file or file,
            "line": self.position.line if self.position else None,
            "column": self.position.column if self.position else None,
            "severity": self.severity,
            "code": self.code,
            "setting": self.setting or None,
            "message": self.message,
            "hint": self.hint,
        }


class ConfigurationError(WrongInputError):
    """The configuration file is invalid: its problems in the order of the file, of very many the first ones."""

    def __init__(self, file: str, problems: Sequence[Problem], *, more: int = 0) -> None:
        ordered = sorted(problems, key=lambda each: (each.file or "", each.position or Position(1, 1), each.code))
        errors = sum(problem.severity == "error" for problem in ordered) + more
        shown_file = file if file.isprintable() else shown(file)
        files = list(dict.fromkeys(each.file or shown_file for each in ordered if each.severity == "error"))
        named = " and ".join(files or [shown_file])
        verb = "has" if len(files) <= 1 else "have"
        super().__init__(f"{named} {verb} {errors:,} error{'' if errors == 1 else 's'}")
        self.file = shown_file
        more += max(0, len(ordered) - MAX_PROBLEMS)
        kept = ordered[:MAX_PROBLEMS]
        if more:
            message = f"not all problems are listed; at least {more:,} more were found"
            last = kept[-1]
            kept.append(
                Problem("more-problems", message, "correct these first", position=last.position, file=last.file)
            )
        self.problems = tuple(kept)


def refusal(file: str, code: str, message: str, hint: str, where: Position | None = None) -> ConfigurationError:
    """Return the error of a file with a single problem, which prevents reading the rest."""
    return ConfigurationError(file, [Problem(code, message, hint, position=where)])
