"""The names of deployments and customers, and tags."""

import re
from typing import Annotated, Final
from unicodedata import category

from pinekeep.model import naming
from pinekeep.model.facts import aws
from pinekeep.model.values import Check, Items, limit, refuse
from pinekeep.model.words import plain, shown

VERSION: Final = 1
"""The version of the file's format."""
DEPLOYMENT_NAME_MAX: Final = 40
"""So that the default role name, with the longest Region, stays within IAM's limit."""
CUSTOMER_NAME_MAX: Final = 64
_DEPLOYMENT_NAME: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_CUSTOMER_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9.])?"
_TAG_CHARACTERS: Final = "letters, digits, spaces and any of .:/=+@_-"
_OTHERS: Final = "remove the other characters"


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
    hint = "the names of stacks and roles contain it, and AWS limits their length; choose a shorter one"
    limit(value, "deployment-name-length", "a deployment's name", hint, most=DEPLOYMENT_NAME_MAX)
    return value


def _require_tag(value: str, code: str, what: str) -> None:
    # Tabs and line ends are none of the spaces that AWS accepts.
    if re.fullmatch(aws.TAG_PATTERN, value) is None or any(category(each) == "Cc" for each in value):
        refuse(code, f"{what} contains only {_TAG_CHARACTERS}, got {shown(value)}", _OTHERS)


def _tag_key(value: str) -> str:
    limit(value, "tag-key-length", "a tag's name", "shorten it", most=aws.TAG_KEY_MAX, least=1)
    if value != value.strip():
        refuse("tag-key-space", f"a tag's name neither begins nor ends with a space, got {shown(value)}", "remove it")
    if value.lower().startswith("aws:"):
        message = f"tags that begin with aws: are AWS's own, got {shown(value)}"
        refuse("tag-key-reserved", message, "choose another name")
    if value.lower() == naming.DEPLOYMENT_TAG:
        message = f"every resource already gets the tag {naming.DEPLOYMENT_TAG} with the deployment's name"
        refuse("tag-key-ours", message, "remove it")
    if value.lower() == naming.FLEET_TAG:
        message = f"the stacks of a fleet get the tag {naming.FLEET_TAG} with the fleet's name"
        refuse("tag-key-ours", message, "remove it")
    _require_tag(value, "tag-key", "a tag's name")
    return value


def _tag_value(value: str) -> str:
    limit(value, "tag-value-length", "a tag's value", "shorten it", most=aws.TAG_VALUE_MAX)
    _require_tag(value, "tag-value", "a tag's value")
    return value


def _customer_name(value: str) -> str:
    if not re.fullmatch(_CUSTOMER_NAME, value):
        message = f"a customer's name contains only letters, digits, spaces and any of ._-, got {shown(value)}"
        refuse("customer-name", message, _OTHERS)
    limit(value, "customer-name-length", "a customer's name", "shorten it", most=CUSTOMER_NAME_MAX)
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
    str, Check(_tag_value, allowed=f"at most {aws.TAG_VALUE_MAX} of {_TAG_CHARACTERS}", maxLength=aws.TAG_VALUE_MAX)
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
