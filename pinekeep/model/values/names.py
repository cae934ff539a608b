"""Names that the user gives: deployments, roles, aliases, tags."""

import re
from typing import Annotated, Final
from unicodedata import category

from pinekeep.model import naming
from pinekeep.model.facts import aws
from pinekeep.model.values import Check, Items, refuse
from pinekeep.model.words import plain, shown

DEPLOYMENT_NAME_MAX: Final = 40
"""So that the role name made from it, with the longest Region, stays within IAM's bound."""
_DEPLOYMENT_NAME: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"


VERSION: Final = 1
"""The version of the file's format."""


def _version(value: int) -> int:
    if value != VERSION:
        message = f"the version of this format is the number {VERSION}, got {plain(str(value))}"
        refuse("version", message, f"write version: {VERSION}")
    return value


def _deployment_name(value: str) -> str:
    if not re.fullmatch(_DEPLOYMENT_NAME, value):
        suggestion = re.sub(r"[^a-z0-9]+", "-", value[:DEPLOYMENT_NAME_MAX].lower()).strip("-")
        refuse(
            "deployment-name",
            f"a deployment's name is lower-case letters, digits and single hyphens between them, got {shown(value)}",
            f"write {suggestion or 'a name such as search-prod'}",
        )
    if len(value) > DEPLOYMENT_NAME_MAX:
        refuse(
            "deployment-name-length",
            f"a deployment's name has at most {DEPLOYMENT_NAME_MAX} characters, got {len(value):,}",
            "the name goes into the names of stacks and roles, which AWS bounds; take a shorter one",
        )
    return value


_TAG_CHARACTERS: Final = "letters, digits, spaces and any of .:/=+@_-"


def _is_tag(value: str) -> bool:
    """Tell whether AWS takes a text for a part of a tag. Tabs and line ends are none of the spaces that it takes."""
    return re.fullmatch(aws.TAG_PATTERN, value) is not None and not any(category(each) == "Cc" for each in value)


def _tag_key(value: str) -> str:
    if not 1 <= len(value) <= aws.TAG_KEY_MAX:
        refuse(
            "tag-key-length", f"a tag's name has 1 to {aws.TAG_KEY_MAX} characters, got {len(value):,}", "shorten it"
        )
    if value != value.strip():
        refuse("tag-key-space", f"a tag's name neither begins nor ends with a space, got {shown(value)}", "take it out")
    if value.lower().startswith("aws:"):
        refuse("tag-key-reserved", f"tags that begin with aws: are AWS's own, got {shown(value)}", "take another name")
    if value.lower() == naming.DEPLOYMENT_TAG:
        message = f"everything that is made gets the tag {naming.DEPLOYMENT_TAG} with the deployment's name already"
        refuse("tag-key-ours", message, "take it out")
    if not _is_tag(value):
        refuse("tag-key", f"a tag's name holds only {_TAG_CHARACTERS}, got {shown(value)}", "take out the others")
    return value


def _tag_value(value: str) -> str:
    if len(value) > aws.TAG_VALUE_MAX:
        refuse(
            "tag-value-length",
            f"a tag's value has at most {aws.TAG_VALUE_MAX} characters, got {len(value):,}",
            "shorten it",
        )
    if not _is_tag(value):
        refuse("tag-value", f"a tag's value holds only {_TAG_CHARACTERS}, got {shown(value)}", "take out the others")
    return value


CUSTOMER_NAME_MAX: Final = 64
_CUSTOMER_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9.])?"


def _customer_name(value: str) -> str:
    if not re.fullmatch(_CUSTOMER_NAME, value):
        refuse(
            "customer-name",
            f"a customer's name holds only letters, digits, spaces and any of ._-, got {shown(value)}",
            "take out the others",
        )
    if len(value) > CUSTOMER_NAME_MAX:
        refuse(
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
RemovedCustomers = Annotated[list[CustomerName], Items("removed-customers", "customer")]
