"""Reads of an organization: its accounts, and those of organizational units.

Source: the API reference of AWS Organizations, docs.aws.amazon.com (checked 2026-11-30). The management account and
delegated administrators may read it.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.model.facts import stack_sets

PAGE: Final = 20
"""The most items of a response."""
NOT_IN_USE: Final = "AWSOrganizationsNotInUseException"
_NO_SUCH_PARENT: Final = "ParentNotFoundException"
_NO_SUCH_ACCOUNT: Final = "AccountNotFoundException"
_SIDE_BY_SIDE: Final = 4
"""Organizations throttles its listings early; retries slow down by themselves."""
ACTIVE: Final = "ACTIVE"


@dataclass(frozen=True, kw_only=True)
class Organization:
    """An organization. ``all_features``: whether it has more than consolidated billing, which StackSets requires."""

    id: str
    management_account: str
    all_features: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One account of an organization. ``status``: ACTIVE, SUSPENDED, PENDING_CLOSURE or, as AWS puts it, others."""

    id: str
    status: str = ACTIVE
    name: str = ""

    @property
    def is_active(self) -> bool:
        """Whether CloudFormation deploys to it."""
        return self.status == ACTIVE


def read_organization(clients: Clients) -> Organization | None:
    """Return the organization of the account, None if it is in none. One call. Raises AwsRefusedError."""
    with refusals_told():
        try:
            found = _organizations(clients).describe_organization()["Organization"]
        except Exception as error:
            if code_of(error) == NOT_IN_USE:
                return None
            raise
    return Organization(
        id=found["Id"],
        management_account=found["MasterAccountId"],
        all_features=found.get("FeatureSet", "ALL") == "ALL",
    )


def list_accounts(clients: Clients) -> dict[str, Account]:
    """Return all accounts of the organization by ID. One call for 20. Raises AwsRefusedError."""
    return {each["Id"]: _account(each) for each in _pages(clients, "list_accounts", "Accounts")}


def read_accounts(clients: Clients, ids: Iterable[str]) -> dict[str, Account]:
    """Return some accounts of the organization by ID, without those that are not in it. One call for each."""
    wanted = list(dict.fromkeys(ids))

    def read(account: str) -> Account | None:
        with refusals_told():
            try:
                return _account(_organizations(clients).describe_account(AccountId=account)["Account"])
            except Exception as error:
                if code_of(error) == _NO_SUCH_ACCOUNT:
                    return None
                raise

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return {each.id: each for each in pool.map(read, wanted) if each is not None}


def accounts_of_units(clients: Clients, units: Iterable[str]) -> dict[str, dict[str, Account]]:
    """Return the accounts of organizational units, or of the root, and of all units below, by unit and ID.

    Two calls for each unit, more for more than 20 accounts or units in it. Raises WrongInputError, with all of them, if
    units do not exist; AwsRefusedError if AWS refuses.
    """
    wanted = list(dict.fromkeys(units))
    found: dict[str, dict[str, Account]] = {unit: {} for unit in wanted}
    missing: list[str] = []
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        running: dict[Future[tuple[list[Account], list[str]]], str] = {
            pool.submit(_inside, clients, unit): unit for unit in wanted
        }
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                of_unit = running.pop(each)
                try:
                    accounts, below = each.result()
                except _NoSuchUnitError:
                    missing.append(of_unit)
                    continue
                found[of_unit] |= {account.id: account for account in accounts}
                running |= {pool.submit(_inside, clients, unit): of_unit for unit in below}
    if missing:
        names = ", ".join(sorted(set(missing)))
        raise WrongInputError(
            f"the organization has no {names}",
            hint="list them: aws organizations list-organizational-units-for-parent --parent-id ROOT",
        )
    return found


def list_roots(clients: Clients) -> list[str]:
    """Return the IDs of the organization's roots: one. One call. Raises AwsRefusedError."""
    return [str(each["Id"]) for each in _pages(clients, "list_roots", "Roots")]


def delegated_administrators(clients: Clients) -> frozenset[str]:
    """Return the accounts that are delegated administrators of StackSets. One call a page. Raises AwsRefusedError."""
    pages = _pages(
        clients, "list_delegated_administrators", "DelegatedAdministrators", ServicePrincipal=stack_sets.PRINCIPAL
    )
    return frozenset(str(each["Id"]) for each in pages)


class _NoSuchUnitError(Exception):
    pass


def _inside(clients: Clients, unit: str) -> tuple[list[Account], list[str]]:
    """Return the accounts of a unit, and the units directly below."""
    accounts = _pages(clients, "list_accounts_for_parent", "Accounts", ParentId=unit)
    units = _pages(clients, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=unit)
    return [_account(each) for each in accounts], [str(each["Id"]) for each in units]


def _account(found: Mapping[str, Any]) -> Account:
    return Account(
        id=str(found["Id"]), status=found.get("State") or found.get("Status") or ACTIVE, name=found.get("Name") or ""
    )


def _organizations(clients: Clients) -> Any:
    return clients.client("organizations")


def _pages(clients: Clients, operation: str, items: str, **arguments: Any) -> Iterator[Any]:
    with refusals_told():
        call = getattr(_organizations(clients), operation)
        try:
            while True:
                page = call(**arguments)
                yield from page.get(items) or ()
                if not page.get("NextToken"):
                    return
                arguments["NextToken"] = page["NextToken"]
        except Exception as error:
            if code_of(error) == _NO_SUCH_PARENT:
                raise _NoSuchUnitError from None
            if code_of(error) == NOT_IN_USE:
                raise AwsRefusedError(
                    "the administrator's account is in no organization, which service-managed permissions require",
                    hint="write permissions: self-managed, or use credentials of the organization's management account",
                ) from None
            raise
