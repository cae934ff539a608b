"""Further endpoints of a deployment, each as a deployment of its own. All other modules see only those."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.yaml_source import YamlSource
from pinekeep.model.values.names import DEPLOYMENT_NAME_MAX
from pinekeep.model.words import plain

SETTING: Final = "further_endpoints"
_DEPLOYMENTS: Final = "deployments"
_LINK: Final = "private_link"
_PROJECT: Final = "project_of"
_OF_THE_ENDPOINTS_OWN: Final = frozenset(
    {
        _LINK,
        "cmek",
        "audit_logs",
        "storage_integrations",
        "monitoring",
        "pinecone",
        "name_in_aws",
        _PROJECT,
    }
)
"""The settings of a deployment that a further endpoint does not share."""


@dataclass(frozen=True)
class Expanded:
    """A file without further endpoints, but with a deployment for each.

    ``parents``: the deployment of each further endpoint, by the name of its own. ``problems``: names that are taken or
    too long.
    """

    source: YamlSource
    parents: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def expanded(source: YamlSource) -> Expanded:
    """Return a file with a deployment for each further endpoint. Invalid ones are left for the models to refuse.

    Account, Region, credentials and tags are those of the deployment. Positions stay those of the file.
    """
    deployments = source.data.get(_DEPLOYMENTS) if isinstance(source.data, dict) else None
    if not isinstance(deployments, dict):
        return Expanded(source, {})
    found = list(_further(deployments))
    if not found:
        return Expanded(source, {})
    problems = tuple(_problems(found, deployments))
    wrong = {problem.path for problem in problems}
    made: dict[str, Any] = {}
    places: list[tuple[Path, Path]] = []
    for parent, key, settings in found:
        inside = (_DEPLOYMENTS, parent, _LINK, SETTING, key)
        if inside in wrong:
            continue
        name = further_name(parent, key)
        shared = {each: value for each, value in deployments[parent].items() if each not in _OF_THE_ENDPOINTS_OWN}
        project = deployments[parent].get(_PROJECT, parent)
        made[name] = {**shared, _PROJECT: project, _LINK: settings}
        own = (_DEPLOYMENTS, name)
        places += [((_DEPLOYMENTS, parent, each), (*own, each)) for each in shared]
        places += [(inside, own), (inside, (*own, _PROJECT)), (inside, (*own, _LINK))]
    return Expanded(
        replace(
            source,
            data={**source.data, _DEPLOYMENTS: {name: _without(each) for name, each in deployments.items()} | made},
            values=_copied(source.values, places),
            keys=_copied(source.keys, places),
            raw=_copied(source.raw, places),
            unread=frozenset(_copied(dict.fromkeys(source.unread), places)),
        ),
        {further_name(parent, key): parent for parent, key, _ in found},
        problems,
    )


def further_name(deployment: str, key: str) -> str:
    """Return the name of the deployment of a further endpoint."""
    return f"{deployment}-{key}"


def _further(deployments: Mapping[Any, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, each in deployments.items():
        link = each.get(_LINK) if isinstance(each, dict) else None
        further = link.get(SETTING) if isinstance(link, dict) else None
        if isinstance(name, str) and isinstance(further, dict):
            yield from ((name, key, settings) for key, settings in further.items() if isinstance(key, str))


def _problems(found: list[tuple[str, str, Any]], deployments: Mapping[Any, Any]) -> Iterator[Problem]:
    for parent, key, _ in found:
        name = further_name(parent, key)
        place = (_DEPLOYMENTS, parent, _LINK, SETTING, key)
        if name in deployments:
            message = f"this further endpoint would be the deployment {plain(name)}, which the file has already"
            yield Problem("further-endpoint-taken", message, "give it another name", place)
        elif len(name) > DEPLOYMENT_NAME_MAX:
            message = (
                f"this further endpoint would be the deployment {plain(name)}; a name has at most "
                f"{DEPLOYMENT_NAME_MAX} characters, this one {len(name)}"
            )
            yield Problem("further-endpoint-name", message, "give it a shorter name", place)


def _without(deployment: Any) -> Any:
    """Return a deployment without its further endpoints, where they can be expanded at all."""
    link = deployment.get(_LINK) if isinstance(deployment, dict) else None
    if not isinstance(link, dict) or not isinstance(link.get(SETTING), dict):
        return deployment
    return {**deployment, _LINK: {name: each for name, each in link.items() if name != SETTING}}


def _copied(places: Mapping[Path, Any], copies: list[tuple[Path, Path]]) -> dict[Path, Any]:
    """Return positions with those of copied settings added."""
    found = dict(places)
    for origin, copy in copies:
        for path, each in places.items():
            if path[: len(origin)] == origin:
                found.setdefault((*copy, *path[len(origin) :]), each)
    return found
