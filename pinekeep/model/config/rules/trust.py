"""Rules about who may assume the role."""

import json
from collections.abc import Iterator

from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import known, known_items
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.types import NO_EXTERNAL_ID
from pinekeep.model.config.words import did_you_mean, listed
from pinekeep.model.facts import aws, pinecone, regions
from pinekeep.model.policies.trust import trust_policy


def open_trust_is_meant(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Every Region without an external ID is the confused deputy: only on explicit wish."""
    if deployment.cmek is None:
        return
    trust = deployment.cmek.trust
    if trust.regions == "all" and trust.external_id == NO_EXTERNAL_ID and not trust.accept_confused_deputy:
        yield Problem(
            "confused-deputy",
            "all Regions without an external ID lets any Pinecone customer who learns the role's ARN have "
            "Pinecone use your key",
            "set an external_id, name the Regions, or write accept_confused_deputy: true",
            (*path, "cmek", "trust", "external_id"),
        )


def form_has_meaning(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The form is a choice only where all Regions are trusted."""
    if deployment.cmek is None:
        return
    trust = deployment.cmek.trust
    if trust.form == "account-root" and trust.regions != "all":
        yield Problem(
            "form-without-all",
            "form: account-root goes with regions: all; named Regions name their roles exactly",
            "leave form out, or write regions: all",
            (*path, "cmek", "trust", "form"),
        )


def trust_regions_are_documented(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A Region without Pinecone's access role makes the whole deployment fail."""
    if deployment.cmek is None or not isinstance(deployment.cmek.trust.regions, list):
        return
    allowed = deployment.cmek.trust.allow_undocumented_regions
    documented = listed(pinecone.DOCUMENTED_ACCESS_REGIONS)
    for index, region in known_items(deployment.cmek.trust.regions):
        if region in pinecone.DOCUMENTED_ACCESS_REGIONS:
            continue
        known_to_aws = region in regions.COMMERCIAL
        guess = None if known_to_aws else did_you_mean(region, pinecone.DOCUMENTED_ACCESS_REGIONS)
        word = "if Pinecone told you that its role exists there, write allow_undocumented_regions: true"
        yield Problem(
            "trust-region-undocumented",
            f"Pinecone documents its role for {documented}, not for {region}; IAM refuses a trust policy that "
            "names a role which does not exist, and the whole deployment with it",
            "make sure with Pinecone before you deploy" if allowed else f"{guess} or, {word}" if guess else word,
            (*path, "cmek", "trust", "regions", index),
            severity="warning" if allowed else "error",
        )


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
