"""AWS accounts, Regions and profiles."""

import re
from typing import Annotated, Any, Final

from pinekeep.model.facts import aws, pinecone, regions
from pinekeep.model.values import Check, InvalidValueError, refuse
from pinekeep.model.words import did_you_mean, listed, shown

PINECONE_ACCOUNT_PLACE: Final = f"the Pinecone console shows Pinecone's AWS account under {pinecone.ACCOUNT_PLACE}"
_OWN: Final = "`aws sts get-caller-identity` prints the account of your credentials"
_PROFILE: Final = r"[A-Za-z0-9_.@+=,:/-]+(?: [A-Za-z0-9_.@+=,:/-]+)*"
"""The AWS tools accept nearly any profile name; this leaves out characters with a meaning in shells and INI files."""
PROFILE_MAX: Final = 128


def _account_number(value: str) -> str:
    placeholder = f"{shown(value)} is a placeholder, not an account number"
    wanted = f"an account number is {aws.ACCOUNT_DIGITS} digits, got"
    if re.fullmatch(r"[Xx?]+|<.*>|\.\.\.", value) or value in pinecone.PLACEHOLDER_ACCOUNTS:
        refuse("account-placeholder", placeholder, _OWN)
    if not (value.isascii() and value.isdigit()):
        refuse("account-format", f"{wanted} {shown(value)}", "write the digits in quotes, without spaces or hyphens")
    if len(value) != aws.ACCOUNT_DIGITS:
        hint = "compare it with its source"
        if len(value) < aws.ACCOUNT_DIGITS:
            hint = f"if leading zeros were lost, it is {shown(value.zfill(aws.ACCOUNT_DIGITS))}; {hint}"
        refuse("account-length", f"{wanted} {len(value)}: {shown(value)}", hint)
    if len(set(value)) == 1:
        refuse("account-placeholder", placeholder, _OWN)
    return value


def _own_account(value: str) -> str:
    _account_number(value)
    if value == pinecone.STORAGE_ACCOUNT:
        message = f"{value} is Pinecone's account for the S3 integration; this must be your own account"
        refuse("account-of-s3-integration", message, _OWN)
    return value


def _pinecone_account(value: str) -> str:
    try:
        _account_number(value)
    except InvalidValueError as error:
        hint = PINECONE_ACCOUNT_PLACE
        if error.code == "account-length":
            hint = f"{error.hint}: {hint}"
        refuse(error.code, error.message, hint)
    if value == pinecone.STORAGE_ACCOUNT:
        message = f"{value} is Pinecone's account for the S3 integration, not the one that uses keys"
        refuse("account-of-s3-integration", message, PINECONE_ACCOUNT_PLACE)
    return value


def _region(value: str) -> str:
    require_partition(value)
    if value not in pinecone.REGIONS:
        guess = None if value in regions.COMMERCIAL else did_you_mean(value, pinecone.REGIONS)
        refuse(
            "region-without-pinecone",
            f"Pinecone does not run in {shown(value)}; it runs in {listed(pinecone.REGIONS)}",
            guess or "use the Region of your Pinecone indexes",
        )
    return value


def require_partition(region: str) -> None:
    """Refuse a Region of another partition, which is no misspelling of one of Pinecone's."""
    if (why := regions.elsewhere(region)) is not None:
        refuse(
            "region-partition",
            why,
            f"use the Region of your Pinecone indexes, one of {listed(pinecone.REGIONS)}, and an account of partition "
            f"{aws.PARTITION}",
        )


def _profile(value: str) -> str:
    if len(value) > PROFILE_MAX or value.startswith("-") or not re.fullmatch(_PROFILE, value):
        refuse(
            "profile-name",
            f"an AWS profile's name is letters, digits and any of _.@+=,:/-, at most {PROFILE_MAX}, got {shown(value)}",
            "`aws configure list-profiles` lists the profiles",
        )
    return value


_ALLOWED: Final = "12 digits in quotes, no placeholder"
_SCHEMA: Final[dict[str, Any]] = {
    "pattern": rf"^[0-9]{{{aws.ACCOUNT_DIGITS}}}$",
    "not": {"enum": sorted({*pinecone.PLACEHOLDER_ACCOUNTS, pinecone.STORAGE_ACCOUNT})},
}
OwnAccount = Annotated[str, Check(_own_account, allowed=_ALLOWED, **_SCHEMA)]
PineconeAccount = Annotated[str, Check(_pinecone_account, allowed=_ALLOWED, **_SCHEMA)]
Region = Annotated[
    str, Check(_region, allowed=listed([f"`{each}`" for each in pinecone.REGIONS]), enum=[*pinecone.REGIONS])
]
ProfileName = Annotated[
    str,
    Check(
        _profile,
        allowed=f"a profile of the AWS configuration, at most {PROFILE_MAX} characters",
        pattern=f"^(?!-){_PROFILE}$",
        maxLength=PROFILE_MAX,
    ),
]


def accounts_error(account: str, pinecone_account: str | None) -> InvalidValueError | None:
    """Return the error of one account that is given both as the user's and as Pinecone's."""
    if account != pinecone_account:
        return None
    message = f"{account} is given both as your account and as Pinecone's"
    return InvalidValueError("same-account", message, PINECONE_ACCOUNT_PLACE)
