"""Organizations that are made in one step."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ministack.services import organizations

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.organizations.records import acting_as, join, management_account
from pinekeep.emulator.organization import ROOT

_OK: Final = 200


def make_organization(management: str, units: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Add units and accounts to an organization, which is made if need be. Returns the IDs by name.

    Raises RefusedError, as Organizations does.
    """
    with acting_as(management):
        if management_account(management) is None:
            _call("CreateOrganization", {"FeatureSet": "ALL"})
        found = {ROOT: str(_call("ListRoots", {})["Roots"][0]["Id"])}
        for path, accounts in units.items():
            if path not in found:
                found[path] = _unit(path, found)
            for account in accounts:
                join(account, parent=found[path])
        return found


def _unit(path: str, known: Mapping[str, str]) -> str:
    """Return the ID of a unit, which is made unless it is there."""
    above, _, name = path.rpartition("/")
    if above not in known:
        raise RefusedError("ParentNotFoundException", f"The unit {above} must come before {path}")
    there = {each["Name"]: key for key, each in organizations._ous.items() if each["_ParentId"] == known[above]}
    if name in there:
        return str(there[name])
    made = _call("CreateOrganizationalUnit", {"ParentId": known[above], "Name": name})
    return str(made["OrganizationalUnit"]["Id"])


def _call(action: str, asked: dict[str, Any]) -> dict[str, Any]:
    status, _, body = organizations._DISPATCH[action](asked)
    answer = json.loads(body)
    if status != _OK:
        raise RefusedError(answer["__type"], answer["message"])
    return dict(answer)
