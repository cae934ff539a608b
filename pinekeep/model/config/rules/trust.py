"""Rules about who may assume the role."""

import json
from collections.abc import Iterator

from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import known, known_items
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.rules.kinds import refused
from pinekeep.model.facts import aws
from pinekeep.model.policies.trust import trust_policy
from pinekeep.model.values.trust import confused_deputy, form_without_all, undocumented_region


def open_trust_is_meant(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Trust in every Region without an external ID is the confused deputy: only where it is accepted explicitly."""
    if deployment.cmek is None:
        return
    trust = deployment.cmek.trust
    error = confused_deputy(trust.regions, trust.external_id)
    if error and not trust.accept_confused_deputy:
        yield from refused(error, (*path, "cmek", "trust", "external_id"))


def form_has_meaning(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The form is a choice only where all Regions are trusted."""
    if deployment.cmek is not None:
        trust = deployment.cmek.trust
        yield from refused(form_without_all(trust.regions, trust.form), (*path, "cmek", "trust", "form"))


def trust_regions_are_documented(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A Region without Pinecone's access role makes the whole deployment fail."""
    if deployment.cmek is None or not isinstance(deployment.cmek.trust.regions, list):
        return
    allowed = deployment.cmek.trust.allow_undocumented_regions
    for index, region in known_items(deployment.cmek.trust.regions):
        place = (*path, "cmek", "trust", "regions", index)
        yield from refused(undocumented_region(region, allowed=allowed), place, warn=allowed)


def trust_policy_fits(file: PinekeepFile, _: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """IAM bounds the length of a trust policy."""
    if deployment.cmek is None or file.pinecone_account is None:
        return
    trust = deployment.cmek.trust
    regions = trust.regions
    policy = trust_policy(
        pinecone_account=known(file.pinecone_account),
        regions=[region for _, region in known_items(regions)] if isinstance(regions, list) else regions,
        external_id=trust.presented_id,
        form=trust.form,
    )
    length = len(json.dumps(policy, separators=(",", ":")))
    if length > aws.TRUST_POLICY_MAX:
        yield Problem(
            "trust-policy-length",
            f"the trust policy would have {length:,} characters, IAM allows {aws.TRUST_POLICY_MAX:,}",
            "name fewer Regions, or write regions: all with an external_id",
            (*path, "cmek", "trust", "regions"),
        )


def external_id_is_lower_case(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An external ID is compared letter by letter, while UUIDs are the same in either case."""
    if deployment.cmek is None:
        return
    external_id = deployment.cmek.trust.external_id
    if external_id.lower() != external_id:
        yield Problem(
            "external-id-case",
            "IAM tells capitals from small letters in an external ID; whoever makes this UUID lower case locks "
            "Pinecone out",
            f"write {external_id.lower()}, unless Pinecone has it in capitals already",
            (*path, "cmek", "trust", "external_id"),
            severity="warning",
        )
