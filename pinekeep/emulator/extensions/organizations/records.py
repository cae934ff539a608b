"""What the emulator keeps of organizations, and who belongs to which."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import organizations

from pinekeep.emulator.extensions.json_services import RefusedError

Document = dict[str, Any]
SELF: Final = "self"

delegations: dict[str, dict[str, float]] = {}
"""By account, the service principals for which it is a delegated administrator, with the time of its registration."""
trusts: dict[str, dict[str, float]] = {}
"""By management account, the service principals that have access to its organization, with the time."""
handshakes: dict[str, Document] = {}
observers: list[Callable[[str, str], None]] = []
"""Called with a management account and an account that has joined its organization, moved in it, or left it."""


def management_account(account: str) -> str | None:
    """Return the management account of an account's organization; None without an organization."""
    for management, member in list(organizations._accounts._data):
        if member == account != management:
            return str(management)
    return account if organizations._orgs.get_scoped(account, None, SELF) else None


def account_of(management: str, account: str) -> Document | None:
    """Return an account of an organization; None for another one."""
    found: Document | None = organizations._accounts.get_scoped(management, None, account)
    return found


def accounts_of(management: str) -> dict[str, Document]:
    """Return the accounts of an organization by their IDs, the management account too."""
    return {
        member: each for (owner, member), each in list(organizations._accounts._data.items()) if owner == management
    }


def parents_of(management: str) -> dict[str, str | None]:
    """Return the parent of each organizational unit of an organization, and None for its root."""
    roots = {key: None for owner, key in list(organizations._roots._data) if owner == management}
    units = {
        key: str(each["_ParentId"])
        for (owner, key), each in list(organizations._ous._data.items())
        if owner == management
    }
    return {**roots, **units}


def delegated_services(account: str) -> dict[str, float]:
    """Return the service principals for which an account is a delegated administrator, to read and to change."""
    return delegations.setdefault(account, {})


def trusted_services(management: str) -> dict[str, float]:
    """Return the service principals that have access to an organization, to read and to change."""
    return trusts.setdefault(management, {})


def check_free(account: str) -> None:
    """Raise RefusedError for an account that is in an organization."""
    if management_account(account):
        raise RefusedError(
            "HandshakeConstraintViolationException", "The account is already a member of an organization."
        )


def join(account: str, *, parent: str | None = None) -> None:
    """Put an account into the caller's organization, below a unit or its root.

    Raises RefusedError: it is in an organization already.
    """
    check_free(account)
    management, organization = get_account_id(), organizations._orgs[SELF]
    organizations._accounts[account] = {
        "Id": account,
        "Arn": f"arn:aws:organizations::{management}:account/{organization['Id']}/{account}",
        "Email": f"aws+{account}@example.com",
        "Name": f"Account {account}",
        "Status": "ACTIVE",
        "JoinedMethod": "INVITED",
        "JoinedTimestamp": int(time.time()),
        "Path": "/",
        "_ParentId": parent or next(iter(organizations._roots)),
    }
    note_change(account)


def note_change(account: str) -> None:
    """Tell those who follow the caller's organization that an account has joined it, moved in it, or left it."""
    for each in observers:
        each(get_account_id(), account)


@contextmanager
def acting_as(account: str) -> Generator[None]:
    """Let the emulator act for an account in the request's Region."""
    with request_scope(account, get_region()):
        yield
