"""The answers of Organizations in AWS's form: pages, paths and states."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from ministack.services import organizations

from pinekeep.emulator.extensions.organizations.records import SELF, Document

Answer = tuple[int, dict[str, str], bytes]

MOST: Final = 20
_OK: Final = 200
_HEADERS: Final = {"Content-Type": "application/x-amz-json-1.1"}
_current: ContextVar[tuple[str, Document]] = ContextVar("organizations_call", default=("", {}))
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


@contextmanager
def answering(action: str, asked: Document) -> Generator[None]:
    """Let the emulator give AWS's answers to a call: at most 20 of a list, accounts with `Paths` and `State`."""
    token = _current.set((action, asked))
    try:
        yield
    finally:
        _current.reset(token)


def as_json(status: int, body: Document) -> Answer:
    """Return an answer. It has the call's page alone, before it is written: an organization has many accounts."""
    action, asked = _current.get()
    found = dict(body)
    if status == _OK and (name := _LISTS.get(action)):
        begin, size = int(asked.get("NextToken") or 0), min(asked.get("MaxResults") or MOST, MOST)
        whole = found[name]
        found[name] = whole[begin : begin + size]
        if begin + size < len(whole):
            found["NextToken"] = str(begin + size)
    return status, dict(_HEADERS), json.dumps(_modelled(found)).encode()


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
    parts = [child]
    while (above := organizations._ous.get(parts[0]) or organizations._accounts.get(parts[0])) is not None:
        parts.insert(0, above["_ParentId"])
    return "/".join([str(organizations._orgs[SELF]["Id"]), *parts]) + "/"
