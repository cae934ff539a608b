"""The kinds of values in a configuration file, each with the check that goes with it.

Every check raises through :func:`wrong`, so that a message always says what is allowed and how to mend it.
The JSON Schema patterns are what an editor can tell early; the checks decide.
"""

import ipaddress
import re
import uuid
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Final, NoReturn

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from pinekeep.arns import KeyArn
from pinekeep.facts import aws, pinecone

NO_EXTERNAL_ID: Final = "none"
DEPLOYMENT_NAME_MAX: Final = 40
"""So that the role name made from it, with the longest Region, stays within IAM's bound."""
CLIENT_PREFIX_WIDEST: Final = 8
"""The widest private network there is, 10.0.0.0/8."""
NEW_VPC_PREFIX_LONGEST: Final = 25
"""A new VPC is cut into eight equal subnets, one for each zone letter; /28 is the smallest subnet."""


def wrong(code: str, message: str, hint: str | None = None) -> NoReturn:
    """Refuse a value. The message and hint reach the user as they are."""
    raise PydanticCustomError(code, "{message}", {"message": message, "hint": hint})


def did_you_mean(given: str, known: Sequence[str]) -> str | None:
    """Return a question naming the nearest known word, or None when none is near."""
    near = get_close_matches(given, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else None


class Check:
    """A check to annotate a type with, and what the JSON Schema can tell of it.

    Args:
        function: takes the value and returns it, or refuses it through :func:`wrong`.
        schema: keywords to add to the type's JSON Schema.
    """

    def __init__(self, function: Callable[[Any], Any], **schema: Any) -> None:
        self.function = function
        self.schema = schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.function, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), **self.schema}


# --- Accounts and Regions ---


def _account_number(value: str) -> str:
    if not value.isascii() or not value.isdigit():
        if set(value.upper()) == {"X"}:
            wrong("account-placeholder", f"{value!r} is a placeholder, not an account number")
        wrong(
            "account-format",
            f"an account number is {aws.ACCOUNT_DIGITS} digits, got {value!r}",
            "write it in quotes, without spaces or hyphens",
        )
    if len(value) != aws.ACCOUNT_DIGITS:
        short = len(value) < aws.ACCOUNT_DIGITS
        wrong(
            "account-length",
            f"an account number is {aws.ACCOUNT_DIGITS} digits, got {len(value)}: {value!r}",
            "zeros in front belong to the number; they get lost where it was stored as a number" if short else None,
        )
    if value in pinecone.PLACEHOLDER_ACCOUNTS or len(set(value)) == 1:
        wrong("account-placeholder", f"{value} is a placeholder, not an account number")
    return value


def _pinecone_account(value: str) -> str:
    place = f"the Pinecone console shows Pinecone's AWS account under {pinecone.ACCOUNT_PLACE}"
    try:
        _account_number(value)
    except PydanticCustomError as error:
        context = error.context or {}
        hint = f"{context['hint']}; {place}" if context.get("hint") else place
        wrong(error.type, context["message"], hint)
    if value == pinecone.S3_INTEGRATION_ACCOUNT:
        wrong(
            "account-of-s3-integration",
            f"{value} is Pinecone's account for the S3 integration, not the one that uses keys",
            place,
        )
    return value


def _region(value: str) -> str:
    if value not in pinecone.REGIONS:
        wrong(
            "region-without-pinecone",
            f"Pinecone does not run in {value!r}; it runs in {', '.join(pinecone.REGIONS)}",
            did_you_mean(value, pinecone.REGIONS),
        )
    return value


def _trust_region(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", value):
        known = pinecone.REGIONS
        wrong(
            "trust-region-format",
            f"{value!r} is not the name of an AWS Region",
            did_you_mean(value, known) or f"Pinecone's regions are {', '.join(known)}",
        )
    return value


OwnAccount = Annotated[str, Check(_account_number, pattern=r"^\d{12}$")]
PineconeAccount = Annotated[str, Check(_pinecone_account, pattern=r"^\d{12}$")]
Region = Annotated[str, Check(_region, enum=list(pinecone.REGIONS))]
TrustRegion = Annotated[str, Check(_trust_region, examples=list(pinecone.DOCUMENTED_ACCESS_REGIONS))]


# --- Names ---


def _deployment_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", value) or "--" in value:
        wrong(
            "deployment-name",
            f"a deployment's name is lower-case letters, digits and single hyphens between them, got {value!r}",
            f"for example {suggestion}" if (suggestion := _sanitized(value)) else None,
        )
    if len(value) > DEPLOYMENT_NAME_MAX:
        wrong(
            "deployment-name-length",
            f"a deployment's name has at most {DEPLOYMENT_NAME_MAX} characters, got {len(value)}",
        )
    return value


def _sanitized(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:DEPLOYMENT_NAME_MAX]


def _role_name(value: str) -> str:
    if value.startswith("arn:"):
        wrong("role-name", f"a role's name is wanted, not its ARN: {value!r}")
    if not re.fullmatch(aws.ROLE_NAME_PATTERN, value):
        wrong("role-name", f"a role's name may hold letters, digits and any of +=,.@_- but got {value!r}")
    if len(value) > aws.ROLE_NAME_MAX:
        wrong(
            "role-name-length",
            f"a role's name has at most {aws.ROLE_NAME_MAX} characters, got {len(value)}",
        )
    return value


def _alias(value: str) -> str:
    if value.startswith("alias/"):
        wrong("alias-prefix", f"write the alias without 'alias/', got {value!r}", f"write {value[6:]}")
    if value.lower().startswith("aws/"):
        wrong("alias-reserved", f"aliases that begin with aws/ are AWS's own, got {value!r}")
    if not re.fullmatch(aws.ALIAS_PATTERN, value):
        wrong("alias-format", f"an alias may hold letters, digits and any of /_- but got {value!r}")
    if len(value) > aws.ALIAS_MAX:
        wrong("alias-length", f"an alias has at most {aws.ALIAS_MAX} characters, got {len(value)}")
    return value


def _tag_key(value: str) -> str:
    if not value or len(value) > aws.TAG_KEY_MAX:
        wrong("tag-key", f"a tag's name has 1 to {aws.TAG_KEY_MAX} characters, got {len(value)}")
    if value.lower().startswith("aws:"):
        wrong("tag-key", f"tags that begin with aws: are AWS's own, got {value!r}")
    if not re.fullmatch(aws.TAG_PATTERN, value):
        wrong("tag-key", f"a tag's name may hold letters, digits, spaces and any of .:/=+@_- but got {value!r}")
    return value


def _tag_value(value: str) -> str:
    if len(value) > aws.TAG_VALUE_MAX:
        wrong("tag-value", f"a tag's value has at most {aws.TAG_VALUE_MAX} characters, got {len(value)}")
    if not re.fullmatch(aws.TAG_PATTERN, value):
        wrong(
            "tag-value",
            f"a tag's value may hold letters, digits, spaces and any of .:/=+@_- but got {value!r}",
        )
    return value


DeploymentName = Annotated[
    str,
    Check(_deployment_name, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", maxLength=DEPLOYMENT_NAME_MAX),
]
RoleName = Annotated[str, Check(_role_name, pattern=aws.ROLE_NAME_PATTERN, maxLength=aws.ROLE_NAME_MAX)]
Alias = Annotated[str, Check(_alias, pattern=aws.ALIAS_PATTERN, maxLength=aws.ALIAS_MAX)]
TagKey = Annotated[str, Check(_tag_key, minLength=1, maxLength=aws.TAG_KEY_MAX)]
TagValue = Annotated[str, Check(_tag_value, maxLength=aws.TAG_VALUE_MAX)]


# --- Trust ---


def _external_id(value: str) -> str:
    if value == NO_EXTERNAL_ID:
        return value
    hint = "make one with `python3 -c 'import uuid; print(uuid.uuid4())'`, or write the word none"
    if "*" in value or "?" in value:
        wrong(
            "external-id-wildcard",
            f"an external ID is compared exactly, a wildcard has no meaning: {value!r}",
            hint,
        )
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        wrong(
            "external-id-format",
            "an external ID is a UUID v4 such as 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13",
            hint,
        )
    parsed = uuid.UUID(value)
    if parsed.version != 4 or parsed.variant != uuid.RFC_4122:  # noqa: PLR2004 - the version is the rule's name
        wrong("external-id-version", "the external ID is a UUID, but not of version 4 (random)", hint)
    return value


ExternalId = Annotated[
    str,
    Check(
        _external_id,
        pattern=r"^(none|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$",
    ),
]


# --- Key ---


def _days(name: str, low: int, high: int) -> Check:
    def check(value: int) -> int:
        if not low <= value <= high:
            wrong(f"{name}-bounds", f"allowed are {low} to {high} days, got {value}")
        return value

    return Check(check, minimum=low, maximum=high)


def _key_arn(value: str) -> str:
    arn = KeyArn.parse(value)
    if arn is None:
        hint = None
        if ":alias/" in value or value.startswith("alias/"):
            hint = "an alias can be moved to another key; name the key itself: `aws kms describe-key --key-id ALIAS`"
        wrong(
            "key-arn",
            f"a key's ARN reads arn:{aws.PARTITION}:kms:REGION:ACCOUNT:key/KEY-ID, got {value!r}",
            hint,
        )
    return value


def _principal_arn(value: str) -> str:
    if re.fullmatch(r"arn:aws:iam::\d{12}:(role|user)/[\w+=,.@/-]+", value):
        return value
    hint = None
    if ":assumed-role/" in value:
        hint = "that is a session; name the role it came from: arn:aws:iam::ACCOUNT:role/NAME"
    elif value.endswith(":root"):
        hint = "the account root keeps the key in any case; leave it out"
    wrong(
        "principal-arn",
        f"an administrator is an IAM role or user, arn:aws:iam::ACCOUNT:role/NAME, got {value!r}",
        hint,
    )


RotationDays = Annotated[int, _days("rotation-days", aws.ROTATION_DAYS_MIN, aws.ROTATION_DAYS_MAX)]
DeletionWindowDays = Annotated[
    int, _days("deletion-window-days", aws.DELETION_WINDOW_DAYS_MIN, aws.DELETION_WINDOW_DAYS_MAX)
]
KeyArnText = Annotated[str, Check(_key_arn, pattern=r"^arn:aws:kms:[a-z0-9-]+:\d{12}:key/.+$")]
PrincipalArn = Annotated[str, Check(_principal_arn, pattern=r"^arn:aws:iam::\d{12}:(role|user)/.+$")]


# --- Network ---


def _resource_id(prefix: str, name: str) -> Check:
    pattern = rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            wrong(
                f"{prefix}-id",
                f"{name} is written {prefix}- and 8 or 17 of 0-9 and a-f, got {value!r}",
            )
        return value

    return Check(check, pattern=f"^{pattern}$")


def _network(value: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(value)
    except ValueError:
        pass
    try:
        inside = ipaddress.IPv4Interface(value)
    except ValueError:
        if ":" in value:
            wrong("cidr-ipv6", f"Pinecone's endpoints speak IPv4, got {value!r}")
        wrong("cidr", f"a network is written like 10.0.0.0/16, got {value!r}")
    wrong("cidr-host-bits", f"{value!r} names a host inside a network", f"write {inside.network}")


def _client_cidr(value: str) -> str:
    network = _network(value)
    if network.prefixlen < CLIENT_PREFIX_WIDEST:
        wrong(
            "cidr-open",
            f"{value} is open to the world; the widest network allowed is a /{CLIENT_PREFIX_WIDEST}",
            "name the networks that your clients are in",
        )
    return value


def _vpc_cidr(value: str) -> str:
    network = _network(value)
    low, high = aws.VPC_PREFIX_SHORTEST, NEW_VPC_PREFIX_LONGEST
    if not low <= network.prefixlen <= high:
        wrong("vpc-cidr-size", f"a new VPC's network is a /{low} to a /{high}, got /{network.prefixlen}")
    if not network.is_private:
        wrong("vpc-cidr-public", f"{value} is not a private network", "for example 10.20.0.0/16")
    return value


def _availability_zone(value: str) -> str:
    if re.fullmatch(r"[a-z]{3}\d-az\d+", value):
        wrong("zone-name", f"{value!r} is a zone's ID; its name in this account is wanted, such as us-east-1a")
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d[a-h]", value):
        wrong("zone-name", f"an Availability Zone is named like us-east-1a, got {value!r}")
    return value


VpcId = Annotated[str, _resource_id("vpc", "a VPC's ID")]
SubnetId = Annotated[str, _resource_id("subnet", "a subnet's ID")]
SecurityGroupId = Annotated[str, _resource_id("sg", "a security group's ID")]
ClientCidr = Annotated[str, Check(_client_cidr, examples=["10.0.0.0/16"])]
VpcCidr = Annotated[str, Check(_vpc_cidr, examples=["10.20.0.0/16"])]
AvailabilityZone = Annotated[str, Check(_availability_zone, examples=["us-east-1a"])]


def unique(code: str, *, least: int = 0, most: int | None = None) -> Check:
    """Return the check of a list whose items differ, with bounds on how many there are."""

    def check(values: list[str]) -> list[str]:
        if len(values) < least:
            wrong(f"{code}-few", f"at least {least} needed, got {len(values)}")
        if most is not None and len(values) > most:
            wrong(f"{code}-many", f"at most {most} allowed, got {len(values)}")
        seen: set[str] = set()
        for value in values:
            if value in seen:
                wrong(f"{code}-twice", f"{value} is listed twice", "keep one")
            seen.add(value)
        return values

    bounds = {"minItems": least or None, "maxItems": most}
    return Check(check, uniqueItems=True, **{name: bound for name, bound in bounds.items() if bound})
