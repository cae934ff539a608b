"""The customers of the deployments and their places: the file and the ledger taken together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pinekeep import naming
from pinekeep.config.derived import customer_keys_of, numbered_role_name
from pinekeep.config.models import Deployment, PinekeepFile
from pinekeep.config.problems import Path, Problem
from pinekeep.config.words import plain
from pinekeep.customers.ledger import Ledger, Resident
from pinekeep.customers.packing import Packing, pack
from pinekeep.errors import WrongInputError
from pinekeep.facts import aws


@dataclass(frozen=True)
class Rosters:
    """Who has which place.

    Attributes:
        ledger: what was written down before.
        packings: the places of each deployment's customers; deployments without customers have none.
        problems: why there can be no places, or why they may not be given.
    """

    ledger: Ledger
    packings: Mapping[str, Packing]
    problems: tuple[Problem, ...]


def make_rosters(content: PinekeepFile, ledger: Ledger) -> Rosters:
    """Give every customer a place, those in the ledger the one that they have.

    Args:
        content: a configuration that is right.
        ledger: who has a place.
    """
    packings: dict[str, Packing] = {}
    problems: list[Problem] = list(_deployments_that_went(content, ledger))
    for name, deployment in content.deployments.items():
        path: Path = ("deployments", name, "cmek", "customer_keys")
        residents = ledger.of(name)
        problems += _customers_that_went(deployment, residents, path)
        problems += _customers_that_moved(deployment, residents, path)
        if deployment.cmek is None or not deployment.cmek.customer_keys:
            continue
        try:
            packing = pack(
                customer_keys_of(deployment),
                places={each: resident.place for each, resident in residents.items()},
                describe=deployment.cmek.describe_customer_keys,
            )
        except WrongInputError as error:
            problems.append(Problem("customers-do-not-fit", error.message, error.hint, path))
            continue
        packings[name] = packing
        problems += _long_role_names(name, deployment, len(packing.roles))
    problems += _taken_role_names(content, packings)
    return Rosters(ledger, packings, tuple(problems))


def ledger_after(
    content: PinekeepFile, rosters: Rosters, *, deployments: frozenset[str], handed_over: frozenset[str] = frozenset()
) -> Ledger:
    """Return the ledger as it is once the deployments' places are in use.

    Args:
        content: the configuration.
        rosters: its rosters.
        deployments: the deployments whose places are in use from now on.
        handed_over: the customers who are told their role now, by their IDs.
    """
    ledger = rosters.ledger
    for name in sorted(deployments):
        before = ledger.of(name)
        packing = rosters.packings.get(name)
        cmek = content.deployments[name].cmek
        if packing is None or cmek is None:
            ledger = ledger.with_deployment(name, {})
            continue
        accounts = {naming.customer_id(each.name): each.account for each in cmek.customer_keys}
        ledger = ledger.with_deployment(
            name,
            {
                each: Resident(
                    accounts[each], place, each in handed_over or (each in before and before[each].handed_over)
                )
                for each, place in packing.places.items()
            },
        )
    return ledger


def _deployments_that_went(content: PinekeepFile, ledger: Ledger) -> Iterator[Problem]:
    for name, residents in ledger.residents.items():
        known = [each for each, resident in residents.items() if resident.handed_over]
        if name not in content.deployments and known:
            yield Problem(
                "customers-deployment-removed",
                f"deployment {plain(name)} is gone, and with it the roles that {len(known)} of its customers were "
                f"given: {', '.join(sorted(known)[:_NAMED])}",
                "bring it back; if Pinecone may lose their keys, take it out of the ledger of customers too",
                ("deployments",),
            )


def _customers_that_went(deployment: Deployment, residents: Mapping[str, Resident], path: Path) -> Iterator[Problem]:
    cmek = deployment.cmek
    there = {naming.customer_id(each.name) for each in cmek.customer_keys} if cmek else set()
    meant = {naming.customer_id(each) for each in cmek.removed_customers} if cmek else set()
    for each, resident in residents.items():
        if resident.handed_over and each not in there and each not in meant:
            yield Problem(
                "customer-removed",
                f"customer {each} (account {resident.account}) is gone, yet its role was handed over: Pinecone could "
                "no longer use its key, and everything encrypted with it would be unreadable",
                f"bring it back, or write removed_customers: [{each}] if that is what you want",
                path,
            )


def _customers_that_moved(deployment: Deployment, residents: Mapping[str, Resident], path: Path) -> Iterator[Problem]:
    for index, customer in enumerate(deployment.cmek.customer_keys if deployment.cmek else ()):
        resident = residents.get(naming.customer_id(customer.name))
        if resident and resident.handed_over and resident.account != customer.account:
            yield Problem(
                "customer-account-changed",
                f"customer {plain(customer.name)} was handed over with account {resident.account}; its key is there",
                "bring the account back, or add a customer with another name",
                (*path, index, "account"),
            )


def _long_role_names(name: str, deployment: Deployment, roles: int) -> Iterator[Problem]:
    longest = numbered_role_name(name, deployment, roles)
    if len(longest) > aws.ROLE_NAME_MAX:
        yield Problem(
            "role-name-length",
            f"{roles} roles are needed for the customers, and with -{roles} behind it the last one's name has "
            f"{len(longest)} characters; a role's name has at most {aws.ROLE_NAME_MAX}",
            "give a shorter role_name",
            ("deployments", name, "cmek", "role_name"),
        )


def _taken_role_names(content: PinekeepFile, packings: Mapping[str, Packing]) -> Iterator[Problem]:
    owners: dict[tuple[str, str], str] = {}
    for name, deployment in content.deployments.items():
        if deployment.cmek is None:
            continue
        roles = len(packings[name].roles) if name in packings else 1
        for number in range(1, roles + 1):
            role = numbered_role_name(name, deployment, number)
            first = owners.setdefault((deployment.account, role.lower()), name)
            if first != name:
                yield Problem(
                    "role-name-taken",
                    f"deployment {plain(first)} makes the role {plain(role)} in account {deployment.account} already; "
                    "a role is known in all Regions of its account",
                    "give each deployment a role_name of its own",
                    ("deployments", name, "cmek", "role_name"),
                )


_NAMED = 5
