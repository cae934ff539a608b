"""The members of an organization: how accounts join it, and what they may see of it."""

import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import organizations

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.organizations import delegation
from pinekeep.emulator.extensions.organizations.answers import answering, as_json
from pinekeep.emulator.extensions.organizations.records import (
    SELF,
    Document,
    acting_as,
    check_free,
    delegated_services,
    delegations,
    handshakes,
    join,
    management_account,
    note_change,
)

Call = Callable[[Document], Any]

_OK: Final = 200
_INVITATION_SECONDS: Final = 15 * 24 * 3600
_OF_EVERYONE: Final = frozenset({"DescribeOrganization", "CreateOrganization", "AcceptHandshake"})
_OF_ITSELF: Final = frozenset({"CreateOrganization", "AcceptHandshake"})
_OF_DELEGATED: Final = re.compile(r"(Describe|List)\w+")


def members() -> None:
    """Gap: every account is the management account of an organization of its own, and has one without being asked.

    AWS needs CreateOrganization. A member sees its management account's organization: DescribeOrganization always, the
    rest as a delegated administrator alone. Accounts that exist join by an invitation that they accept. Lists have
    pages of 20.
    """
    begin = organizations._ensure_org

    def ensure() -> None:
        if SELF not in organizations._orgs:
            raise RefusedError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")

    def create(_: Document) -> Any:
        create_organization(begin)
        return organizations._json(_OK, {"Organization": dict(organizations._orgs[SELF])})

    organizations._ensure_org = ensure
    organizations._json = as_json
    organizations._DISPATCH["MoveAccount"] = _moving(organizations._DISPATCH["MoveAccount"])
    organizations._DISPATCH.update({**_CALLS, **delegation.CALLS, "CreateOrganization": create})
    for action, call in list(organizations._DISPATCH.items()):
        organizations._DISPATCH[action] = _for_members(action, call)
    iam_evaluator._principal_org_id = _organization_id


def create_organization(begin: Callable[[], None]) -> None:
    """Make the caller's organization. Raises RefusedError: it is in one."""
    if management_account(get_account_id()):
        raise RefusedError("AlreadyInOrganizationException", "The account is already a member of an organization.")
    begin()


def _organization_id(account: str) -> str | None:
    management = management_account(account)
    found = organizations._orgs.get_scoped(management, None, SELF) if management else None
    return str(found["Id"]) if found else None


def _for_members(action: str, call: Call) -> Call:
    def answered(asked: Document) -> Any:
        account = get_account_id()
        management = management_account(account) or account
        try:
            if management != account and not _may(action, account):
                raise RefusedError("AccessDeniedException", "You don't have permissions to access this resource.")
            with acting_as(account if action in _OF_ITSELF else management), answering(action, asked):
                return call(asked)
        except RefusedError as error:
            return organizations.error_response_json(error.code, error.message, 400)

    return answered


def _may(action: str, account: str) -> bool:
    if action in _OF_EVERYONE:
        return True
    return bool(delegated_services(account)) and _OF_DELEGATED.fullmatch(action) is not None


def _list_children(asked: Document) -> Any:
    organizations._ensure_org()
    kind = asked["ChildType"]
    store = organizations._accounts if kind == "ACCOUNT" else organizations._ous
    found = [{"Id": each["Id"], "Type": kind} for each in store.values() if each["_ParentId"] == asked["ParentId"]]
    return organizations._json(_OK, {"Children": found})


def _remove(asked: Document) -> Any:
    account = delegation.known_account(asked)["Id"]
    if account == get_account_id():
        raise RefusedError("MasterCannotLeaveOrganizationException", "The management account cannot leave.")
    del organizations._accounts[account]
    delegations.pop(account, None)
    note_change(account)
    return organizations._json(_OK, {})


def _moving(call: Call) -> Call:
    def move(asked: Document) -> Any:
        answer = call(asked)
        if answer[0] == _OK:
            note_change(asked["AccountId"])
        return answer

    return move


def _invite(asked: Document) -> Any:
    organizations._ensure_org()
    account = asked["Target"]["Id"]
    if asked["Target"]["Type"] != "ACCOUNT" or not re.fullmatch(r"\d{12}", account):
        raise RefusedError("InvalidInputException", "The embedded AWS invites accounts by their ID alone.")
    check_free(account)
    organization, made = organizations._orgs[SELF]["Id"], time.time()
    identity = f"h-{uuid.uuid4().hex[:12]}"
    handshakes[identity] = {
        "Id": identity,
        "Arn": f"arn:aws:organizations::{get_account_id()}:handshake/{organization}/invite/{identity}",
        "Parties": [
            {"Id": organization.removeprefix("o-"), "Type": "ORGANIZATION"},
            {"Id": account, "Type": "ACCOUNT"},
        ],
        "State": "OPEN",
        "RequestedTimestamp": made,
        "ExpirationTimestamp": made + _INVITATION_SECONDS,
        "Action": "INVITE",
        "Resources": [{"Type": "ORGANIZATION", "Value": organization}, {"Type": "ACCOUNT", "Value": account}],
    }
    return organizations._json(_OK, {"Handshake": handshakes[identity]})


def _accept(asked: Document) -> Any:
    found, account = handshakes.get(asked["HandshakeId"]), get_account_id()
    if found is None or found["Parties"][1]["Id"] != account:
        raise RefusedError("HandshakeNotFoundException", "There is no handshake with this ID.")
    if found["State"] != "OPEN":
        raise RefusedError("HandshakeAlreadyInStateException", f"The handshake is already {found['State']}.")
    with acting_as(found["Arn"].split(":")[4]):
        join(account)
    found["State"] = "ACCEPTED"
    return organizations._json(_OK, {"Handshake": found})


_CALLS: Final[Mapping[str, Call]] = {
    "ListChildren": _list_children,
    "RemoveAccountFromOrganization": _remove,
    "InviteAccountToOrganization": _invite,
    "AcceptHandshake": _accept,
}
