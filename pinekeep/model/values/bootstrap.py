"""The names of the resources of a customized `cdk bootstrap`."""

import re
from typing import Annotated, Final

from pinekeep.model.facts import aws, bootstrap
from pinekeep.model.values import matching
from pinekeep.model.words import listed

_PLACEHOLDER: Final = "|".join(re.escape(each) for each in bootstrap.PLACEHOLDERS)
_NAME: Final = rf"(?:[A-Za-z0-9+=,.@_-]|{_PLACEHOLDER})+"
_ROLE: Final = (
    rf"arn:(?:{aws.PARTITION}|{re.escape('${AWS::Partition}')}):iam::"
    rf"(?:[0-9]{{12}}|{re.escape('${AWS::AccountId}')}):role/(?:{_NAME}/)*{_NAME}"
)
_REPLACED: Final = f"{listed(bootstrap.PLACEHOLDERS)} are replaced by their values"

Qualifier = Annotated[
    str,
    matching(
        "bootstrap-qualifier",
        bootstrap.QUALIFIER_PATTERN,
        "a qualifier is 1 to 10 letters, digits, _ and -",
        "`aws ssm get-parameters-by-path --path /cdk-bootstrap/ --recursive` lists the qualifiers",
        allowed="1 to 10 letters, digits, `_`, `-`",
    ),
]
BootstrapRoleArn = Annotated[
    str,
    matching(
        "bootstrap-role-arn",
        _ROLE,
        f"a role's ARN has the form arn:{aws.PARTITION}:iam::ACCOUNT:role/NAME",
        f"`aws iam get-role --role-name NAME` prints it; {_REPLACED}",
        allowed=f"the ARN of a role; {listed([f'`{each}`' for each in bootstrap.PLACEHOLDERS])} are replaced",
    ),
]
AssetsBucket = Annotated[
    str,
    matching(
        "bootstrap-bucket",
        rf"(?:[a-z0-9.-]|{_PLACEHOLDER}){{3,}}",
        "a bucket's name contains only lower-case letters, digits, dots and hyphens",
        f"write the name alone, without s3://; {_REPLACED}",
        allowed="the name of a bucket; the same placeholders are replaced",
    ),
]
VersionParameter = Annotated[
    str,
    matching(
        "bootstrap-parameter",
        rf"/?(?:{_NAME}/)*{_NAME}",
        f"a parameter's name has the form {bootstrap.VERSION_PARAMETER}",
        f"write the name of the Systems Manager parameter that holds the version; {_REPLACED}",
        allowed="the name of a parameter; the same placeholders are replaced",
    ),
]
