"""Rules about several deployments together."""

from collections.abc import Callable, Hashable, Iterator

from pinekeep.model.config.models import Deployment, ExistingVpc, PinekeepFile, alias_of, role_name_of
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError, known, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.kinds import items
from pinekeep.model.words import plain

Taken = Callable[[Hashable, str], str | None]


def role_names_differ(file: PinekeepFile) -> Iterator[Problem]:
    """Two deployments never make the same role."""

    def find(name: str, deployment: Deployment, taken: Taken) -> Iterator[Problem]:
        if deployment.cmek is None:
            return
        role = role_name_of(name, deployment)
        if first := taken((deployment.account, role.lower()), name):
            yield Problem(
                "role-name-taken",
                f"deployment {plain(first)} makes the role {plain(role)} in account {deployment.account} already; "
                "a role is known in all Regions of its account",
                "give each deployment a role_name of its own",
                ("deployments", name, "cmek", "role_name"),
            )

    return _across(file, find)


def aliases_differ(file: PinekeepFile) -> Iterator[Problem]:
    """Two deployments never make the same alias."""

    def find(name: str, deployment: Deployment, taken: Taken) -> Iterator[Problem]:
        alias = alias_of(name, deployment)
        if alias and (first := taken((deployment.account, deployment.region, alias), name)):
            yield Problem(
                "alias-taken",
                f"deployment {plain(first)} makes {plain(alias)} in {deployment.region} of account "
                f"{deployment.account} already",
                "give each deployment an alias of its own",
                ("deployments", name, "cmek", "key", "alias"),
            )

    return _across(file, find)


def external_ids_differ(file: PinekeepFile) -> Iterator[Problem]:
    """One external ID for two roles is worth a warning: each tells one relation apart from another."""

    def find(name: str, deployment: Deployment, taken: Taken) -> Iterator[Problem]:
        if deployment.cmek is None or deployment.cmek.trust.presented_id is None:
            return
        if first := taken(deployment.cmek.trust.presented_id.lower(), name):
            yield Problem(
                "external-id-shared",
                f"deployment {plain(first)} has the same external ID",
                "one for each deployment keeps them apart; leave it where Pinecone has it already",
                ("deployments", name, "cmek", "trust", "external_id"),
                severity="warning",
            )

    return _across(file, find)


def one_private_name_a_vpc(file: PinekeepFile) -> Iterator[Problem]:
    """A VPC can resolve Pinecone's private names in one way only."""

    def find(name: str, deployment: Deployment, taken: Taken) -> Iterator[Problem]:
        link = deployment.private_link
        if link is None or link.dns == "none":
            return
        own = [link.vpc.id] if isinstance(link.vpc, ExistingVpc) and link.vpc.id is not UNKNOWN else []
        for vpc_id in dict.fromkeys([*own, *(each for _, each in known_items(link.client_vpc_ids))]):
            if first := taken((deployment.account, vpc_id), name):
                yield Problem(
                    "private-names-twice",
                    f"deployment {plain(first)} answers for Pinecone's private names in {vpc_id} already",
                    "write dns: none in one of the two",
                    ("deployments", name, "private_link", "dns"),
                )

    return _across(file, find)


def projects_differ(file: PinekeepFile) -> Iterator[Problem]:
    """Two deployments never have the same project: it has one key, and one that looks after it."""

    def find(name: str, deployment: Deployment, taken: Taken) -> Iterator[Problem]:
        if deployment.pinecone is None:
            return
        if first := taken(known(deployment.pinecone.project), name):
            yield Problem(
                "project-taken",
                f"deployment {plain(first)} has the project {plain(deployment.pinecone.project)} already",
                "give each deployment a project of its own",
                ("deployments", name, "pinecone", "project"),
            )

    return _across(file, find)


def secrets_differ(file: PinekeepFile) -> Iterator[Problem]:
    """Two deployments never write the same secret."""

    def find(name: str, deployment: Deployment, taken: Taken) -> Iterator[Problem]:
        keys = deployment.pinecone.api_keys if deployment.pinecone else []
        for index, key in known_items(keys):
            if key.secret is UNKNOWN:
                continue
            if first := taken((deployment.account, deployment.region, key.secret), name):
                yield Problem(
                    "secret-taken",
                    f"deployment {plain(first)} keeps a key in the secret {plain(key.secret)} of account "
                    f"{deployment.account} in {deployment.region} already",
                    "give each key a secret of its own",
                    ("deployments", name, "pinecone", "api_keys", index, "secret"),
                )

    return _across(file, find)


def _across(file: PinekeepFile, find: Callable[[str, Deployment, Taken], Iterator[Problem]]) -> Iterator[Problem]:
    """Yield what is found in each deployment, keeping what the earlier ones have taken."""
    owners: dict[Hashable, str] = {}

    def taken(thing: Hashable, name: str) -> str | None:
        first = owners.setdefault(thing, name)
        return None if first == name else first

    for name, deployment in items(file):
        try:
            yield from find(name, deployment, taken)
        except UnknownValueError:
            continue
