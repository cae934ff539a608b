"""Roles: their names, paths and ARNs, and the ARNs of policies."""

import re
from typing import Annotated, Final

from pinekeep.model.facts import aws
from pinekeep.model.values import Check, Items, refuse
from pinekeep.model.words import shown

_ROLE: Final = rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}:role/(?:[A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+"
_POLICY: Final = rf"arn:{aws.PARTITION}:iam::(?:[0-9]{{12}}|aws):policy/[A-Za-z0-9+=,.@_/-]*[A-Za-z0-9+=,.@_-]"
_ASSUMED: Final = rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}:role/[A-Za-z0-9+=,.@_/-]*[A-Za-z0-9+=,.@_-]"


def _role_name(value: str) -> str:
    if value.startswith("arn:"):
        name = value.rpartition("/")[2]
        refuse(
            "role-name-arn",
            f"a role's name is wanted, not its ARN: {shown(value)}",
            f"write {name}" if re.fullmatch(aws.ROLE_NAME_PATTERN, name) else "leave role_name out to have one made",
        )
    if not re.fullmatch(aws.ROLE_NAME_PATTERN, value):
        path, _, name = value.strip("/").rpartition("/")
        is_path = path and re.fullmatch(aws.IAM_PATH_PATTERN, f"/{path}/") and re.fullmatch(aws.ROLE_NAME_PATTERN, name)
        refuse(
            "role-name",
            f"a role's name holds only letters, digits and any of +=,.@_-, got {shown(value)}",
            f"its path goes beside cmek, for every role of the deployment: iam_path: /{path}/, and role_name: {name}"
            if is_path
            else "leave role_name out to have one made",
        )
    if len(value) > aws.ROLE_NAME_MAX:
        refuse(
            "role-name-length",
            f"a role's name has at most {aws.ROLE_NAME_MAX} characters, got {len(value):,}",
            "leave role_name out to have one made",
        )
    return value


def _iam_path(value: str) -> str:
    if not re.fullmatch(aws.IAM_PATH_PATTERN, value):
        inside = re.sub("/+", "/", value[: aws.IAM_PATH_MAX]).strip("/")
        meant = f"/{inside}/" if inside else "/"
        refuse(
            "iam-path",
            "an IAM path begins and ends with a slash, and holds letters, digits and any of +=,.@_- between slashes, "
            f"got {shown(value)}",
            f"write {meant}" if re.fullmatch(aws.IAM_PATH_PATTERN, meant) else "for example /delegated/search/",
        )
    if len(value) > aws.IAM_PATH_MAX:
        refuse(
            "iam-path-length",
            f"an IAM path has at most {aws.IAM_PATH_MAX} characters, got {len(value):,}",
            "shorten it",
        )
    return value


def _role_arn(value: str) -> str:
    if not re.fullmatch(_ROLE, value):
        refuse(
            "role-arn",
            f"a role's ARN reads arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME, got {shown(value)}",
            "the refusal of the change names the role to write here",
        )
    return value


def _assumed_role(value: str) -> str:
    if not re.fullmatch(_ASSUMED, value):
        hint = "`aws iam get-role --role-name NAME` prints a role's ARN"
        if ":assumed-role/" in value:
            hint = f"that is a session; name the role it came from: arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME"
        refuse(
            "assume-role-arn",
            f"a role's ARN reads arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME, got {shown(value)}",
            hint,
        )
    return value


def _policy_arn(value: str) -> str:
    if not re.fullmatch(_POLICY, value):
        refuse(
            "policy-arn",
            f"a policy's ARN reads arn:{aws.PARTITION}:iam::ACCOUNT:policy/NAME, got {shown(value)}",
            "`pinekeep permissions --for boundary` prints a policy to make; `aws iam create-policy` prints its ARN",
        )
    return value


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
RoleArn = Annotated[str, Check(_role_arn, allowed="ARNs of roles", pattern=f"^{_ROLE}$")]
RemovedRoles = Annotated[list[RoleArn], Items("removed-roles", "role")]
AssumedRoleArn = Annotated[
    str, Check(_assumed_role, allowed="the ARN of a role of the deployment's account", pattern=f"^{_ASSUMED}$")
]
PolicyArn = Annotated[
    str,
    Check(
        _policy_arn,
        allowed="the ARN of a policy of the deployment's account, or of AWS's own (`aws` in its place)",
        pattern=f"^{_POLICY}$",
    ),
]
