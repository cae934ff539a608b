"""The places of the deployments' customers, from the configuration file and the ledger."""

from collections.abc import Hashable, Iterator, Mapping

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.config.derived import customer_keys_of, numbered_role_arn, numbered_role_name
from pinekeep.model.config.handover.customers import broken_promises
from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.rosters import Rosters
from pinekeep.model.config.rules.subject import subjects
from pinekeep.model.config.rules.uniqueness import contested, role_claim
from pinekeep.model.customers.ledger import Given, Ledger, Resident
from pinekeep.model.customers.packing import Packing, pack
from pinekeep.model.facts import aws


def make_rosters(content: PinekeepFile, ledger: Ledger) -> Rosters:
    """Give every customer of a valid configuration a place; customers in the ledger keep theirs."""
    packings: dict[str, Packing] = {}
    problems: list[Problem] = []
    for name, deployment in content.deployments.items():
        if deployment.cmek is None or not deployment.cmek.customer_keys:
            continue
        path: Path = ("deployments", name, "cmek", "customer_keys")
        residents = ledger.of(name)
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
    problems += broken_promises(content, ledger, packings)
    return Rosters(ledger, packings, tuple(problems))


def ledger_after(
    content: PinekeepFile, rosters: Rosters, *, deployments: frozenset[str], handed_over: frozenset[str] = frozenset()
) -> Ledger:
    """Return the ledger once the places of deployments are in use.

    ``deployments``: the deployments whose places are in use from now on. ``handed_over``: the IDs of the customers to
    whom the role is handed over now.
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
        keys = {each.name: each.resources for each in customer_keys_of(content.deployments[name])}
        told = handed_over | {each for each, resident in before.items() if resident.handed_over}
        residents = {}
        for each, place in packing.places.items():
            role_arn = numbered_role_arn(name, content.deployments[name], place.role)
            residents[each] = Resident(accounts[each], place, Given(role_arn, keys[each]) if each in told else None)
        ledger = ledger.with_deployment(name, residents)
    return ledger


def _long_role_names(name: str, deployment: Deployment, roles: int) -> Iterator[Problem]:
    longest = numbered_role_name(name, deployment, roles)
    if len(longest) > aws.ROLE_NAME_MAX:
        yield Problem(
            "role-name-length",
            f"the customers need {roles} roles, and the name of the last one, which ends in -{roles}, has "
            f"{len(longest)} characters; a role's name has at most {aws.ROLE_NAME_MAX}",
            "choose a shorter role_name",
            ("deployments", name, "cmek", "role_name"),
        )


def _taken_role_names(content: PinekeepFile, packings: Mapping[str, Packing]) -> Iterator[Problem]:
    owners: dict[Hashable, str] = {}
    for here in subjects(content):
        if here.deployment.cmek is None:
            continue
        roles = len(packings[here.name].roles) if here.name in packings else 1
        for number in range(1, roles + 1):
            role = numbered_role_name(here.name, here.deployment, number)
            yield from contested(role_claim(role, here.deployment), here, owners)
