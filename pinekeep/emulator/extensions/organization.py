"""Organizations: members, delegated administrators, trusted services, invitations, pages.

Sources, read 2026-11-30: botocore's service model of Organizations (1.43); "AWS Organizations quotas" (page sizes).
"""

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import organizations

from pinekeep.emulator.extensions.json_services import RefusedError

Document = dict[str, Any]
Call = Callable[[Document], Any]
Answer = tuple[int, dict[str, str], bytes]

_OK: Final = 200
_PAGE: Final = 20
_SELF: Final = "self"
_OF_EVERY_MEMBER: Final = frozenset({"DescribeOrganization", "AcceptHandshake", "DeclineHandshake"})
_OF_DELEGATED: Final = re.compile(r"(Describe|List)\w+")
_PAGED: Final = {
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

delegations: dict[str, dict[str, float]] = {}
"""By account, the service principals for which it is a delegated administrator, with the time of its registration."""
trusts: dict[str, dict[str, float]] = {}
"""By management account, the service principals that have access to its organization."""
handshakes: dict[str, Document] = {}


def now() -> float:
    """Return the time in seconds."""
    return time.time()


def management_account(account: str) -> str | None:
    """Return the management account of an account's organization; None without an organization."""
    for (management, member), _ in list(organizations._accounts._data.items()):
        if member == account != management:
            return str(management)
    return account if organizations._orgs.get_scoped(account, None, _SELF) else None


def accounts_of(management: str) -> dict[str, Document]:
    """Return the accounts of an organization by their IDs, the management account too."""
    return {
        member: each for (owner, member), each in list(organizations._accounts._data.items()) if owner == management
    }


def units_of(management: str) -> dict[str, str | None]:
    """Return the parent of each organizational unit of an organization, and None for its root."""
    roots = {key: None for (owner, key) in list(organizations._roots._data) if owner == management}
    units = {
        key: each["_ParentId"] for (owner, key), each in list(organizations._ous._data.items()) if owner == management
    }
    return {**roots, **units}


def delegated_services(account: str) -> dict[str, float]:
    """Return the service principals for which an account is a delegated administrator."""
    return delegations.setdefault(account, {})


def trusted_services(management: str) -> dict[str, float]:
    """Return the service principals that have access to an organization."""
    return trusts.setdefault(management, {})


def members() -> None:
    """Gap: every account is the management account of an organization of its own, and has one without being asked.

    AWS needs CreateOrganization. A member sees its management account's organization: DescribeOrganization always, the
    rest as a delegated administrator alone. Accounts that exist join by an invitation that they accept.
    """
    begin = organizations._ensure_org

    def ensure() -> None:
        if _SELF not in organizations._orgs:
            raise RefusedError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")

    def create(_: Document) -> Any:
        if management_account(get_account_id()):
            raise RefusedError("AlreadyInOrganizationException", "The account is already a member of an organization.")
        begin()
        return organizations._json(_OK, {"Organization": dict(organizations._orgs[_SELF])})

    organizations._ensure_org = ensure
    organizations._DISPATCH["CreateOrganization"] = create
    organizations._DISPATCH.update(_ADDED)
    for action, call in list(organizations._DISPATCH.items()):
        organizations._DISPATCH[action] = _as_member(action, call)
    iam_evaluator._principal_org_id = _organization_id


def _organization_id(account: str) -> str | None:
    management = management_account(account)
    found = organizations._orgs.get_scoped(management, None, _SELF) if management else None
    return str(found["Id"]) if found else None


def _as_member(action: str, call: Call) -> Call:
    def answered(asked: Document) -> Any:
        account = get_account_id()
        management = management_account(account) or account
        try:
            if management != account and not _may(action, account):
                raise RefusedError("AccessDeniedException", "You don't have permissions to access this resource.")
            acting = account if action in ("AcceptHandshake", "DeclineHandshake") else management
            with request_scope(acting, get_region()):
                return _as_modelled(_page_of(call(asked), asked, _PAGED.get(action)))
        except RefusedError as error:
            return organizations.error_response_json(error.code, error.message, 400)

    return answered


def _may(action: str, account: str) -> bool:
    if action in _OF_EVERY_MEMBER:
        return True
    return bool(delegated_services(account)) and _OF_DELEGATED.fullmatch(action) is not None


def _page_of(answer: Answer, asked: Document, name: str | None) -> Answer:
    """Return the page that a request asks for: at most 20 of a list."""
    status, headers, body = answer
    if name is None or status != _OK:
        return answer
    found: Document = json.loads(body)
    begin, size = int(asked.get("NextToken") or 0), min(asked.get("MaxResults") or _PAGE, _PAGE)
    whole = found[name]
    page = {**found, name: whole[begin : begin + size]}
    if begin + size < len(whole):
        page["NextToken"] = str(begin + size)
    return status, headers, json.dumps(page).encode()


def _as_modelled(answer: Answer) -> Answer:
    """Return accounts with `Paths` and `State` in place of the emulator's `Path`, and units with AWS's paths."""
    status, headers, body = answer
    return (status, headers, json.dumps(_modelled(json.loads(body))).encode()) if status == _OK else answer


def _modelled(value: Any) -> Any:
    if isinstance(value, list):
        return [_modelled(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _modelled(each) for key, each in value.items()}
    if "Path" in found:
        path = found.pop("Path")
        if "JoinedMethod" in found:
            found.update(Paths=[_path(found["Id"])], State=found["Status"])
        else:
            found["Path"] = _path(found["Id"]) if "Id" in found else path
    return found


def _path(child: str) -> str:
    """Return the path of a unit or an account: the IDs from the organization down."""
    management = get_account_id()
    units, parts = units_of(management), [child]
    parent = units[child] if child in units else accounts_of(management)[child]["_ParentId"]
    while parent is not None:
        parts.insert(0, parent)
        parent = units[parent]
    return "/".join([str(organizations._orgs[_SELF]["Id"]), *parts]) + "/"


# --- Calls that the emulator lacks ---


def _known_account(asked: Document) -> Document:
    organizations._ensure_org()
    found = organizations._accounts.get(asked["AccountId"])
    if found is None:
        raise RefusedError("AccountNotFoundException", "You specified an account that doesn't exist.")
    return dict(found)


def _register(asked: Document) -> Any:
    account = _known_account(asked)["Id"]
    if account == get_account_id():
        raise RefusedError(
            "ConstraintViolationException",
            "You cannot register master account/management account as delegated administrator for your organization.",
        )
    if asked["ServicePrincipal"] in delegated_services(account):
        raise RefusedError(
            "AccountAlreadyRegisteredException",
            "The specified account is already a delegated administrator for this Amazon Web Services service.",
        )
    delegated_services(account)[asked["ServicePrincipal"]] = now()
    return organizations._json(_OK, {})


def _deregister(asked: Document) -> Any:
    account = _known_account(asked)["Id"]
    if delegated_services(account).pop(asked["ServicePrincipal"], None) is None:
        raise RefusedError(
            "AccountNotRegisteredException",
            "The specified account is not a delegated administrator for this Amazon Web Services service.",
        )
    return organizations._json(_OK, {})


def _list_delegated(asked: Document) -> Any:
    organizations._ensure_org()
    wanted = asked.get("ServicePrincipal")
    found = [
        {**organizations._public_account(account), "DelegationEnabledDate": min(services.values())}
        for account, services in ((each, delegated_services(each["Id"])) for each in organizations._accounts.values())
        if (services if wanted is None else wanted in services)
    ]
    for each in found:
        each["State"] = each["Status"]
        each.pop("Path", None)
    return organizations._json(_OK, {"DelegatedAdministrators": found})


def _list_delegated_services(asked: Document) -> Any:
    services = delegated_services(_known_account(asked)["Id"])
    found = [{"ServicePrincipal": name, "DelegationEnabledDate": at} for name, at in services.items()]
    return organizations._json(_OK, {"DelegatedServices": found})


def _enable_service(asked: Document) -> Any:
    organizations._ensure_org()
    trusted_services(get_account_id()).setdefault(asked["ServicePrincipal"], now())
    return organizations._json(_OK, {})


def _disable_service(asked: Document) -> Any:
    organizations._ensure_org()
    trusted_services(get_account_id()).pop(asked["ServicePrincipal"], None)
    return organizations._json(_OK, {})


def _list_services(_: Document) -> Any:
    organizations._ensure_org()
    found = [{"ServicePrincipal": name, "DateEnabled": at} for name, at in trusted_services(get_account_id()).items()]
    return organizations._json(_OK, {"EnabledServicePrincipals": found})


def _list_children(asked: Document) -> Any:
    organizations._ensure_org()
    kind = asked["ChildType"]
    store = organizations._accounts if kind == "ACCOUNT" else organizations._ous
    found = [{"Id": each["Id"], "Type": kind} for each in store.values() if each["_ParentId"] == asked["ParentId"]]
    return organizations._json(_OK, {"Children": found})


def _remove(asked: Document) -> Any:
    account = _known_account(asked)["Id"]
    if account == get_account_id():
        raise RefusedError(
            "MasterCannotLeaveOrganizationException", "You can't remove a management account from an organization."
        )
    del organizations._accounts[account]
    delegations.pop(account, None)
    return organizations._json(_OK, {})


def _invite(asked: Document) -> Any:
    organizations._ensure_org()
    account = asked["Target"]["Id"]
    if asked["Target"]["Type"] != "ACCOUNT" or not re.fullmatch(r"\d{12}", account):
        raise RefusedError("InvalidInputException", "The target must be the ID of an account")
    if management_account(account):
        raise RefusedError(
            "HandshakeConstraintViolationException", "The account is already a member of an organization."
        )
    organization, made = organizations._orgs[_SELF], time.time()
    identity = "h-" + uuid.uuid4().hex[:12]
    handshakes[identity] = {
        "Id": identity,
        "Arn": f"arn:aws:organizations::{get_account_id()}:handshake/{organization['Id']}/invite/{identity}",
        "Parties": [
            {"Id": organization["Id"].removeprefix("o-"), "Type": "ORGANIZATION"},
            {"Id": account, "Type": "ACCOUNT"},
        ],
        "State": "OPEN",
        "RequestedTimestamp": made,
        "ExpirationTimestamp": made + 15 * 24 * 3600,
        "Action": "INVITE",
        "Resources": [{"Type": "ORGANIZATION", "Value": organization["Id"]}, {"Type": "ACCOUNT", "Value": account}],
    }
    return organizations._json(_OK, {"Handshake": handshakes[identity]})


def _accept(asked: Document) -> Any:
    found, account = handshakes.get(asked["HandshakeId"]), get_account_id()
    if found is None or found["Parties"][1]["Id"] != account:
        raise RefusedError("HandshakeNotFoundException", "There is no handshake with the specified ID.")
    if found["State"] != "OPEN":
        raise RefusedError("HandshakeAlreadyInStateException", f"The handshake is already {found['State']}.")
    if management_account(account):
        raise RefusedError(
            "HandshakeConstraintViolationException", "The account is already a member of an organization."
        )
    found["State"] = "ACCEPTED"
    management = found["Arn"].split(":")[4]
    with request_scope(management, get_region()):
        join(account, name=f"Account {account}")
    return organizations._json(_OK, {"Handshake": found})


def join(account: str, *, name: str) -> None:
    """Put an account into the caller's organization, below its root."""
    management = get_account_id()
    organization, root = organizations._orgs[_SELF], next(iter(organizations._roots))
    organizations._accounts[account] = {
        "Id": account,
        "Arn": f"arn:aws:organizations::{management}:account/{organization['Id']}/{account}",
        "Email": f"aws+{account}@example.com",
        "Name": name,
        "Status": "ACTIVE",
        "JoinedMethod": "INVITED",
        "JoinedTimestamp": int(time.time()),
        "Path": "/",
        "_ParentId": root,
    }


_ADDED: Final[Mapping[str, Call]] = {
    "RegisterDelegatedAdministrator": _register,
    "DeregisterDelegatedAdministrator": _deregister,
    "ListDelegatedAdministrators": _list_delegated,
    "ListDelegatedServicesForAccount": _list_delegated_services,
    "EnableAWSServiceAccess": _enable_service,
    "DisableAWSServiceAccess": _disable_service,
    "ListAWSServiceAccessForOrganization": _list_services,
    "ListChildren": _list_children,
    "RemoveAccountFromOrganization": _remove,
    "InviteAccountToOrganization": _invite,
    "AcceptHandshake": _accept,
}
