"""Deployments that have another name in the file than in AWS. All other modules use the name in AWS.

Stacks, role, alias, tags and record are named after a deployment, and CloudFormation renames none of them. So a
deployment is renamed in the file alone, and ``name_in_aws`` is its first name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.yaml_source import YamlSource
from pinekeep.model.words import plain

SETTING: Final = "name_in_aws"
_DEPLOYMENTS: Final = "deployments"
_DEPTH: Final = 2


@dataclass(frozen=True)
class Renamed:
    """A file with its deployments under their names in AWS.

    ``names``: the name in AWS by the name in the file, of the deployments for which they differ. ``problems``: names in
    AWS that are another deployment's as well.
    """

    source: YamlSource
    names: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def renamed(source: YamlSource) -> Renamed:
    """Return a file with each deployment under its name in AWS. Invalid names are left for the models to refuse."""
    deployments = source.data.get(_DEPLOYMENTS) if isinstance(source.data, dict) else None
    if not isinstance(deployments, dict):
        return Renamed(source, {})
    wanted = {name: given for name, given in _given(deployments) if given != name}
    taken = {name: given for name, given in wanted.items() if _is_taken(name, given, deployments, wanted)}
    names = {name: given for name, given in wanted.items() if name not in taken}
    problems = tuple(
        Problem(
            "name-in-aws-taken",
            f"{plain(given)} is the name of another deployment of this file",
            "rename one of them; a deployment keeps the name with which it was deployed",
            (_DEPLOYMENTS, name, SETTING),
        )
        for name, given in taken.items()
    )
    if not names:
        return Renamed(source, {}, problems)

    def moved(path: Path) -> Path:
        if len(path) >= _DEPTH and path[0] == _DEPLOYMENTS and path[1] in names:
            return (_DEPLOYMENTS, names[path[1]], *path[_DEPTH:])
        return path

    return Renamed(
        replace(
            source,
            data={**source.data, _DEPLOYMENTS: {names.get(name, name): each for name, each in deployments.items()}},
            values={moved(path): each for path, each in source.values.items()},
            keys={moved(path): each for path, each in source.keys.items()},
            raw={moved(path): each for path, each in source.raw.items()},
            unread=frozenset(map(moved, source.unread)),
        ),
        names,
        problems,
    )


def _given(deployments: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for name, each in deployments.items():
        given = each.get(SETTING) if isinstance(each, dict) else None
        if isinstance(name, str) and isinstance(given, str):
            yield name, given


def _is_taken(name: str, given: str, deployments: Mapping[Any, Any], wanted: Mapping[str, str]) -> bool:
    twice = any(other != name and wanted[other] == given for other in wanted)
    return twice or (given in deployments and given not in wanted)
