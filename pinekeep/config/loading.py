"""Reading a configuration file: all that is wrong with it, told at once, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pinekeep.config.models import Deployment, PinekeepFile
from pinekeep.config.partial import is_dictionary, models_in, partial
from pinekeep.config.problems import ConfigurationError, Path, Problem
from pinekeep.config.rules import apply_rules
from pinekeep.config.types import did_you_mean
from pinekeep.config.yaml_source import YamlSource, read_yaml
from pinekeep.errors import WrongInputError

DEFAULT_FILE = "pinekeep.yaml"

_UNION_TAGS = frozenset({"all", "list", "existing", "new"})


@dataclass(frozen=True)
class Configuration:
    """A configuration file that is right.

    Attributes:
        path: the file.
        content: what it says.
        warnings: what is allowed and yet worth a word.
    """

    path: FilePath
    content: PinekeepFile
    warnings: tuple[Problem, ...] = ()

    @property
    def deployments(self) -> dict[str, Deployment]:
        """The deployments by name, in the order of the file."""
        return self.content.deployments

    def select(self, names: Iterable[str]) -> dict[str, Deployment]:
        """Return the deployments of these names, or all when there are none.

        Raises:
            WrongInputError: the file has no deployment of such a name.
        """
        wanted = list(dict.fromkeys(names))
        for name in wanted:
            if name not in self.deployments:
                known = list(self.deployments)
                raise WrongInputError(
                    f"{self.path} has no deployment {name!r}; it has {', '.join(known)}",
                    hint=did_you_mean(name, known),
                )
        return {name: self.deployments[name] for name in wanted or self.deployments}


def load(path: FilePath | str) -> Configuration:
    """Read and check a configuration file.

    Raises:
        ConfigurationError: with every problem of the file, in its order.
    """
    source = read_yaml(FilePath(path))
    try:
        content = PinekeepFile.model_validate(source.data)
        problems: list[Problem] = []
    except ValidationError as error:
        problems = [_problem(source, details) for details in error.errors(include_url=False)]
        wrong = frozenset(_path(details) for details in error.errors(include_url=False))
        content = partial(PinekeepFile, source.data, wrong)
    rules = apply_rules(content) if isinstance(content, PinekeepFile) else []
    placed = [_placed(source, problem) for problem in (*problems, *rules)]
    placed.sort(key=lambda problem: (problem.position or source.position_of_value(()), problem.code))
    if any(problem.severity == "error" for problem in placed):
        raise ConfigurationError(source.file, placed)
    return Configuration(FilePath(path), content, tuple(placed))


def _placed(source: YamlSource, problem: Problem) -> Problem:
    """Return a rule's problem with its place in the file."""
    return problem if problem.position else replace(problem, position=source.position_of_value(problem.path))


def _path(details: ErrorDetails) -> Path:
    """Return the path of an error in the file, without the marks that pydantic adds for unions."""
    path = list(details["loc"])
    # A union's mark stands right behind the setting whose value is a union.
    return tuple(
        part
        for index, part in enumerate(path)
        if not (part in _UNION_TAGS and index and path[index - 1] in ("regions", "vpc"))
    )


def _problem(source: YamlSource, details: ErrorDetails) -> Problem:
    path = _path(details)
    kind = details["type"]
    if path and path[-1] == "[key]":
        path = path[:-1]
        where = source.position_of_key(path)
    elif kind == "extra_forbidden":
        where = source.position_of_key(path)
    else:
        where = source.position_of_value(path)
    context: dict[str, Any] = details.get("ctx", {})
    if "message" in context:
        return Problem(kind, context["message"], context["hint"], path, where)
    code, message, hint = _sentence(kind, context, source, path, details["input"])
    return Problem(code, message, hint, path, where)


def _sentence(
    kind: str, context: dict[str, Any], source: YamlSource, path: Path, given: Any
) -> tuple[str, str, str | None]:
    """Return code, message and hint for an error of pydantic's own."""
    raw = source.raw.get(path)
    name = str(path[-1]) if path else "the file"
    match kind:
        case "missing":
            return "missing", f"{name} is missing", _MISSING_HINTS.get(name)
        case "extra_forbidden":
            known = _known_names(path)
            return (
                "unknown-name",
                f"{name!r} is not a setting; allowed are {', '.join(known)}",
                did_you_mean(name, known),
            )
        case "string_type" if given is None:
            return "empty", f"{name} has no value", _MISSING_HINTS.get(name)
        case "string_type" if name.endswith("account") and raw is not None:
            return (
                "account-not-quoted",
                f"YAML reads {raw} as a number, and an account number loses its leading zeros that way",
                f'put it in quotes: {name}: "{raw}"',
            )
        case "string_type" if raw is not None:
            return (
                "not-text",
                f"text is wanted, YAML reads {raw} as {_kind(given)}",
                f'put it in quotes: "{raw}"',
            )
        case "string_type":
            return "not-text", f"text is wanted, got {_kind(given)}", None
        case "int_type":
            return (
                "not-a-number",
                f"a whole number is wanted, got {raw if raw is not None else _kind(given)!r}",
                None,
            )
        case "bool_type":
            return "not-true-or-false", f"true or false is wanted, got {raw or _kind(given)}", None
        case "list_type":
            return "not-a-list", f"a list is wanted, got {_kind(given)}", "write it in brackets: [a, b]"
        case "dict_type" | "model_type" | "model_attributes_type" | "mapping_type":
            return "not-a-mapping", f"{name} needs settings of its own, got {_kind(given)}", None
        case "literal_error" if path == ("version",):
            return "version", f"the version of this format is the number 1, got {given!r}", "write version: 1"
        case "literal_error":
            expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
            return (
                "not-allowed",
                f"allowed are {expected}; got {raw if raw is not None else _kind(given)}",
                did_you_mean(str(raw), expected.split(", ")),
            )
        case "too_short":
            return "empty", f"{name} is empty", None
        case "too_long":
            return (
                "too-many",
                f"at most {context['max_length']} allowed, got {context['actual_length']}",
                None,
            )
        case _:
            return kind.replace("_", "-"), f"this value is not allowed ({kind.replace('_', ' ')})", None


_MISSING_HINTS = {
    "external_id": "write a UUID v4 that you made, or the word none: the choice must be written",
    "version": "write version: 1",
    "deployments": "see the example at the top of the README",
    "account": 'write the 12 digits in quotes: account: "111122223333"',
    "regions": "write a list such as [us-east-1], or the word all",
    "clients": "name who may reach the endpoint: clients: {cidrs: [10.0.0.0/16]}",
}


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"the text {value!r}"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return "a date"


def _known_names(path: Path) -> list[str]:
    """Return the settings that may stand beside the one at this path."""
    candidates: list[type[BaseModel]] = [PinekeepFile]
    parts = iter(path[:-1])
    for part in parts:
        annotations = [
            candidate.model_fields[str(part)].annotation for candidate in candidates if part in candidate.model_fields
        ]
        candidates = [model for annotation in annotations for model in models_in(annotation)]
        if any(is_dictionary(annotation) for annotation in annotations):
            next(parts, None)  # the name of an entry, such as a deployment's
    return list(dict.fromkeys(name for candidate in candidates for name in candidate.model_fields))
