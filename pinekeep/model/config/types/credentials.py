"""Where a deployment's credentials come from: AWS profiles, and roles to assume."""

import re
from typing import Annotated, Final

from pinekeep.model.config.types.base import Check, wrong
from pinekeep.model.config.words import shown
from pinekeep.model.facts import aws

_PROFILE: Final = r"[A-Za-z0-9_.@+=,:/-]+(?: [A-Za-z0-9_.@+=,:/-]+)*"
"""The AWS tools take nearly anything in the heading of a profile; this leaves out what shells and INI files read."""
PROFILE_MAX: Final = 128
_ASSUMED: Final = rf"arn:{aws.PARTITION}:iam::[0-9]{{12}}:role/[A-Za-z0-9+=,.@_/-]*[A-Za-z0-9+=,.@_-]"


def _profile(value: str) -> str:
    if len(value) > PROFILE_MAX or value.startswith("-") or not re.fullmatch(_PROFILE, value):
        wrong(
            "profile-name",
            f"an AWS profile's name is letters, digits and any of _.@+=,:/-, at most {PROFILE_MAX}, got {shown(value)}",
            "`aws configure list-profiles` tells which there are",
        )
    return value


def _assumed_role(value: str) -> str:
    if not re.fullmatch(_ASSUMED, value):
        hint = "`aws iam get-role --role-name NAME` prints a role's ARN"
        if ":assumed-role/" in value:
            hint = f"that is a session; name the role it came from: arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME"
        wrong(
            "assume-role-arn",
            f"a role's ARN reads arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME, got {shown(value)}",
            hint,
        )
    return value


ProfileName = Annotated[
    str,
    Check(
        _profile,
        allowed=f"a profile of the AWS configuration, at most {PROFILE_MAX} characters",
        pattern=f"^(?!-){_PROFILE}$",
        maxLength=PROFILE_MAX,
    ),
]
AssumedRoleArn = Annotated[
    str, Check(_assumed_role, allowed="the ARN of a role of the deployment's account", pattern=f"^{_ASSUMED}$")
]
