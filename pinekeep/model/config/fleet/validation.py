"""Validating the settings of a target, or those for all, with the models and the rules of a deployment."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import Wrong, partial
from pinekeep.model.config.problems import Path, Position, Problem
from pinekeep.model.config.rules import apply_rules
from pinekeep.model.config.yaml_source import YamlSource

_DEPLOYMENTS: Final = "deployments"
SETTINGS: Final = "settings"


def settings_path(fleet: str, path: Path = ()) -> Path:
    """Return the path in the configuration file of a setting for all targets of a fleet."""
    return ("fleet", fleet, SETTINGS, *path)


def as_deployment(source: YamlSource, fleet: str, data: Mapping[str, Any]) -> YamlSource:
    """Return a file with one deployment, whose settings have the positions of those of a fleet."""
    own, theirs = (_DEPLOYMENTS, fleet), settings_path(fleet)

    def moved(places: Mapping[Path, Any]) -> dict[Path, Any]:
        depth = len(theirs)
        return {(*own, *path[depth:]): each for path, each in places.items() if path[:depth] == theirs}

    top = source.values.get(theirs, Position(1, 1))
    return YamlSource(
        source.file,
        {_DEPLOYMENTS: {fleet: data}},
        {(): top, (_DEPLOYMENTS,): top, own: top, **moved(source.values)},
        moved(source.keys),
        moved(source.raw),
    )


class Validation:
    """The models and rules of a deployment, for the targets of one fleet. ``content``: the file of the fleet."""

    def __init__(self, content: PinekeepFile, fleet: str) -> None:
        self._content = content
        self._fleet = fleet

    def rule_problems(self, deployment: Deployment) -> list[Problem]:
        """Return what the rules find, with paths below the deployment."""
        file = self._content.model_copy(update={_DEPLOYMENTS: {self._fleet: deployment}, "fleet": {}})
        return [_below(each) for each in apply_rules(file)]

    def problems(
        self, data: Mapping[str, Any], error: ValidationError | None, source: YamlSource, *, incomplete: bool = False
    ) -> list[Problem]:
        """Return the problems of settings that are not valid, with paths below the deployment.

        ``error``: what the model refuses. ``source``: positions and texts, by :func:`as_deployment`. ``incomplete``:
        the settings may lack values, which rows have.
        """
        from pinekeep.model.config.sentences import misspelled, path_of, problem_of  # noqa: PLC0415 - for an error alone

        details = [_placed(each, self._fleet) for each in (error.errors() if error else [])]
        told = [each for each in details if not (incomplete and each["type"] == "missing")]
        meant = {misspelled(source, each) for each in told}
        found = [problem_of(source, each) for each in told if path_of(each) not in meant]
        deployment = partial(Deployment, data, Wrong(map(path_of, details)), (_DEPLOYMENTS, self._fleet))
        return [*map(_below, found), *self.rule_problems(deployment)]


def missing(error: ValidationError) -> Iterator[Path]:
    """Yield the paths of the settings that a deployment needs and lacks."""
    from pinekeep.model.config.sentences import path_of  # noqa: PLC0415 - for an error alone

    for each in error.errors():
        if each["type"] == "missing":
            yield path_of(_placed(each, ""))[2:]


def _placed(details: ErrorDetails, fleet: str) -> ErrorDetails:
    return {**details, "loc": (_DEPLOYMENTS, fleet, *details["loc"])}


def _below(problem: Problem) -> Problem:
    depth = 2 if problem.path[:1] == (_DEPLOYMENTS,) else 0
    return replace(problem, path=problem.path[depth:])
