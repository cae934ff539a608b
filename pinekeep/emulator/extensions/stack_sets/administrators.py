"""Who administers a stack set: an account by itself, or for its"""

import time
from typing import Final

from ministack.core.responses import get_account_id, get_region

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.organizations.records import (
    account_of,
    delegated_services,
    management_account,
    trusted_services,
)
from pinekeep.emulator.extensions.stack_sets.protocol import Document
from pinekeep.emulator.extensions.stack_sets.records import StackSet, known_set

PRINCIPAL: Final = "member.org.stacksets.cloudformation.amazonaws.com"
"""The service principal of StackSets in Organizations."""
_NO_ADMINISTRATOR: Final = (
    "You must be the management account or delegated admin account of an organization before operating a "
    "SERVICE_MANAGED stack set"
)
_NOT_DELEGATED: Final = "Account used is not a delegated administrator"
_NO_ACCESS: Final = "You must enable organizations access to operate a service managed stack set"


def is_delegated(asked: Document) -> bool:
    """Tell whether a request is made as a delegated administrator."""
    return asked.get("CallAs") == "DELEGATED_ADMIN"


def owner(asked: Document) -> str:
    """Return the account whose sets a request is about: the management account's for a delegated administrator.

    Raises RefusedError, when the caller is no delegated administrator.
    """
    account = get_account_id()
    if not is_delegated(asked):
        return account
    management = management_account(account)
    if management is None or management == account or PRINCIPAL not in delegated_services(account):
        raise RefusedError("ValidationError", _NOT_DELEGATED)
    return management


def check_service_managed(account: str) -> None:
    """Raise RefusedError, where an account cannot have service-managed sets."""
    if management_account(account) != account:
        raise RefusedError("ValidationError", _NO_ADMINISTRATOR)
    if PRINCIPAL not in trusted_services(account):
        raise RefusedError("ValidationError", _NO_ACCESS)


def find(asked: Document) -> StackSet:
    """Return the set that a request names. Raises RefusedError."""
    return known_set(owner(asked), get_region(), asked["StackSetName"], only_service_managed=is_delegated(asked))


def find_to_act(asked: Document) -> StackSet:
    """Return the set that a request names, to run an operation. Raises RefusedError."""
    found = find(asked)
    if found.is_service_managed:
        check_service_managed(found.account)
    return found


def is_suspended(management: str, account: str) -> bool:
    """Tell whether an account of an organization is suspended."""
    return (account_of(management, account) or {}).get("Status") == "SUSPENDED"


def activate() -> None:
    """Give StackSets access to the caller's  Raises RefusedError (InvalidOperationException)."""
    trusted_services(_management()).setdefault(PRINCIPAL, time.time())


def deactivate() -> None:
    """Take StackSets' access away. Raises RefusedError (InvalidOperationException)."""
    trusted_services(_management()).pop(PRINCIPAL, None)


def access(asked: Document) -> str:
    """Return whether StackSets has access to the organization, as DescribeOrganizationsAccess names it."""
    management = management_account(owner(asked))
    return "ENABLED" if management and PRINCIPAL in trusted_services(management) else "DISABLED"


def _management() -> str:
    account = get_account_id()
    if management_account(account) != account:
        raise RefusedError(
            "InvalidOperationException",
            "This operation is only supported by the management account of an organization",
        )
    return account
