"""The answers of Organizations in AWS's form: pages, paths and states."""

import json
from collections.abc import Mapping
from typing import Any, Final

from ministack.core.responses import get_account_id
from ministack.services import organizations

from pinekeep.emulator.extensions.organizations.records import SELF, Document, accounts_of, parents_of

Answer = tuple[int, dict[str, str], bytes]

MOST: Final = 20
_OK: Final = 200
_LISTS: Final[Mapping[str, str]] = {
    "ListAccounts": "Accounts",
    "ListAccountsForParent": "Accounts",
    "ListOrganizationalUnitsForParent": "OrganizationalUnits",
    "ListRoots": "Roots",
    "ListParents": "Parents",
    "ListChildren": "Children",
    "ListDelegatedAdministrators": "DelegatedAdministrators",
    "ListDelegatedServicesForAccount": "DelegatedServices",
    "ListAWSServiceAccessForOrganization": "EnabledServicePrincipals",
}


def in_form(action: str, asked: Document, answer: Answer) -> Answer:
    """Return an answer as AWS gives it: at most 20 of a list, accounts with `Paths` and `State`."""
    status, headers, body = answer
    if status != _OK:
        return answer
    found: Document = json.loads(body)
    if name := _LISTS.get(action):
        begin, size = int(asked.get("NextToken") or 0), min(asked.get("MaxResults") or MOST, MOST)
        whole = found[name]
        found[name] = whole[begin : begin + size]
        if begin + size < len(whole):
            found["NextToken"] = str(begin + size)
    return status, headers, json.dumps(_modelled(found)).encode()


def _modelled(value: Any) -> Any:
    if isinstance(value, list):
        return [_modelled(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _modelled(each) for key, each in value.items()}
    if "Path" not in found:
        return found
    if "DelegationEnabledDate" in found:
        return {**{key: each for key, each in found.items() if key != "Path"}, "State": found["Status"]}
    path = _path(found["Id"])
    if "JoinedMethod" in found:
        return {
            **{key: each for key, each in found.items() if key != "Path"},
            "Paths": [path],
            "State": found["Status"],
        }
    return {**found, "Path": path}


def _path(child: str) -> str:
    """Return the path of a unit or an account: the IDs from the organization down."""
    management = get_account_id()
    parents, parts = parents_of(management), [child]
    parent = parents[child] if child in parents else accounts_of(management)[child]["_ParentId"]
    while parent is not None:
        parts.insert(0, parent)
        parent = parents[parent]
    return "/".join([str(organizations._orgs[SELF]["Id"]), *parts]) + "/"
