"""AWS accounts and Regions."""

import re
from typing import Annotated, Final

from pydantic_core import PydanticCustomError

from pinekeep.model.config.types.base import Check, wrong
from pinekeep.model.config.words import did_you_mean, listed, shown
from pinekeep.model.facts import aws, pinecone, regions

PINECONE_ACCOUNT_PLACE: Final = f"the Pinecone console shows Pinecone's AWS account under {pinecone.ACCOUNT_PLACE}"
_REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"


def _account_number(value: str) -> str:
    if re.fullmatch(r"[Xx?]+|<.*>|\.\.\.", value) or value in pinecone.PLACEHOLDER_ACCOUNTS:
        wrong("account-placeholder", f"{shown(value)} is a placeholder, not an account number", _OWN)
    if not (value.isascii() and value.isdigit()):
        wrong("account-format", f"an account number is {aws.ACCOUNT_DIGITS} digits, got {shown(value)}", _IN_QUOTES)
    if len(value) < aws.ACCOUNT_DIGITS:
        wrong(
            "account-length",
            f"an account number is {aws.ACCOUNT_DIGITS} digits, got {len(value)}: {shown(value)}",
            f"if zeros in front got lost, it is {shown(value.zfill(aws.ACCOUNT_DIGITS))}; compare it with its source",
        )
    if len(value) > aws.ACCOUNT_DIGITS:
        wrong(
            "account-length",
            f"an account number is {aws.ACCOUNT_DIGITS} digits, got {len(value)}: {shown(value)}",
            "compare it with its source",
        )
    if len(set(value)) == 1:
        wrong("account-placeholder", f"{shown(value)} is a placeholder, not an account number", _OWN)
    return value


_OWN: Final = "`aws sts get-caller-identity` prints the account you work in"
_IN_QUOTES: Final = "write the digits in quotes, without spaces or hyphens"


def _own_account(value: str) -> str:
    _account_number(value)
    if value == pinecone.S3_INTEGRATION_ACCOUNT:
        wrong(
            "account-of-s3-integration",
            f"{value} is Pinecone's account for the S3 integration; your own is wanted here",
            _OWN,
        )
    return value


def _pinecone_account(value: str) -> str:
    try:
        _account_number(value)
    except PydanticCustomError as error:
        context = error.context or {}
        hint = PINECONE_ACCOUNT_PLACE
        if error.type == "account-length":
            hint = f"{context['hint']}: {hint}"
        wrong(error.type, context["message"], hint)
    if value == pinecone.S3_INTEGRATION_ACCOUNT:
        wrong(
            "account-of-s3-integration",
            f"{value} is Pinecone's account for the S3 integration, not the one that uses keys",
            PINECONE_ACCOUNT_PLACE,
        )
    return value


def _region(value: str) -> str:
    _require_partition(value)
    if value not in pinecone.REGIONS:
        guess = None if value in regions.COMMERCIAL else did_you_mean(value, pinecone.REGIONS)
        wrong(
            "region-without-pinecone",
            f"Pinecone does not run in {shown(value)}; it runs in {listed(pinecone.REGIONS)}",
            guess or "take the Region of your Pinecone indexes",
        )
    return value


def _require_partition(region: str) -> None:
    """Refuse a Region of another partition, which is no misspelling of one of Pinecone's."""
    if (why := regions.elsewhere(region)) is not None:
        wrong(
            "region-partition",
            why,
            f"take the Region of your Pinecone indexes, one of {listed(pinecone.REGIONS)}, and an account of partition "
            f"{aws.PARTITION}",
        )


def _trust_region(value: str) -> str:
    if value == "all":
        wrong("trust-region-all", "the word all stands by itself, not in a list", "write regions: all")
    _require_partition(value)
    if not re.fullmatch(_REGION, value):
        known = pinecone.REGIONS
        wrong(
            "trust-region-format",
            f"{shown(value)} is not the name of an AWS Region",
            did_you_mean(value, known) or f"Pinecone's Regions are {listed(known)}",
        )
    return value


_ACCOUNT_PATTERN: Final = rf"^[0-9]{{{aws.ACCOUNT_DIGITS}}}$"
_NOT_AN_ACCOUNT: Final = sorted({*pinecone.PLACEHOLDER_ACCOUNTS, pinecone.S3_INTEGRATION_ACCOUNT})

OwnAccount = Annotated[
    str,
    Check(
        _own_account,
        allowed="12 digits in quotes, no placeholder",
        pattern=_ACCOUNT_PATTERN,
        **{"not": {"enum": _NOT_AN_ACCOUNT}},
    ),
]
PineconeAccount = Annotated[
    str,
    Check(
        _pinecone_account,
        allowed="12 digits in quotes, no placeholder",
        pattern=_ACCOUNT_PATTERN,
        **{"not": {"enum": _NOT_AN_ACCOUNT}},
    ),
]
Region = Annotated[
    str,
    Check(_region, allowed=listed([f"`{each}`" for each in pinecone.REGIONS]), enum=[*pinecone.REGIONS]),
]
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
