"""Names that the user gives: deployments, roles, aliases, tags."""

import re
from typing import Annotated, Final
from unicodedata import category

from pinekeep.model import naming
from pinekeep.model.config.types.base import Check, wrong
from pinekeep.model.config.words import plain, shown
from pinekeep.model.facts import aws

DEPLOYMENT_NAME_MAX: Final = 40
"""So that the role name made from it, with the longest Region, stays within IAM's bound."""
_DEPLOYMENT_NAME: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"


VERSION: Final = 1
"""The version of the file's format."""


def _version(value: int) -> int:
    if value != VERSION:
        message = f"the version of this format is the number {VERSION}, got {plain(str(value))}"
        wrong("version", message, f"write version: {VERSION}")
    return value


def _deployment_name(value: str) -> str:
    if not re.fullmatch(_DEPLOYMENT_NAME, value):
        suggestion = re.sub(r"[^a-z0-9]+", "-", value[:DEPLOYMENT_NAME_MAX].lower()).strip("-")
        wrong(
            "deployment-name",
            f"a deployment's name is lower-case letters, digits and single hyphens between them, got {shown(value)}",
            f"write {suggestion or 'a name such as search-prod'}",
        )
    if len(value) > DEPLOYMENT_NAME_MAX:
        wrong(
            "deployment-name-length",
            f"a deployment's name has at most {DEPLOYMENT_NAME_MAX} characters, got {len(value):,}",
            "the name goes into the names of stacks and roles, which AWS bounds; take a shorter one",
        )
    return value


def _role_name(value: str) -> str:
    if value.startswith("arn:"):
        name = value.rpartition("/")[2]
        wrong(
            "role-name-arn",
            f"a role's name is wanted, not its ARN: {shown(value)}",
            f"write {name}" if re.fullmatch(aws.ROLE_NAME_PATTERN, name) else "leave role_name out to have one made",
        )
    if not re.fullmatch(aws.ROLE_NAME_PATTERN, value):
        path, _, name = value.strip("/").rpartition("/")
        is_path = path and re.fullmatch(aws.IAM_PATH_PATTERN, f"/{path}/") and re.fullmatch(aws.ROLE_NAME_PATTERN, name)
        wrong(
            "role-name",
            f"a role's name holds only letters, digits and any of +=,.@_-, got {shown(value)}",
            f"its path goes beside cmek, for every role of the deployment: iam_path: /{path}/, and role_name: {name}"
            if is_path
            else "leave role_name out to have one made",
        )
    if len(value) > aws.ROLE_NAME_MAX:
        wrong(
            "role-name-length",
            f"a role's name has at most {aws.ROLE_NAME_MAX} characters, got {len(value):,}",
            "leave role_name out to have one made",
        )
    return value


def _iam_path(value: str) -> str:
    if not re.fullmatch(aws.IAM_PATH_PATTERN, value):
        inside = re.sub("/+", "/", value[: aws.IAM_PATH_MAX]).strip("/")
        meant = f"/{inside}/" if inside else "/"
        wrong(
            "iam-path",
            "an IAM path begins and ends with a slash, and holds letters, digits and any of +=,.@_- between slashes, "
            f"got {shown(value)}",
            f"write {meant}" if re.fullmatch(aws.IAM_PATH_PATTERN, meant) else "for example /delegated/search/",
        )
    if len(value) > aws.IAM_PATH_MAX:
        wrong(
            "iam-path-length",
            f"an IAM path has at most {aws.IAM_PATH_MAX} characters, got {len(value):,}",
            "shorten it",
        )
    return value


def _alias(value: str) -> str:
    if value.startswith("alias/"):
        wrong(
            "alias-prefix",
            f"the alias is written without 'alias/', got {shown(value)}",
            f"write {value.removeprefix('alias/') or 'what follows it'}",
        )
    if value.lower().startswith("aws/"):
        wrong("alias-reserved", f"aliases that begin with aws/ are AWS's own, got {shown(value)}", "take another one")
    if not re.fullmatch(aws.ALIAS_PATTERN, value):
        wrong(
            "alias-format",
            f"an alias holds only letters, digits and any of /_-, got {shown(value)}",
            "leave alias out to have one made",
        )
    if len(value) > aws.ALIAS_MAX:
        wrong(
            "alias-length",
            f"an alias has at most {aws.ALIAS_MAX} characters, got {len(value):,}",
            "leave alias out to have one made",
        )
    return value


_TAG_CHARACTERS: Final = "letters, digits, spaces and any of .:/=+@_-"


def _is_tag(value: str) -> bool:
    """Tell whether AWS takes a text for a part of a tag. Tabs and line ends are none of the spaces that it takes."""
    return re.fullmatch(aws.TAG_PATTERN, value) is not None and not any(category(each) == "Cc" for each in value)


def _tag_key(value: str) -> str:
    if not 1 <= len(value) <= aws.TAG_KEY_MAX:
        wrong("tag-key-length", f"a tag's name has 1 to {aws.TAG_KEY_MAX} characters, got {len(value):,}", "shorten it")
    if value != value.strip():
        wrong("tag-key-space", f"a tag's name neither begins nor ends with a space, got {shown(value)}", "take it out")
    if value.lower().startswith("aws:"):
        wrong("tag-key-reserved", f"tags that begin with aws: are AWS's own, got {shown(value)}", "take another name")
    if value.lower() == naming.DEPLOYMENT_TAG:
        message = f"everything that is made gets the tag {naming.DEPLOYMENT_TAG} with the deployment's name already"
        wrong("tag-key-ours", message, "take it out")
    if not _is_tag(value):
        wrong("tag-key", f"a tag's name holds only {_TAG_CHARACTERS}, got {shown(value)}", "take out the others")
    return value


def _tag_value(value: str) -> str:
    if len(value) > aws.TAG_VALUE_MAX:
        wrong(
            "tag-value-length",
            f"a tag's value has at most {aws.TAG_VALUE_MAX} characters, got {len(value):,}",
            "shorten it",
        )
    if not _is_tag(value):
        wrong("tag-value", f"a tag's value holds only {_TAG_CHARACTERS}, got {shown(value)}", "take out the others")
    return value


CUSTOMER_NAME_MAX: Final = 64
_CUSTOMER_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9.])?"


def _customer_name(value: str) -> str:
    if not re.fullmatch(_CUSTOMER_NAME, value):
        wrong(
            "customer-name",
            f"a customer's name holds only letters, digits, spaces and any of ._-, got {shown(value)}",
            "take out the others",
        )
    if len(value) > CUSTOMER_NAME_MAX:
        wrong(
            "customer-name-length",
            f"a customer's name has at most {CUSTOMER_NAME_MAX} characters, got {len(value):,}",
            "shorten it",
        )
    return value


Version = Annotated[int, Check(_version, allowed="`1`", const=VERSION)]
DeploymentName = Annotated[
    str,
    Check(
        _deployment_name,
        allowed=f"lower-case letters, digits, single hyphens; at most {DEPLOYMENT_NAME_MAX}",
        pattern=f"^{_DEPLOYMENT_NAME}$",
        maxLength=DEPLOYMENT_NAME_MAX,
    ),
]
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
Alias = Annotated[
    str,
    Check(
        _alias,
        allowed=f"letters, digits, `/_-`; at most {aws.ALIAS_MAX}; not beginning with `alias/` or `aws/`",
        pattern=r"^(?!alias/)(?![Aa][Ww][Ss]/)" + aws.ALIAS_PATTERN.removeprefix("^"),
        maxLength=aws.ALIAS_MAX,
    ),
]
TagKey = Annotated[
    str,
    Check(
        _tag_key,
        allowed=f"1 to {aws.TAG_KEY_MAX} of {_TAG_CHARACTERS}",
        pattern="^(?![Aa][Ww][Ss]:)",
        minLength=1,
        maxLength=aws.TAG_KEY_MAX,
    ),
]
TagValue = Annotated[
    str,
    Check(_tag_value, allowed=f"at most {aws.TAG_VALUE_MAX} of {_TAG_CHARACTERS}", maxLength=aws.TAG_VALUE_MAX),
]
CustomerName = Annotated[
    str,
    Check(
        _customer_name,
        allowed=f"letters, digits, spaces, `._-`; at most {CUSTOMER_NAME_MAX}",
        pattern=f"^{_CUSTOMER_NAME}$",
        maxLength=CUSTOMER_NAME_MAX,
    ),
]
