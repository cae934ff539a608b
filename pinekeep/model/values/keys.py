"""KMS keys."""

import re
from typing import Annotated, Final, NoReturn

from pinekeep.model.arns import KeyArn
from pinekeep.model.facts import aws
from pinekeep.model.values import Check, Items, refuse
from pinekeep.model.words import plain, shown


def _days(name: str, low: int, high: int, *, default: int) -> Check:
    def check(value: int) -> int:
        if not low <= value <= high:
            refuse(
                f"{name}-bounds",
                f"allowed are {low} to {high} days, got {plain(str(value))}",
                f"for example {default}",
            )
        return value

    return Check(check, allowed=f"{low} to {high}", minimum=low, maximum=high)


def _key_arn(value: str) -> str:
    if KeyArn.parse(value) is None:
        hint = "`aws kms list-keys` prints the ARNs of the keys"
        if ":alias/" in value or value.startswith("alias/"):
            hint = "an alias can move to another key; `aws kms describe-key --key-id ALIAS` prints the key's own ARN"
        refuse(
            "key-arn",
            f"a key's ARN reads arn:{aws.PARTITION}:kms:REGION:ACCOUNT:key/KEY-ID, got {shown(value)}",
            hint,
        )
    return value


_EVERY_KEY: Final = rf"arn:{aws.PARTITION}:kms:\*:[0-9]{{12}}:key/\*"
"""What :func:`pinekeep.model.policies.permissions.account_keys_arn` makes."""


def _removed_key(value: str) -> str:
    return value if re.fullmatch(_EVERY_KEY, value) else _key_arn(value)


_PRINCIPAL: Final = rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}:(?:role|user)/[A-Za-z0-9+=,.@_/-]*[A-Za-z0-9+=,.@_-]"


def _principal_arn(value: str) -> str:
    if not re.fullmatch(_PRINCIPAL, value):
        _refuse_principal(value)
    return value


def _refuse_principal(value: str) -> NoReturn:
    hint = "`aws iam get-role --role-name NAME` prints a role's ARN"
    if ":assumed-role/" in value:
        hint = "that is a session; name the role it came from: arn:aws:iam::ACCOUNT:role/NAME"
    elif value.endswith(":root"):
        hint = "the account root keeps the key in any case; leave it out"
    elif ":group/" in value:
        hint = "a key policy cannot name a group; name a role"
    elif "*" in value:
        hint = "a wildcard would let in more than one; name each"
    refuse(
        "principal-arn",
        f"an administrator is an IAM role or user, arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME, got {shown(value)}",
        hint,
    )


def _alias(value: str) -> str:
    if value.startswith("alias/"):
        refuse(
            "alias-prefix",
            f"the alias is written without 'alias/', got {shown(value)}",
            f"write {value.removeprefix('alias/') or 'what follows it'}",
        )
    if value.lower().startswith("aws/"):
        refuse("alias-reserved", f"aliases that begin with aws/ are AWS's own, got {shown(value)}", "take another one")
    if not re.fullmatch(aws.ALIAS_PATTERN, value):
        refuse(
            "alias-format",
            f"an alias holds only letters, digits and any of /_-, got {shown(value)}",
            "leave alias out to have one made",
        )
    if len(value) > aws.ALIAS_MAX:
        refuse(
            "alias-length",
            f"an alias has at most {aws.ALIAS_MAX} characters, got {len(value):,}",
            "leave alias out to have one made",
        )
    return value


Alias = Annotated[
    str,
    Check(
        _alias,
        allowed=f"letters, digits, `/_-`; at most {aws.ALIAS_MAX}; not beginning with `alias/` or `aws/`",
        pattern=r"^(?!alias/)(?![Aa][Ww][Ss]/)" + aws.ALIAS_PATTERN.removeprefix("^"),
        maxLength=aws.ALIAS_MAX,
    ),
]
RotationDays = Annotated[
    int,
    _days("rotation-days", aws.ROTATION_DAYS_MIN, aws.ROTATION_DAYS_MAX, default=aws.ROTATION_DAYS_DEFAULT),
]
DeletionWindowDays = Annotated[
    int,
    _days(
        "deletion-window-days",
        aws.DELETION_WINDOW_DAYS_MIN,
        aws.DELETION_WINDOW_DAYS_MAX,
        default=aws.DELETION_WINDOW_DAYS_MAX,
    ),
]
KeyArnText = Annotated[
    str,
    Check(
        _key_arn,
        allowed="the ARN of a key (not of an alias) in the deployment's account and Region",
        pattern=rf"^arn:{aws.PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:key/{aws.KEY_ID_PATTERN}$",
    ),
]
SecretKeyArn = Annotated[
    str,
    Check(
        _key_arn,
        allowed="the ARN of a key (not of an alias) in the deployment's Region",
        pattern=rf"^arn:{aws.PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:key/{aws.KEY_ID_PATTERN}$",
    ),
]
RemovedKey = Annotated[
    str,
    Check(
        _removed_key,
        allowed=f"the ARN of a customer's key, or `arn:{aws.PARTITION}:kms:*:ACCOUNT:key/*`",
        pattern=rf"^arn:{aws.PARTITION}:kms:(?:[a-z0-9-]+:[0-9]{{12}}:key/{aws.KEY_ID_PATTERN}|\*:[0-9]{{12}}:key/\*)$",
    ),
]
PrincipalArn = Annotated[
    str,
    Check(_principal_arn, allowed="ARNs of roles or users of the deployment's account", pattern=f"^{_PRINCIPAL}$"),
]
Administrators = Annotated[list[PrincipalArn], Items("administrators", "administrator")]
RemovedKeys = Annotated[list[RemovedKey], Items("removed-keys", "key")]
CustomerKeyArns = Annotated[list[KeyArnText], Items("customer-key-arns", "key", least=1)]
