"""What `cdk bootstrap` has made in an account, where an organization does it in a way of its own."""

import re
from typing import Annotated, Final

from pinekeep.model.facts import aws, bootstrap
from pinekeep.model.values import Check, refuse
from pinekeep.model.words import listed, shown

_PLACEHOLDER: Final = "|".join(re.escape(each) for each in bootstrap.PLACEHOLDERS)
_NAME: Final = rf"(?:[A-Za-z0-9+=,.@_-]|{_PLACEHOLDER})+"
_ROLE: Final = (
    rf"arn:(?:{aws.PARTITION}|{re.escape('${AWS::Partition}')}):iam::"
    rf"(?:[0-9]{{12}}|{re.escape('${AWS::AccountId}')}):role/(?:{_NAME}/)*{_NAME}"
)
_BUCKET: Final = rf"(?:[a-z0-9.-]|{_PLACEHOLDER}){{3,}}"
_PARAMETER: Final = rf"/?(?:{_NAME}/)*{_NAME}"
_WITH: Final = f"{listed(bootstrap.PLACEHOLDERS)} stand for what they say"


def _qualifier(value: str) -> str:
    if not re.fullmatch(bootstrap.QUALIFIER_PATTERN, value):
        refuse(
            "bootstrap-qualifier",
            f"a qualifier is 1 to 10 of letters, digits, _ and -, got {shown(value)}",
            "`aws ssm get-parameters-by-path --path /cdk-bootstrap/ --recursive` lists the qualifiers",
        )
    return value


def _bootstrap_role_arn(value: str) -> str:
    if not re.fullmatch(_ROLE, value):
        refuse(
            "bootstrap-role-arn",
            f"a role's ARN reads arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME, got {shown(value)}",
            f"`aws iam get-role --role-name NAME` prints it; {_WITH}",
        )
    return value


def _assets_bucket(value: str) -> str:
    if not re.fullmatch(_BUCKET, value):
        refuse(
            "bootstrap-bucket",
            f"a bucket's name holds only lower-case letters, digits, dots and hyphens, got {shown(value)}",
            f"write the name alone, without s3://; {_WITH}",
        )
    return value


def _version_parameter(value: str) -> str:
    if not re.fullmatch(_PARAMETER, value):
        refuse(
            "bootstrap-parameter",
            f"a parameter is named like {bootstrap.VERSION_PARAMETER}, got {shown(value)}",
            f"write the name of the parameter of Systems Manager that holds the version; {_WITH}",
        )
    return value


Qualifier = Annotated[
    str,
    Check(_qualifier, allowed="1 to 10 of letters, digits, `_`, `-`", pattern=f"^{bootstrap.QUALIFIER_PATTERN}$"),
]
BootstrapRoleArn = Annotated[
    str,
    Check(
        _bootstrap_role_arn,
        allowed="the ARN of a role; " + ", ".join(f"`{each}`" for each in bootstrap.PLACEHOLDERS) + " are filled in",
        pattern=f"^{_ROLE}$",
    ),
]
AssetsBucket = Annotated[
    str, Check(_assets_bucket, allowed="the name of a bucket; the same is filled in", pattern=f"^{_BUCKET}$")
]
VersionParameter = Annotated[
    str,
    Check(_version_parameter, allowed="the name of a parameter; the same is filled in", pattern=f"^{_PARAMETER}$"),
]
