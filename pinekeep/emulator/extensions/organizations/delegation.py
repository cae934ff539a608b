"""Delegated administrators and trusted services of an organization."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core.responses import get_account_id
from ministack.services import organizations

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.organizations.records import Document, delegated_services, trusted_services

_OK: Final = 200


def known_account(asked: Document) -> Document:
    """Return the account that a request names. Raises RefusedError (AccountNotFoundException)."""
    organizations._ensure_org()
    found = organizations._accounts.get(asked["AccountId"])
    if found is None:
        raise RefusedError("AccountNotFoundException", "You specified an account that doesn't exist.")
    return dict(found)


def _register(asked: Document) -> Any:
    account = known_account(asked)["Id"]
    if account == get_account_id():
        raise RefusedError("ConstraintViolationException", "The management account is no delegated administrator.")
    if asked["ServicePrincipal"] in delegated_services(account):
        raise RefusedError("AccountAlreadyRegisteredException", "The account is a delegated administrator already.")
    delegated_services(account)[asked["ServicePrincipal"]] = time.time()
    return organizations._json(_OK, {})


def _deregister(asked: Document) -> Any:
    account = known_account(asked)["Id"]
    if delegated_services(account).pop(asked["ServicePrincipal"], None) is None:
        raise RefusedError("AccountNotRegisteredException", "The account is no delegated administrator.")
    return organizations._json(_OK, {})


def _list_administrators(asked: Document) -> Any:
    organizations._ensure_org()
    wanted = asked.get("ServicePrincipal")
    registered = [(each, delegated_services(each["Id"])) for each in organizations._accounts.values()]
    found = [
        {**organizations._public_account(account), "DelegationEnabledDate": min(services.values())}
        for account, services in registered
        if (services if wanted is None else wanted in services)
    ]
    return organizations._json(_OK, {"DelegatedAdministrators": found})


def _list_services(asked: Document) -> Any:
    services = delegated_services(known_account(asked)["Id"])
    found = [{"ServicePrincipal": name, "DelegationEnabledDate": at} for name, at in services.items()]
    return organizations._json(_OK, {"DelegatedServices": found})


def _enable_access(asked: Document) -> Any:
    organizations._ensure_org()
    trusted_services(get_account_id()).setdefault(asked["ServicePrincipal"], time.time())
    return organizations._json(_OK, {})


def _disable_access(asked: Document) -> Any:
    organizations._ensure_org()
    trusted_services(get_account_id()).pop(asked["ServicePrincipal"], None)
    return organizations._json(_OK, {})


def _list_access(_: Document) -> Any:
    organizations._ensure_org()
    found = [{"ServicePrincipal": name, "DateEnabled": at} for name, at in trusted_services(get_account_id()).items()]
    return organizations._json(_OK, {"EnabledServicePrincipals": found})


CALLS: Final[Mapping[str, Callable[[Document], Any]]] = {
    "RegisterDelegatedAdministrator": _register,
    "DeregisterDelegatedAdministrator": _deregister,
    "ListDelegatedAdministrators": _list_administrators,
    "ListDelegatedServicesForAccount": _list_services,
    "EnableAWSServiceAccess": _enable_access,
    "DisableAWSServiceAccess": _disable_access,
    "ListAWSServiceAccessForOrganization": _list_access,
}
