"""The settings of one target: those for all with the values of its row."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.model.arns import role_arn
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.problems import Path
from pinekeep.model.naming import default_fleet_role_name

ACCOUNT_VARIABLE: Final = "${AWS::AccountId}"
REGION_VARIABLE: Final = "${AWS::Region}"
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ACCOUNTS: Final = re.compile(r"(?=([0-9]{12}))")  # also those that overlap


def settings_for_all(name: str, fleet: Fleet) -> dict[str, Any]:
    """Return the settings that the targets of a fleet have in common, without account and Region."""
    found = dict(fleet.settings)
    tags = found.get("tags", {})
    found["tags"] = {**fleet.tags, **tags} if isinstance(tags, Mapping) else tags
    cmek = found.get("cmek")
    if isinstance(cmek, Mapping):
        found["cmek"] = {"role_name": default_fleet_role_name(name), **cmek}
    return found


def merged(settings: Mapping[str, Any], values: Mapping[Path, Any]) -> dict[str, Any]:
    """Return settings with other values at some paths. The settings stay as they are."""
    found = dict(settings)
    own: set[Path] = set()
    for path, value in values.items():
        node = found
        for end in range(1, len(path)):
            part = str(path[end - 1])
            if path[:end] not in own:
                inner = node.get(part)
                node[part] = dict(inner) if isinstance(inner, Mapping) else {}
                own.add(path[:end])
            node = node[part]
        node[str(path[-1])] = value
    return found


def with_variables(settings: Mapping[str, Any], prefix: Path = ()) -> dict[Path, Any]:
    """Return the settings whose texts have variables, by path."""
    found: dict[Path, Any] = {}
    for name, value in settings.items():
        path = (*prefix, name)
        if isinstance(value, Mapping):
            found.update(with_variables(value, path))
        elif has_variables(value):
            found[path] = value
    return found


def at_target(values: Mapping[Path, Any], *, account: Any, region: Any) -> dict[Path, Any]:
    """Return values at a target: variables in their texts stand for its account and Region."""
    return {
        path: _substituted(value, str(account), str(region)) if has_variables(value) else value
        for path, value in values.items()
    }


def placed(settings: dict[str, Any], *, fleet: Fleet, account: Any, region: Any) -> dict[str, Any]:
    """Return the settings of a deployment: with account, Region, and the role with which the account is read."""
    settings["account"] = account
    settings["region"] = region
    if isinstance(account, str) and _ACCOUNT.fullmatch(account):
        settings["assume_role"] = role_arn(account=account, role_name=fleet.verification_role_name)
    return settings


def has_variables(value: Any) -> bool:
    """Return whether a text in a value has a variable."""
    if isinstance(value, str):
        return "${AWS::" in value
    return any("${AWS::" in each for each in texts(value))


def accounts_in(value: Any) -> set[str]:
    """Return the account numbers in the texts of a value."""
    return {found for each in texts(value) for found in _ACCOUNTS.findall(each)}


def texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value and in all that it contains."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def _substituted(value: Any, account: str, region: str) -> Any:
    if isinstance(value, str):
        return value.replace(ACCOUNT_VARIABLE, account).replace(REGION_VARIABLE, region)
    if isinstance(value, Mapping):
        return {key: _substituted(each, account, region) for key, each in value.items()}
    return [_substituted(each, account, region) for each in value] if isinstance(value, list) else value
