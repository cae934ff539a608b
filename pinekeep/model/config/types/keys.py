"""The key, and what Pinecone must present to use it."""

import re
from typing import Annotated, Final, NoReturn

from pinekeep.model.arns import KeyArn
from pinekeep.model.config.types.base import Check, wrong
from pinekeep.model.config.words import plain, shown
from pinekeep.model.facts import aws

NO_EXTERNAL_ID: Final = "none"
EXTERNAL_ID_HINT: Final = "make one with `python3 -c 'import uuid; print(uuid.uuid4())'`, or write the word none"
_UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UUID_V4: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"


def _external_id(value: str) -> str:
    if value != NO_EXTERNAL_ID and not re.fullmatch(_UUID_V4, value):
        _refuse_external_id(value)
    return value


def _refuse_external_id(value: str) -> NoReturn:
    if "*" in value or "?" in value:
        wrong(
            "external-id-wildcard",
            f"an external ID is compared letter by letter, so a wildcard has no meaning: {shown(value)}",
            EXTERNAL_ID_HINT,
        )
    if re.fullmatch(_UUID, value):
        message = f"a UUID of version 4 (random) is wanted, {value} is of another kind"
        wrong("external-id-version", message, EXTERNAL_ID_HINT)
    wrong(
        "external-id-format",
        f"an external ID is a UUID v4 such as 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13, got {shown(value)}",
        f"write {NO_EXTERNAL_ID}" if value.lower() == NO_EXTERNAL_ID else EXTERNAL_ID_HINT,
    )


def _days(name: str, low: int, high: int, *, default: int) -> Check:
    def check(value: int) -> int:
        if not low <= value <= high:
            wrong(
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
        wrong(
            "key-arn",
            f"a key's ARN reads arn:{aws.PARTITION}:kms:REGION:ACCOUNT:key/KEY-ID, got {shown(value)}",
            hint,
        )
    return value


_EVERY_KEY: Final = rf"arn:{aws.PARTITION}:kms:\*:[0-9]{{12}}:key/\*"
"""What :func:`pinekeep.model.policies.permissions.account_keys_arn` makes."""


def _removed_key(value: str) -> str:
    return value if re.fullmatch(_EVERY_KEY, value) else _key_arn(value)


_ROLE: Final = rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}:role/(?:[A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+"


def _role_arn(value: str) -> str:
    if not re.fullmatch(_ROLE, value):
        wrong(
            "role-arn",
            f"a role's ARN reads arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME, got {shown(value)}",
            "the refusal of the change names the role to write here",
        )
    return value


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
    wrong(
        "principal-arn",
        f"an administrator is an IAM role or user, arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME, got {shown(value)}",
        hint,
    )


_POLICY: Final = rf"arn:{aws.PARTITION}:iam::(?:[0-9]{{12}}|aws):policy/[A-Za-z0-9+=,.@_/-]*[A-Za-z0-9+=,.@_-]"


def _policy_arn(value: str) -> str:
    if not re.fullmatch(_POLICY, value):
        wrong(
            "policy-arn",
            f"a policy's ARN reads arn:{aws.PARTITION}:iam::ACCOUNT:policy/NAME, got {shown(value)}",
            "`pinekeep permissions --for boundary` prints a policy to make; `aws iam create-policy` prints its ARN",
        )
    return value


ExternalId = Annotated[
    str, Check(_external_id, allowed=f"a UUID v4, or `{NO_EXTERNAL_ID}`", pattern=f"^(?:{NO_EXTERNAL_ID}|{_UUID_V4})$")
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
RoleArn = Annotated[str, Check(_role_arn, allowed="ARNs of roles", pattern=f"^{_ROLE}$")]
PrincipalArn = Annotated[
    str, Check(_principal_arn, allowed="ARNs of roles or users of the deployment's account", pattern=f"^{_PRINCIPAL}$")
]
PolicyArn = Annotated[
    str,
    Check(
        _policy_arn,
        allowed="the ARN of a policy of the deployment's account, or of AWS's own (`aws` in its place)",
        pattern=f"^{_POLICY}$",
    ),
]
