"""Rules about the trust policy: who may assume the role."""

from collections.abc import Iterator

from pinekeep.model.config.partial import known, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.policies.trust import trust_policy
from pinekeep.model.values.trust import confused_deputy, form_without_all, trust_policy_error, undocumented_region

_EXTERNAL_ID = ("cmek", "trust", "external_id")
_REGIONS = ("cmek", "trust", "regions")


def open_trust_is_meant(here: Subject) -> Iterator[Problem]:
    """Trust in every Region without an external ID must be accepted explicitly."""
    trust = here.cmek.trust
    error = confused_deputy(trust.regions, trust.external_id)
    if error and not trust.accept_confused_deputy:
        yield from here.invalid(error, *_EXTERNAL_ID)


def form_has_meaning(here: Subject) -> Iterator[Problem]:
    """The form is a choice only where all Regions are trusted."""
    trust = here.cmek.trust
    yield from here.invalid(form_without_all(trust.regions, trust.form), "cmek", "trust", "form")


def trust_regions_are_documented(here: Subject) -> Iterator[Problem]:
    """A Region without Pinecone's access role makes the whole deployment fail."""
    trust = here.cmek.trust
    if isinstance(trust.regions, list):
        allowed = trust.allow_undocumented_regions
        for index, region in known_items(trust.regions):
            yield from here.invalid(undocumented_region(region, allowed=allowed), *_REGIONS, index, warn=allowed)


def trust_policy_fits(here: Subject) -> Iterator[Problem]:
    """IAM limits the length of a trust policy."""
    trust = here.cmek.trust
    if here.file.pinecone_account is None:
        return
    regions = trust.regions
    policy = trust_policy(
        pinecone_account=known(here.file.pinecone_account),
        regions=[region for _, region in known_items(regions)] if isinstance(regions, list) else regions,
        external_id=trust.presented_id,
        form=trust.form,
    )
    yield from here.invalid(trust_policy_error(policy), *_REGIONS)


def external_id_is_lower_case(here: Subject) -> Iterator[Problem]:
    """IAM compares an external ID case-sensitively, while UUIDs are the same in either case."""
    external_id = here.cmek.trust.external_id
    if external_id.lower() != external_id:
        yield here.problem(
            "external-id-case",
            "IAM compares external IDs case-sensitively; a tool that converts this UUID to lower case locks Pinecone "
            "out",
            f"write {external_id.lower()}, unless Pinecone already has it in upper case",
            *_EXTERNAL_ID,
            warn=True,
        )
