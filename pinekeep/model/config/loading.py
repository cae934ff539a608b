"""Reading and validating a configuration file. All its problems are reported at once, each with its position."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pinekeep.errors import WrongInputError
from pinekeep.model.config.further_endpoints import expanded
from pinekeep.model.config.handover.file import handover_path
from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import Wrong, partial
from pinekeep.model.config.problems import MAX_PROBLEMS, ConfigurationError, Path, Position, Problem
from pinekeep.model.config.renames import renamed
from pinekeep.model.config.rosters import NOBODY, Rosters
from pinekeep.model.config.rules import apply_rules
from pinekeep.model.config.yaml_source import YamlSource, read_yaml
from pinekeep.model.customers.residents import ledger_path
from pinekeep.model.words import did_you_mean, listed, shown

DEFAULT_FILE: Final = "pinekeep.yaml"
_NAMES_MAX: Final = 10
_TOP: Final = Position(1, 1)


@dataclass(frozen=True)
class Configuration:
    """A valid configuration file.

    Attributes:
        warnings: what is allowed, but deserves attention.
        rosters: the places of the deployments' customers.
        names: the name in AWS by the name in the file, of the deployments for which they differ.
        changed: the warnings about values that differ from those that Pinecone was given.
    """

    path: FilePath
    content: PinekeepFile
    warnings: tuple[Problem, ...] = ()
    rosters: Rosters = NOBODY
    names: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[Problem, ...] = ()

    @property
    def deployments(self) -> dict[str, Deployment]:
        """The deployments by their names in AWS, in the order of the file."""
        return self.content.deployments

    def select(self, names: Iterable[str]) -> dict[str, Deployment]:
        """Return the deployments with these names, or all without names. The names of file and of AWS are accepted.

        Raises WrongInputError if the file has no deployment of such a name.
        """
        if not self.deployments:
            raise WrongInputError(f"{self.path} has no deployments", hint="`pinekeep fleet` works on its fleets")
        wanted = list(dict.fromkeys(self.names.get(name, name) for name in names))
        for name in wanted:
            if name in self.content.fleet:
                raise WrongInputError(f"{name} is a fleet, not a deployment", hint="`pinekeep fleet` works on fleets")
            if name not in self.deployments:
                known = list(self.deployments)
                few = known if len(known) <= _NAMES_MAX else [*known[:_NAMES_MAX], "…"]
                raise WrongInputError(
                    f"{self.path} has no deployment {shown(name)}; it has {listed(few)}", hint=did_you_mean(name, known)
                )
        return {name: self.deployments[name] for name in wanted or self.deployments}

    def require_as_handed_over(self, names: Collection[str]) -> None:
        """Require that values which Pinecone was given are unchanged, as recorded in the file beside the configuration.

        Called before templates are made for a deployment. Without such a file, everything passes. ``names``: the
        deployments to check. Problems of the whole file always count. Raises ConfigurationError if a value differs from
        the one that Pinecone was given.
        """
        refused = [each for each in self.changed if _concerns(each, names)]
        if refused:
            others = [each for each in self.warnings if each not in self.changed]
            raise ConfigurationError(str(self.path), [*others, *(replace(each, severity="error") for each in refused)])


def load(path: FilePath | str) -> Configuration:
    """Read and validate a configuration file.

    Raises ConfigurationError if the file is invalid; with all its problems; WrongInputError if the ledger of customers,
    or the handover file, is damaged.
    """
    by_name = renamed(read_yaml(FilePath(path)))
    by_endpoint = expanded(by_name.source)
    source = by_endpoint.source
    content, found = _validated(source)
    rules = (_placed(source, problem) for problem in (*apply_rules(content), *_fleets(content, source)))
    taken = (_placed(source, problem) for problem in (*by_name.problems, *by_endpoint.problems))
    problems = _distinct([*source.problems, *taken, *found.first, *rules])
    if any(problem.severity == "error" for problem in problems):
        raise ConfigurationError(source.file, problems, more=found.more)
    rosters = _rosters(content, ledger_path(FilePath(path)))
    problems += [_placed(source, each) for each in rosters.problems]
    if any(problem.severity == "error" for problem in problems):
        raise ConfigurationError(source.file, problems)
    content = with_bootstraps(content)
    changed = tuple(_placed(source, each) for each in _changes(content, handover_path(FilePath(path))))
    warnings = tuple(sorted([*problems, *changed], key=_place))
    names = {**by_name.names, **_further_names(by_name.names, by_endpoint.parents)}
    return Configuration(FilePath(path), content, warnings, rosters, names, changed)


def _further_names(names: Mapping[str, str], parents: Mapping[str, str]) -> dict[str, str]:
    """Return the names in AWS of the further endpoints of deployments that have another name in the file."""
    in_file = {in_aws: name for name, in_aws in names.items()}
    return {in_file[parent] + name.removeprefix(parent): name for name, parent in parents.items() if parent in in_file}


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Return each problem once: a setting that several endpoints share is checked for each of them."""
    found: dict[object, Problem] = {}
    for each in problems:
        found.setdefault((each.code, each.message, each.position or each.path), each)
    return list(found.values())


def _concerns(problem: Problem, names: Collection[str]) -> bool:
    """Whether a problem concerns these deployments or the whole file."""
    return problem.path[:1] != ("deployments",) or len(problem.path) == 1 or problem.path[1] in names


def _changes(content: PinekeepFile, handovers: FilePath) -> Iterable[Problem]:
    """Return the changes to values that were handed over. Without a handover file, nothing is imported for it."""
    if not os.path.lexists(handovers):
        return ()
    from pinekeep.model.config.handover.changes import changes  # noqa: PLC0415
    from pinekeep.model.config.handover.file import read_handovers  # noqa: PLC0415

    return changes(content, read_handovers(handovers), file=handovers.name)


def with_bootstraps(content: PinekeepFile) -> PinekeepFile:
    """Return the file with its bootstrap copied into each deployment that has none."""
    if content.bootstrap is None:
        return content
    deployments = {
        name: each if each.bootstrap is not None else each.model_copy(update={"bootstrap": content.bootstrap})
        for name, each in content.deployments.items()
    }
    return content.model_copy(update={"deployments": deployments})


def _fleets(content: PinekeepFile, source: YamlSource) -> Iterable[Problem]:
    """Return the problems of the fleets, without the rows of their files."""
    if not isinstance(content.fleet, Mapping) or not content.fleet:
        return ()
    from pinekeep.model.config.fleet.rules import fleet_problems  # noqa: PLC0415 - most files have no fleets

    return fleet_problems(content, source)


def _rosters(content: PinekeepFile, ledger: FilePath) -> Rosters:
    """Return the places of the customers. Without customers, nothing is imported for them."""
    customers = any(each.cmek and each.cmek.customer_keys for each in content.deployments.values())
    if not customers and not os.path.lexists(ledger):
        return NOBODY
    from pinekeep.model.config.roster import make_rosters  # noqa: PLC0415
    from pinekeep.model.customers.ledger import read_ledger  # noqa: PLC0415

    return make_rosters(content, read_ledger(ledger))


@dataclass(frozen=True)
class _Found:
    """The first problems of a file, and the number of others."""

    first: tuple[Problem, ...] = ()
    more: int = 0


def _validated(source: YamlSource) -> tuple[PinekeepFile, _Found]:
    """Return the valid part of the content, and the problems of single values."""
    errors: list[ErrorDetails] = list(_without_deployments(source.data))
    try:
        content = PinekeepFile.model_validate(source.data)
        if not source.unread and not errors:
            return content, _Found()
    except ValidationError as error:
        errors += error.errors()
    from pinekeep.model.config.sentences import misspelled, path_of, problem_of  # noqa: PLC0415 - for an invalid file alone

    wrong = Wrong([*source.unread, *map(path_of, errors)])
    content = partial(PinekeepFile, source.data, wrong)
    told = [details for details in errors if not _is_below(path_of(details), source.unread)]
    told.sort(key=lambda details: source.position_of_value(path_of(details)))
    first = told[:MAX_PROBLEMS]
    meant = {misspelled(source, details) for details in first}
    problems = [problem_of(source, details) for details in first if path_of(details) not in meant]
    return content, _Found(tuple(problems), len(told) - len(first))


def _without_deployments(data: Any) -> Iterator[ErrorDetails]:
    """Yield the error of a file with neither deployments nor fleets, as the model would have it."""
    if isinstance(data, Mapping) and not {"deployments", "fleet"} & data.keys():
        yield {"type": "missing", "loc": ("deployments",), "msg": "", "input": None}


def _is_below(path: Path, unread: frozenset[Path]) -> bool:
    return any(path[: len(each)] == each for each in unread)


def _placed(source: YamlSource, problem: Problem) -> Problem:
    """Return a rule's problem with its position in the file."""
    return replace(problem, position=source.position_of_value(problem.path))


def _place(problem: Problem) -> Position:
    return problem.position or _TOP
