"""Trust in Pinecone: the Regions that may assume the role, and the external ID."""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, NoReturn

from pinekeep.model.facts import aws, pinecone
from pinekeep.model.facts import regions as aws_regions
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.trust import TrustForm
from pinekeep.model.values import Check, InvalidValueError, Items, refuse
from pinekeep.model.values.accounts import require_partition
from pinekeep.model.words import did_you_mean, listed, shown

_REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
NO_EXTERNAL_ID: Final = "none"
PLACEHOLDER_EXTERNAL_ID: Final = "00000000-0000-4000-8000-000000000000"
"""Stands for an external ID in a stack set, where each account has its own. Released templates refuse it, too."""
EXTERNAL_ID_HINT: Final = "generate one with `python3 -c 'import uuid; print(uuid.uuid4())'`, or write the word none"
_UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UUID_V4: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
_SHORT: Final = 16
"""Shorter texts are no part of an external ID that must stay secret."""
_OWN_UUID: Final = f"(?!{PLACEHOLDER_EXTERNAL_ID}){_UUID_V4}"


def _trust_region(value: str) -> str:
    if value == "all":
        refuse("trust-region-all", "the word all cannot be an item of a list", "write regions: all")
    require_partition(value)
    if not re.fullmatch(_REGION, value):
        known = pinecone.REGIONS
        refuse(
            "trust-region-format",
            f"{shown(value)} is not the name of an AWS Region",
            did_you_mean(value, known) or f"Pinecone's Regions are {listed(known)}",
        )
    return value


def _external_id(value: str) -> str:
    if value != NO_EXTERNAL_ID and not re.fullmatch(_UUID_V4, value):
        _refuse_external_id(value)
    if value == PLACEHOLDER_EXTERNAL_ID:
        refuse(
            "external-id-placeholder",
            f"{value} is the placeholder of stack sets, known to everyone, and no external ID",
            EXTERNAL_ID_HINT,
        )
    return value


def _form(value: str) -> str:
    """Return a wrong external ID as messages show it: one of nearly the right length may contain a real one."""
    return shown(value) if len(value) < _SHORT else f"{len(value)} characters"


def _refuse_external_id(value: str) -> NoReturn:
    if "*" in value or "?" in value:
        refuse(
            "external-id-wildcard",
            f"an external ID is compared literally, so a wildcard has no effect: {_form(value)}",
            EXTERNAL_ID_HINT,
        )
    if re.fullmatch(_UUID, value):
        message = "a UUID of version 4 (random) is required, this one is of another version"
        refuse("external-id-version", message, EXTERNAL_ID_HINT)
    refuse(
        "external-id-format",
        f"an external ID is a UUID v4 such as 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13, got {_form(value)}",
        f"write {NO_EXTERNAL_ID}" if value.lower() == NO_EXTERNAL_ID else EXTERNAL_ID_HINT,
    )


TrustRegion = Annotated[
    str,
    Check(
        _trust_region,
        allowed=f"{listed([f'`{each}`' for each in pinecone.DOCUMENTED_ACCESS_REGIONS])}; others with "
        "`allow_undocumented_regions`",
        pattern=f"^{_REGION}$",
        examples=[*pinecone.DOCUMENTED_ACCESS_REGIONS],
    ),
]
TrustRegions = Annotated[list[TrustRegion], Items("trust-regions", "Region", least=1)]
ExternalId = Annotated[
    str,
    Check(
        _external_id,
        allowed=f"a UUID v4, or `{NO_EXTERNAL_ID}`",
        pattern=f"^(?:{NO_EXTERNAL_ID}|(?!{PLACEHOLDER_EXTERNAL_ID}){_UUID_V4})$",
    ),
]


def is_plain_external_id(value: Any) -> bool:
    """Return whether a value is a UUID v4 in lower case, so that no rule distinguishes it from another one."""
    return isinstance(value, str) and value == value.lower() and re.fullmatch(_UUID_V4, value) is not None


def all_or_list(value: Any) -> Any:
    """Return the Regions of a trust policy: a list, or the word ``all``; refuse any other text."""
    if isinstance(value, str) and value != "all":
        refuse(
            "regions",
            f"expected a list or the word all, got {shown(value)}",
            f"write [{value}]" if value in pinecone.REGIONS else "write a list such as [us-east-1], or the word all",
        )
    return value


def confused_deputy(regions: Sequence[str] | Literal["all"], external_id: str) -> InvalidValueError | None:
    """Return the error of trust in all Regions without an external ID, unless it was accepted explicitly."""
    if regions != "all" or external_id != NO_EXTERNAL_ID:
        return None
    return InvalidValueError(
        "confused-deputy",
        "trust in all Regions without an external ID allows any Pinecone customer who learns the role's ARN to have "
        "Pinecone use your key",
        "set an external_id, name the Regions, or write accept_confused_deputy: true",
    )


def form_without_all(regions: Sequence[str] | Literal["all"], form: TrustForm) -> InvalidValueError | None:
    """Return the error of a form that has no effect: it is a choice only where all Regions are trusted."""
    if form != "account-root" or regions == "all":
        return None
    return InvalidValueError(
        "form-without-all",
        "form: account-root requires regions: all; a list of Regions names their roles exactly",
        "remove form, or write regions: all",
    )


def undocumented_region(region: str, *, allowed: bool = False) -> InvalidValueError | None:
    """Return the error of a Region without a documented role, which IAM refuses; a warning if ``allowed``."""
    if region in pinecone.DOCUMENTED_ACCESS_REGIONS:
        return None
    known_to_aws = region in aws_regions.COMMERCIAL
    guess = None if known_to_aws else did_you_mean(region, pinecone.DOCUMENTED_ACCESS_REGIONS)
    word = "if Pinecone confirmed that its role exists there, write allow_undocumented_regions: true"
    return InvalidValueError(
        "trust-region-undocumented",
        f"Pinecone documents its role for {listed(pinecone.DOCUMENTED_ACCESS_REGIONS)}, not for {region}; IAM refuses "
        "a trust policy that names a role which does not exist, and the whole deployment with it",
        "confirm it with Pinecone before you deploy" if allowed else f"{guess} or, {word}" if guess else word,
    )


def trust_policy_error(policy: Policy) -> InvalidValueError | None:
    """Return the error of a trust policy that is longer than IAM allows."""
    length = len(json.dumps(policy, separators=(",", ":")))
    if length <= aws.TRUST_POLICY_MAX:
        return None
    message = f"the trust policy would have {length:,} characters, IAM allows {aws.TRUST_POLICY_MAX:,}"
    hint = "name fewer Regions, or write regions: all with an external_id"
    return InvalidValueError("trust-policy-length", message, hint)
