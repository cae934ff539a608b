"""Rules about several deployments together: what one of them has, no other has."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from pinekeep.model.config.models import (
    Deployment,
    PinekeepFile,
    alias_of,
    private_zone_of,
    role_name_of,
    storage_role_names_of,
)
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError, known, known_items
from pinekeep.model.config.private_link import NewVpc
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.rules.subject import Subject, subjects
from pinekeep.model.config.storage import AdoptedBucket, NewBucket
from pinekeep.model.words import plain


@dataclass(frozen=True)
class Claim:
    """A deployment's claim to something that only one deployment can have.

    Attributes:
        key: what it claims. The first deployment to claim a key has it.
        code: the code of the problem where another deployment has it.
        message: what that deployment does, following its name.
        hint: how to correct it.
        path: the setting, below the deployment.
        warn: whether the problem is a warning.
    """

    key: Hashable
    code: str
    message: str
    hint: str
    path: Path
    warn: bool = False


ClaimRule = Callable[[Subject], Iterator[Claim]]


def role_names_differ(here: Subject) -> Iterator[Claim]:
    """No two deployments create the same role."""
    if here.deployment.cmek:
        yield role_claim(role_name_of(here.name, here.deployment), here.deployment)
    yield from _storage_roles(here)


def _storage_roles(here: Subject) -> Iterator[Claim]:
    """Yield the claims to the roles of Pinecone's S3 account."""
    for setting, role in storage_role_names_of(here.name, here.deployment).items():
        yield role_claim(known(role), here.deployment, (*setting.split("."), "role_name"))


def role_claim(role: str, deployment: Deployment, path: Path = ("cmek", "role_name")) -> Claim:
    """Return a deployment's claim to the name of a role, which is known in all Regions of its account."""
    return Claim(
        (deployment.account, role.lower()),
        "role-name-taken",
        f"already creates the role {plain(role)} in account {deployment.account}; a role exists in all Regions of its "
        "account",
        "give each deployment a role_name of its own",
        path,
    )


def aliases_differ(here: Subject) -> Iterator[Claim]:
    """No two deployments create the same alias."""
    alias = alias_of(here.name, here.deployment)
    if alias:
        yield Claim(
            (here.deployment.account, here.deployment.region, alias),
            "alias-taken",
            f"already creates {plain(alias)} in {here.deployment.region} of account {here.deployment.account}",
            "give each deployment an alias of its own",
            ("cmek", "key", "alias"),
        )


def external_ids_differ(here: Subject) -> Iterator[Claim]:
    """Two roles with one external ID deserve a warning: it distinguishes one relation from another."""
    external_id = here.cmek.trust.presented_id
    if external_id is not None:
        yield Claim(
            external_id.lower(),
            "external-id-shared",
            "has the same external ID",
            "one for each deployment keeps them apart; leave it where Pinecone has it already",
            ("cmek", "trust", "external_id"),
            warn=True,
        )


def one_private_name_a_vpc(here: Subject) -> Iterator[Claim]:
    """A VPC resolves the private names of a Pinecone Region through one deployment."""
    link = here.link
    if link.dns == "none":
        return
    own: list[str] = [] if isinstance(link.vpc, NewVpc) else [link.vpc.id]
    zone = private_zone_of(here.deployment)
    for vpc_id in dict.fromkeys(each for _, each in known_items([*own, *link.client_vpc_ids])):
        yield Claim(
            (here.deployment.account, vpc_id, zone),
            "private-names-twice",
            f"already resolves Pinecone's private names in {vpc_id}",
            "write dns: none in one of the two",
            ("private_link", "dns"),
        )


def projects_differ(here: Subject) -> Iterator[Claim]:
    """No two deployments have the same project: it has one key, and one deployment that manages it."""
    project = known(here.project.project)
    hint = "give each deployment a project of its own"
    yield Claim(project, "project-taken", f"already has the project {plain(project)}", hint, ("pinecone", "project"))


def secrets_differ(here: Subject) -> Iterator[Claim]:
    """No two deployments write the same secret."""
    account, region = here.deployment.account, here.deployment.region
    for index, key in known_items(here.project.api_keys):
        if key.secret is not UNKNOWN:
            yield Claim(
                (account, region, key.secret),
                "secret-taken",
                f"already stores a key in the secret {plain(key.secret)} of account {account} in {region}",
                "give each key a secret of its own",
                ("pinecone", "api_keys", index, "secret"),
            )


def buckets_differ(here: Subject) -> Iterator[Claim]:
    """No two deployments create the same bucket: names are global."""
    if isinstance(here.audit_logs.bucket, NewBucket):
        name = known(here.audit_logs.bucket.name)
        yield Claim(
            name,
            "bucket-taken",
            f"already creates the bucket {plain(name)}",
            "give each deployment a bucket of its own; deployments of one Pinecone organization need audit_logs once",
            ("audit_logs", "bucket", "name"),
        )


def audit_locations_differ(here: Subject) -> Iterator[Claim]:
    """No two deployments have their audit logs in the same place: an organization has one destination."""
    logs = here.audit_logs
    known(logs.bucket_name)
    if logs.prefix is not UNKNOWN:
        adopted = isinstance(logs.bucket, AdoptedBucket)
        yield Claim(
            logs.location,
            "audit-location-taken",
            f"already has its audit logs in {plain(logs.location)}",
            "give each a prefix of its own; deployments of one Pinecone organization need audit_logs once",
            ("audit_logs", "bucket", "adopt") if adopted else ("audit_logs", "bucket", "name"),
        )


RULES: tuple[ClaimRule, ...] = (
    role_names_differ,
    aliases_differ,
    external_ids_differ,
    one_private_name_a_vpc,
    projects_differ,
    secrets_differ,
    buckets_differ,
    audit_locations_differ,
)


def conflicts(file: PinekeepFile) -> Iterator[Problem]:
    """Yield a problem for each claim to something that an earlier deployment of the file has."""
    for rule in RULES:
        owners: dict[Hashable, str] = {}
        for here in subjects(file):
            try:
                for claim in rule(here):
                    yield from contested(claim, here, owners)
            except UnknownValueError:
                continue


def contested(claim: Claim, here: Subject, owners: dict[Hashable, str]) -> Iterator[Problem]:
    """Yield a problem where another deployment has what is claimed; otherwise note the new owner."""
    first = owners.setdefault(claim.key, here.name)
    if first != here.name:
        message = f"deployment {plain(first)} {claim.message}"
        yield here.problem(claim.code, message, claim.hint, *claim.path, warn=claim.warn)
