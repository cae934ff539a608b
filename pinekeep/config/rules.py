"""Rules that look at more than one value. One rule, one function; each yields the problems it finds."""

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pinekeep.arns import KeyArn
from pinekeep.config import types as t
from pinekeep.config.models import (
    Deployment,
    ExistingVpc,
    NewVpc,
    PinekeepFile,
    alias_of,
    role_arn_of,
    role_name_of,
)
from pinekeep.config.partial import UnknownValueError, known, known_items
from pinekeep.config.problems import Path, Problem
from pinekeep.facts import aws, pinecone
from pinekeep.policies.trust import trust_policy

FileRule = Callable[[PinekeepFile], Iterator[Problem]]
DeploymentRule = Callable[[PinekeepFile, str, Deployment, Path], Iterator[Problem]]


def apply_rules(file: PinekeepFile) -> list[Problem]:
    """Return what the rules find. The file may be partial: a rule stays silent about what it cannot read."""
    problems: list[Problem] = []
    deployments = _items(file)
    for name, deployment in deployments:
        for rule in DEPLOYMENT_RULES:
            _collect(problems, rule(file, name, deployment, ("deployments", name)))
    for file_rule in FILE_RULES:
        _collect(problems, file_rule(file))
    return problems


def _collect(problems: list[Problem], found: Iterator[Problem]) -> None:
    try:
        problems.extend(found)
    except UnknownValueError:
        return


def _items(file: PinekeepFile) -> list[tuple[str, Deployment]]:
    return list(file.deployments.items()) if isinstance(file.deployments, Mapping) else []


# --- One deployment ---


def has_something_to_deploy(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A deployment has a part to deploy."""
    if deployment.cmek is None and deployment.private_link is None:
        yield Problem("nothing-to-deploy", "this deploys nothing", "add cmek, private_link or both", path)


def knows_pinecones_account(file: PinekeepFile, _: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A role can trust Pinecone only when Pinecone's account is known."""
    if deployment.cmek is not None and file.pinecone_account is None:
        yield Problem(
            "pinecone-account-missing",
            "pinecone_account is missing at the top of the file: without it nobody could be trusted",
            f"the Pinecone console shows the account under {pinecone.ACCOUNT_PLACE}",
            (*path, "cmek"),
        )


def is_not_pinecones_account(file: PinekeepFile, _: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The two accounts are two."""
    if deployment.account == file.pinecone_account:
        yield Problem(
            "same-account",
            f"{deployment.account} stands for both your account and Pinecone's",
            f"the Pinecone console shows Pinecone's account under {pinecone.ACCOUNT_PLACE}",
            (*path, "account"),
        )


def tag_names_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """IAM takes tag names that differ only in case for the same."""
    seen: dict[str, str] = {}
    for key in deployment.tags:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            yield Problem(
                "tag-twice",
                f"IAM takes the tags {first} and {key} for the same",
                "keep one",
                (*path, "tags", key),
            )


def open_trust_is_meant(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Every region without an external ID is the confused deputy: only on explicit wish."""
    if deployment.cmek is None:
        return
    trust = deployment.cmek.trust
    if trust.regions == "all" and trust.external_id == t.NO_EXTERNAL_ID and not trust.accept_confused_deputy:
        yield Problem(
            "confused-deputy",
            "all regions without an external ID lets any Pinecone customer who learns the role's ARN have "
            "Pinecone use your key",
            "set an external_id, name the regions, or write accept_confused_deputy: true",
            (*path, "cmek", "trust", "external_id"),
        )


def form_has_meaning(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The form is a choice only where all regions are trusted."""
    if deployment.cmek is None:
        return
    trust = deployment.cmek.trust
    if trust.form == "account-root" and trust.regions != "all":
        yield Problem(
            "form-without-all",
            "form: account-root applies to regions: all; explicit regions name their roles exactly",
            "leave form out, or write regions: all",
            (*path, "cmek", "trust", "form"),
        )


def trust_regions_are_documented(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A region without Pinecone's access role makes the whole deployment fail."""
    if deployment.cmek is None or deployment.cmek.trust.regions == "all":
        return
    allowed = deployment.cmek.trust.allow_undocumented_regions
    documented = ", ".join(pinecone.DOCUMENTED_ACCESS_REGIONS)
    for index, region in known_items(deployment.cmek.trust.regions):
        if region in pinecone.DOCUMENTED_ACCESS_REGIONS:
            continue
        yield Problem(
            "trust-region-undocumented",
            f"Pinecone documents access roles for {documented}, not for {region}; IAM refuses a trust policy "
            "that names a role which does not exist, and the whole deployment with it",
            None if allowed else
            t.did_you_mean(region, pinecone.DOCUMENTED_ACCESS_REGIONS)
            or "if Pinecone told you that its role exists there, write allow_undocumented_regions: true",
            (*path, "cmek", "trust", "regions", index),
            severity="warning" if allowed else "error",
        )  # fmt: skip


def trust_policy_fits(file: PinekeepFile, _: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """IAM bounds the length of a trust policy."""
    if deployment.cmek is None or file.pinecone_account is None:
        return
    trust = deployment.cmek.trust
    policy = trust_policy(
        pinecone_account=file.pinecone_account,
        regions=trust.regions,
        external_id=trust.presented_id,
        form=trust.form,
    )
    length = len(json.dumps(policy, separators=(",", ":")))
    if length > aws.TRUST_POLICY_MAX:
        yield Problem(
            "trust-policy-length",
            f"the trust policy would have {length:,} characters, IAM allows {aws.TRUST_POLICY_MAX:,}",
            "name fewer regions, or write regions: all with an external_id",
            (*path, "cmek", "trust", "regions"),
        )


def adopted_key_is_here(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An adopted key is in the deployment's account and Region."""
    if deployment.cmek is None or deployment.cmek.key.adopt is None:
        return
    arn = KeyArn.parse(known(deployment.cmek.key.adopt))
    place = (*path, "cmek", "key", "adopt")
    if arn is None:
        return
    if arn.partition != aws.PARTITION:
        yield Problem(
            "adopt-partition",
            f"the key is of partition {arn.partition}; Pinecone runs in partition {aws.PARTITION}",
            None,
            place,
        )
    if arn.account != deployment.account:
        yield Problem(
            "adopt-account",
            f"the key is in account {arn.account}, the deployment in {deployment.account}",
            "adopt a key of the deployment's own account",
            place,
        )
    if arn.region != deployment.region:
        yield Problem(
            "adopt-region",
            f"the key is in {arn.region}, the deployment in {deployment.region}",
            "adopt a key of the deployment's own Region",
            place,
        )


def adopted_key_keeps_its_settings(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Settings of a new key say nothing about an adopted one."""
    if deployment.cmek is None or deployment.cmek.key.adopt is None:
        return
    for name in type(deployment.cmek.key).model_fields:
        if name != "adopt" and name in deployment.cmek.key.model_fields_set:
            yield Problem(
                "adopt-with-settings",
                f"an adopted key is not made here, so {name} would do nothing",
                f"remove {name}",
                (*path, "cmek", "key", name),
            )


def administrators_are_ours(_: PinekeepFile, name: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Key administrators are of the key's own account, and Pinecone's role is never one."""
    if deployment.cmek is None:
        return
    for index, arn in known_items(deployment.cmek.key.administrators):
        place = (*path, "cmek", "key", "administrators", index)
        account = arn.split(":")[4]
        if account != deployment.account:
            yield Problem(
                "administrator-account",
                f"{arn} is of account {account}; KMS lets only principals of the key's own account "
                f"({deployment.account}) administer it",
                None,
                place,
            )
        elif arn == role_arn_of(name, deployment):
            yield Problem(
                "administrator-is-pinecone",
                "this is the role that Pinecone assumes; it uses the key and never administers it",
                "remove it",
                place,
            )


def some_client_is_let_in(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An endpoint that nobody may reach is a mistake, and so are more clients than a security group holds."""
    if deployment.private_link is None:
        return
    clients = deployment.private_link.clients
    count = len(clients.cidrs) + len(clients.security_group_ids)
    place = (*path, "private_link", "clients")
    if count == 0:
        yield Problem("no-clients", "no client may reach the endpoint", "name cidrs, security_group_ids or both", place)
    if count > aws.SECURITY_GROUP_RULES_MAX:
        yield Problem(
            "too-many-clients",
            f"a security group holds {aws.SECURITY_GROUP_RULES_MAX} inbound rules, got {count} clients",
            "join networks that lie side by side",
            place,
        )


def client_networks_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A network inside another says that one of the two is a mistake."""
    if deployment.private_link is None:
        return
    seen: list[ipaddress.IPv4Network] = []
    for index, cidr in known_items(deployment.private_link.clients.cidrs):
        network = ipaddress.IPv4Network(cidr)
        for other in seen:
            if network.overlaps(other):
                yield Problem(
                    "cidr-overlap",
                    f"{network} overlaps {other}",
                    f"keep {other if network.subnet_of(other) else network}",
                    (*path, "private_link", "clients", "cidrs", index),
                )
        seen.append(network)


def zones_are_of_the_region(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The zones of a new VPC are of the deployment's Region."""
    if deployment.private_link is None or not isinstance(deployment.private_link.vpc, NewVpc):
        return
    for index, zone in known_items(deployment.private_link.vpc.availability_zones):
        if zone[:-1] != deployment.region:
            yield Problem(
                "zone-region",
                f"{zone} is a zone of {zone[:-1]}, the deployment is in {deployment.region}",
                f"did you mean {deployment.region}{zone[-1]}?",
                (*path, "private_link", "vpc", "availability_zones", index),
            )


def client_vpcs_have_a_zone(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Further client VPCs are associated with the hosted zone, so there must be one."""
    link = deployment.private_link
    if link is None:
        return
    place = (*path, "private_link", "client_vpc_ids")
    if link.client_vpc_ids and link.dns != "hosted-zone":
        yield Problem(
            "client-vpcs-without-zone",
            f"client_vpc_ids needs dns: hosted-zone, got dns: {link.dns}",
            "write dns: hosted-zone, or leave client_vpc_ids out",
            place,
        )
    if isinstance(link.vpc, ExistingVpc):
        for index, vpc_id in known_items(link.client_vpc_ids):
            if vpc_id == link.vpc.id:
                yield Problem(
                    "client-vpc-twice",
                    f"{vpc_id} is the endpoint's own VPC, which resolves the names in any case",
                    "remove it",
                    (*place, index),
                )


# --- Several deployments ---


def names_do_not_collide(file: PinekeepFile) -> Iterator[Problem]:
    """Two deployments never make the same role, or the same alias."""
    taken: dict[tuple[str, ...], str] = {}
    for name, deployment in _items(file):
        try:
            if deployment.cmek is None:
                continue
            role = role_name_of(name, deployment)
            first = taken.setdefault(("role", deployment.account, role.lower()), name)
            if first != name:
                yield Problem(
                    "role-name-taken",
                    f"role {role} of account {deployment.account} belongs to deployment {first} already; "
                    "roles are global to an account",
                    "give each deployment a role_name of its own",
                    ("deployments", name, "cmek", "role_name"),
                )
            if alias := alias_of(name, deployment):
                first = taken.setdefault(("alias", deployment.account, deployment.region, alias), name)
                if first != name:
                    yield Problem(
                        "alias-taken",
                        f"{alias} of account {deployment.account} in {deployment.region} belongs to deployment "
                        f"{first} already",
                        "give each deployment an alias of its own",
                        ("deployments", name, "cmek", "key", "alias"),
                    )
        except UnknownValueError:
            continue


def external_ids_differ(file: PinekeepFile) -> Iterator[Problem]:
    """One external ID for two roles is worth a warning: each tells one relation apart from another."""
    taken: dict[str, str] = {}
    for name, deployment in _items(file):
        try:
            if deployment.cmek is None or deployment.cmek.trust.presented_id is None:
                continue
            first = taken.setdefault(deployment.cmek.trust.presented_id.lower(), name)
            if first != name:
                yield Problem(
                    "external-id-shared",
                    f"deployment {first} has the same external ID",
                    "one for each deployment keeps them apart; leave it where Pinecone has it already",
                    ("deployments", name, "cmek", "trust", "external_id"),
                    severity="warning",
                )
        except UnknownValueError:
            continue


def one_private_name_a_vpc(file: PinekeepFile) -> Iterator[Problem]:
    """A VPC can resolve Pinecone's private names in one way only."""
    taken: dict[tuple[str, str], str] = {}
    for name, deployment in _items(file):
        try:
            link = deployment.private_link
            if link is None or link.dns == "none":
                continue
            own = [link.vpc.id] if isinstance(link.vpc, ExistingVpc) else []
            for vpc_id in [*own, *link.client_vpc_ids]:
                first = taken.setdefault((deployment.account, vpc_id), name)
                if first != name:
                    yield Problem(
                        "private-names-twice",
                        f"deployment {first} already answers for Pinecone's private names in {vpc_id}",
                        "write dns: none in one of the two",
                        ("deployments", name, "private_link", "dns"),
                    )
        except UnknownValueError:
            continue


DEPLOYMENT_RULES: Final[tuple[DeploymentRule, ...]] = (
    has_something_to_deploy,
    knows_pinecones_account,
    is_not_pinecones_account,
    tag_names_differ,
    open_trust_is_meant,
    form_has_meaning,
    trust_regions_are_documented,
    trust_policy_fits,
    adopted_key_is_here,
    adopted_key_keeps_its_settings,
    administrators_are_ours,
    some_client_is_let_in,
    client_networks_differ,
    zones_are_of_the_region,
    client_vpcs_have_a_zone,
)
FILE_RULES: Final[tuple[FileRule, ...]] = (
    names_do_not_collide,
    external_ids_differ,
    one_private_name_a_vpc,
)
