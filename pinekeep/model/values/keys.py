"""KMS keys: their settings, ARNs and administrators."""

import json
import re
from typing import Annotated, Final

from pinekeep.model.arns import KeyArn
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy
from pinekeep.model.values import Check, InvalidValueError, Items, limit, matching, refuse
from pinekeep.model.values.numbers import between
from pinekeep.model.values.roles import ROLE_FORM, role_hint
from pinekeep.model.words import shown

_DEFAULT_ALIAS: Final = "remove alias to use the default"
_KEY: Final = rf"[a-z0-9-]+:[0-9]{{12}}:key/{aws.KEY_ID_PATTERN}"
_EVERY_KEY: Final = rf"arn:{aws.PARTITION}:kms:\*:[0-9]{{12}}:key/\*"
"""The ARNs of :func:`pinekeep.model.policies.permissions.account_keys_arn`."""


def _key_arn(value: str) -> str:
    if KeyArn.parse(value) is None:
        hint = "`aws kms list-keys` prints the ARNs of the keys"
        if ":alias/" in value or value.startswith("alias/"):
            hint = "an alias can move to another key; `aws kms describe-key --key-id ALIAS` prints the key's own ARN"
        form = f"arn:{aws.PARTITION}:kms:REGION:ACCOUNT:key/KEY-ID"
        refuse("key-arn", f"a key's ARN has the form {form}, got {shown(value)}", hint)
    return value


def _removed_key(value: str) -> str:
    return value if re.fullmatch(_EVERY_KEY, value) else _key_arn(value)


def _principal_hint(value: str) -> str:
    if ":assumed-role/" in value:
        return role_hint(value)
    if value.endswith(":root"):
        return "the account root administers the key in any case; remove it"
    if ":group/" in value:
        return "a key policy cannot name a group; name a role"
    return "a wildcard would match more than one; name each" if "*" in value else role_hint(value)


def _alias(value: str) -> str:
    if value.startswith("alias/"):
        hint = f"write {value.removeprefix('alias/') or 'what follows it'}"
        refuse("alias-prefix", f"the alias is written without 'alias/', got {shown(value)}", hint)
    if value.lower().startswith("aws/"):
        refuse(
            "alias-reserved", f"aliases that begin with aws/ are AWS's own, got {shown(value)}", "choose another one"
        )
    if not re.fullmatch(aws.ALIAS_PATTERN, value):
        message = f"an alias contains only letters, digits and any of /_-, got {shown(value)}"
        refuse("alias-format", message, _DEFAULT_ALIAS)
    limit(value, "alias-length", "an alias", _DEFAULT_ALIAS, most=aws.ALIAS_MAX)
    return value


def _key_arn_of(place: str) -> Check:
    allowed = f"the ARN of a key (not of an alias) in the deployment's {place}"
    return Check(_key_arn, allowed=allowed, pattern=rf"^arn:{aws.PARTITION}:kms:{_KEY}$")


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
    between(
        "rotation-days",
        aws.ROTATION_DAYS_MIN,
        aws.ROTATION_DAYS_MAX,
        unit="days",
        example=aws.ROTATION_DAYS_DEFAULT,
    ),
]
DeletionWindowDays = Annotated[
    int,
    between(
        "deletion-window-days",
        aws.DELETION_WINDOW_DAYS_MIN,
        aws.DELETION_WINDOW_DAYS_MAX,
        unit="days",
        example=aws.DELETION_WINDOW_DAYS_MAX,
    ),
]
KeyArnText = Annotated[str, _key_arn_of("account and Region")]
SecretKeyArn = Annotated[str, _key_arn_of("Region")]
RemovedKey = Annotated[
    str,
    Check(
        _removed_key,
        allowed=f"the ARN of a customer's key, or `arn:{aws.PARTITION}:kms:*:ACCOUNT:key/*`",
        pattern=rf"^arn:{aws.PARTITION}:kms:(?:{_KEY}|\*:[0-9]{{12}}:key/\*)$",
    ),
]
PrincipalArn = Annotated[
    str,
    matching(
        "principal-arn",
        rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}:(?:role|user)/[A-Za-z0-9+=,.@_/-]*[A-Za-z0-9+=,.@_-]",
        f"an administrator is an IAM role or user, {ROLE_FORM}",
        _principal_hint,
        allowed="ARNs of roles or users of the deployment's account",
    ),
]
Administrators = Annotated[list[PrincipalArn], Items("administrators", "administrator")]
RemovedKeys = Annotated[list[RemovedKey], Items("removed-keys", "key")]
CustomerKeyArns = Annotated[list[KeyArnText], Items("customer-key-arns", "key", least=1)]


def administrator_error(arn: str, account: str) -> InvalidValueError | None:
    """Return the error of a key administrator in another account than the key."""
    owner = arn.split(":")[4]
    if account == owner:
        return None
    message = f"{arn} is in account {owner}; a key is administered from its own account, {account}"
    return InvalidValueError("administrator-account", message, "name a role of the deployment's account")


def administrator_is_pinecone(arn: str, role_arn: str) -> InvalidValueError | None:
    """Return the error of a key administrator that is a role which Pinecone assumes."""
    # Further roles, for more customers than one role holds, have the first one's name and a number.
    if not re.fullmatch(re.escape(role_arn) + r"(-\d+)?", arn):
        return None
    message = "this is the role that Pinecone assumes; it uses the key and never administers it"
    return InvalidValueError("administrator-is-pinecone", message, "remove it")


def key_policy_error(policy: Policy, *, administrators: int) -> InvalidValueError | None:
    """Return the error of a key policy that is larger than KMS allows. It names each administrator twice."""
    size = len(json.dumps(policy, separators=(",", ":")).encode())
    if size <= aws.KEY_POLICY_MAX:
        return None
    return InvalidValueError(
        "key-policy-size",
        f"with {administrators:,} administrators the key policy would have {size:,} bytes, KMS allows "
        f"{aws.KEY_POLICY_MAX:,}",
        "let the administrators assume one role, and name that one",
    )
