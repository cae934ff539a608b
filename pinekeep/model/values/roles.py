"""Roles: their names, paths and ARNs, and the ARNs of policies."""

import re
from typing import Annotated, Final

from pinekeep.model.facts import aws
from pinekeep.model.values import Check, InvalidValueError, Items, limit, matching, refuse
from pinekeep.model.words import shown

ROLE_FORM: Final = f"arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME"
_DEFAULT: Final = "remove role_name to use the default"
_ARN: Final = rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}"
_END: Final = "[A-Za-z0-9+=,.@_/-]*[A-Za-z0-9+=,.@_-]"


def _role_name(value: str) -> str:
    if value.startswith("arn:"):
        name = value.rpartition("/")[2]
        hint = f"write {name}" if re.fullmatch(aws.ROLE_NAME_PATTERN, name) else _DEFAULT
        refuse("role-name-arn", f"this must be a role's name, not its ARN: {shown(value)}", hint)
    if not re.fullmatch(aws.ROLE_NAME_PATTERN, value):
        path, _, name = value.strip("/").rpartition("/")
        is_path = path and re.fullmatch(aws.IAM_PATH_PATTERN, f"/{path}/") and re.fullmatch(aws.ROLE_NAME_PATTERN, name)
        refuse(
            "role-name",
            f"a role's name contains only letters, digits and any of +=,.@_-, got {shown(value)}",
            f"set the path beside cmek, for every role of the deployment: iam_path: /{path}/, and role_name: {name}"
            if is_path
            else _DEFAULT,
        )
    limit(value, "role-name-length", "a role's name", _DEFAULT, most=aws.ROLE_NAME_MAX)
    return value


def _iam_path(value: str) -> str:
    if not re.fullmatch(aws.IAM_PATH_PATTERN, value):
        inside = re.sub("/+", "/", value[: aws.IAM_PATH_MAX]).strip("/")
        meant = f"/{inside}/" if inside else "/"
        refuse(
            "iam-path",
            "an IAM path begins and ends with a slash, with letters, digits and any of +=,.@_- between slashes, "
            f"got {shown(value)}",
            f"write {meant}" if re.fullmatch(aws.IAM_PATH_PATTERN, meant) else "for example /delegated/search/",
        )
    limit(value, "iam-path-length", "an IAM path", "shorten it", most=aws.IAM_PATH_MAX)
    return value


def role_hint(value: str) -> str:
    """Return how to find the ARN of a role in place of this text."""
    if ":assumed-role/" in value:
        return f"that is a session; name its role: {ROLE_FORM}"
    return "`aws iam get-role --role-name NAME` prints a role's ARN"


RoleName = Annotated[
    str,
    Check(
        _role_name,
        allowed=f"letters, digits, `+=,.@_-`; at most {aws.ROLE_NAME_MAX}",
        pattern=aws.ROLE_NAME_PATTERN,
        maxLength=aws.ROLE_NAME_MAX,
    ),
]
IamPath = Annotated[
    str,
    Check(
        _iam_path,
        allowed=f"`/`, or parts of letters, digits, `+=,.@_-` with a slash around each; at most {aws.IAM_PATH_MAX}",
        pattern=f"^{aws.IAM_PATH_PATTERN}$",
        maxLength=aws.IAM_PATH_MAX,
    ),
]
RoleArn = Annotated[
    str,
    matching(
        "role-arn",
        rf"{_ARN}:role/(?:[A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+",
        f"a role's ARN has the form {ROLE_FORM}",
        "the error about the change names the role to write here",
        allowed="ARNs of roles",
    ),
]
RemovedRoles = Annotated[list[RoleArn], Items("removed-roles", "role")]
AssumedRoleArn = Annotated[
    str,
    matching(
        "assume-role-arn",
        f"{_ARN}:role/{_END}",
        f"a role's ARN has the form {ROLE_FORM}",
        role_hint,
        allowed="the ARN of a role of the deployment's account",
    ),
]
PolicyArn = Annotated[
    str,
    matching(
        "policy-arn",
        rf"arn:{aws.PARTITION}:iam::(?:[0-9]{{12}}|aws):policy/{_END}",
        f"a policy's ARN has the form arn:{aws.PARTITION}:iam::ACCOUNT:policy/NAME",
        "`pinekeep permissions --for boundary` prints a policy to create; `aws iam create-policy` prints its ARN",
        allowed="the ARN of a policy of the deployment's account, or of an AWS managed one (`aws` as the account)",
    ),
]


def boundary_error(policy_arn: str, account: str) -> InvalidValueError | None:
    """Return the error of a permissions boundary that is in another account and not AWS's own."""
    owner = policy_arn.split(":")[4]
    if owner in (_AWS, account):
        return None
    return InvalidValueError(
        "boundary-account",
        f"the policy is in account {owner}, the deployment in {account}",
        "use a policy of the deployment's own account, or one that AWS manages (arn:aws:iam::aws:policy/NAME)",
    )


_AWS: Final = "aws"
"""Replaces the account in the ARN of a policy that AWS manages."""
