"""The parameters of the released templates, each with its value for a deployment of a configuration file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, get_args

from pinekeep.model.config import Deployment
from pinekeep.model.config.models import alias_of, role_name_of
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.model.policies.trust import TrustForm
from pinekeep.model.values.trust import NO_EXTERNAL_ID

_UUID: Final = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
ARN_OF_PRINCIPAL: Final = r"arn:aws:iam::[0-9]{12}:(role|user)/[\w+=,.@/-]+"
NOT_ALL: Final = "no"
"""The value of :data:`TRUST_ALL` with which the Regions are named one by one."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the values of the parameters come from.

    Attributes:
        name: the deployment's name.
        deployment: its settings.
        pinecone_account: Pinecone's own AWS account; None where the file has none.
        role_region: the Region whose stack creates the role; None for the stack's own.
    """

    name: str
    deployment: Deployment
    pinecone_account: str | None
    role_region: str | None = None


Value = Callable[[Subject], str]


def _no_value(_: Subject) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a released template.

    Attributes:
        label: its label in the CloudFormation console.
        description: the value that it takes, and where it comes from.
        group: the heading above it in the console.
        value: returns the value for a deployment; empty for a template that is of no deployment.
        kind: the CloudFormation type.
        default: the default; None if a value is required.
        pattern: the regular expression of valid values.
        constraint: the sentence that the console shows for an invalid value.
        allowed, least, most, longest: the values, the numbers and the length that are allowed.
    """

    name: str
    label: str
    description: str
    group: str
    value: Value = _no_value
    kind: str = "String"
    default: str | None = None
    pattern: str | None = None
    constraint: str | None = None
    allowed: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    longest: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the parameter as a template has it."""
        found: dict[str, Any] = {"Type": self.kind, "Description": self.description}
        if self.default is not None:
            found["Default"] = self.default
        if self.pattern is not None:
            found |= {"AllowedPattern": self.pattern, "ConstraintDescription": self.constraint}
        if self.allowed:
            found["AllowedValues"] = list(self.allowed)
        if self.least is not None:
            found["MinValue"] = self.least
        if self.most is not None:
            found["MaxValue"] = self.most
        if self.longest is not None:
            found["MaxLength"] = self.longest
        return found


def _region_parameter(region: str) -> Parameter:
    def value(of: Subject) -> str:
        trusted = of.deployment.cmek.trust.regions if of.deployment.cmek else ()
        return _flag(region in trusted)

    return Parameter(
        name=trust_parameter(region),
        label=f"Trust Pinecone in {region}",
        description=f"Whether Pinecone's access role of {region} may assume the role",
        group="Trust",
        default="false",
        allowed=("true", "false"),
        value=value,
    )


def trust_parameter(region: str) -> str:
    """Return the name of the parameter that trusts a Pinecone region."""
    return "Trust" + "".join(part.capitalize() for part in region.split("-"))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def optional(pattern: str) -> str:
    """Return the pattern of values that may be empty."""
    return f"^({pattern})?$"


DEPLOYMENT: Final = Parameter(
    name="DeploymentName",
    label="Name",
    description="The name of the deployment, part of names and tags. Lower-case letters, digits and hyphens",
    group="Deployment",
    pattern="^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$",
    constraint="Lower-case letters, digits and hyphens, beginning with a letter",
    value=lambda of: of.name,
)


def _trust_all(of: Subject) -> str:
    trust = of.deployment.cmek.trust if of.deployment.cmek else None
    return trust.form if trust is not None and trust.regions == "all" else NOT_ALL


TRUST_ALL: Final = Parameter(
    name="TrustAllRegions",
    label="Trust Pinecone in all Regions",
    description="Whether Pinecone's access roles of all Regions may assume the role, in place of those below: "
    "documented is Pinecone's own form, any principal with a condition; account-root names Pinecone's account and "
    "allows the same callers",
    group="Trust",
    default=NOT_ALL,
    allowed=(NOT_ALL, *get_args(TrustForm)),
    value=_trust_all,
)
CONFUSED_DEPUTY: Final = Parameter(
    name="AcceptConfusedDeputy",
    label="Accept all Regions without an external ID",
    description="Whether to allow trust in all Regions without an external ID: any Pinecone customer who learns the "
    "role's ARN could then have Pinecone use your key",
    group="Trust",
    default="false",
    allowed=("true", "false"),
    value=lambda of: _flag(of.deployment.cmek is not None and of.deployment.cmek.trust.accept_confused_deputy),
)
TRUST: Final = (
    Parameter(
        name="PineconeAccount",
        label="Pinecone's AWS account",
        description=f"Pinecone's own AWS account, shown in its console under {pinecone.ACCOUNT_PLACE}",
        group="Trust",
        pattern="^[0-9]{12}$",
        constraint="12 digits",
        value=lambda of: str(of.pinecone_account),
    ),
    TRUST_ALL,
    *map(_region_parameter, pinecone.DOCUMENTED_ACCESS_REGIONS),
    Parameter(
        name="ExternalId",
        label="External ID",
        description="A UUID v4 that you generate and give to Pinecone, or the word none. It can never change later",
        group="Trust",
        pattern=f"^({_UUID}|{NO_EXTERNAL_ID})$",
        constraint=f"A UUID version 4, or the word {NO_EXTERNAL_ID}",
        value=lambda of: of.deployment.cmek.trust.external_id if of.deployment.cmek else "",
    ),
    CONFUSED_DEPUTY,
)
ROLE: Final = (
    Parameter(
        name="RoleName",
        label="Role name",
        description="The name of the role. It can never change once its ARN is given to Pinecone",
        group="Role",
        pattern=r"^[\w+=,.@-]{1,64}$",
        constraint="1 to 64 letters, digits and +=,.@_-",
        value=lambda of: role_name_of(of.name, of.deployment),
    ),
    Parameter(
        name="RolePath",
        label="Role path",
        description="The IAM path of the role. It can never change once its ARN is given to Pinecone",
        group="Role",
        default="/",
        pattern=r"^/([\w+=,.@-]+/)*$",
        constraint="Begins and ends with a slash",
        value=lambda of: of.deployment.iam_path,
    ),
    Parameter(
        name="PermissionsBoundary",
        label="Permissions boundary",
        description="The ARN of the permissions boundary of the role; empty for none",
        group="Role",
        default="",
        pattern=optional(r"arn:aws:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]+"),
        constraint="The ARN of an IAM policy, or nothing",
        value=lambda of: of.deployment.permissions_boundary or "",
    ),
)
ROLE_REGION: Final = Parameter(
    name="RoleRegion",
    label="Region of the role",
    description="For stacks in several Regions of one account: the Region whose stack creates the role. The others "
    "create a key that names the role, and need it to exist; empty for this Region",
    group="Role",
    default="",
    pattern=optional("[a-z]{2}(-[a-z]+)+-[0-9]"),
    constraint="The name of an AWS Region, or nothing",
    value=lambda of: of.role_region or "",
)
OWN_ROLE: Final = (*ROLE, ROLE_REGION)
KEY: Final = (
    Parameter(
        name="KeyAlias",
        label="Alias",
        description="The alias of the key, without alias/",
        group="Key",
        pattern="^[A-Za-z0-9/_-]{1,250}$",
        constraint="Letters, digits and /_-",
        value=lambda of: str(alias_of(of.name, of.deployment)).removeprefix("alias/"),
    ),
    Parameter(
        name="KeyAdministrators",
        label="Key administrators",
        description="ARNs of the IAM roles and users that administer the key besides the account root; empty for none",
        group="Key",
        kind="CommaDelimitedList",
        default="",
        pattern=optional(ARN_OF_PRINCIPAL),
        constraint="ARNs of IAM roles and users, separated by commas",
        value=lambda of: ",".join(of.deployment.cmek.key.administrators if of.deployment.cmek else ()),
    ),
    Parameter(
        name="RotationDays",
        label="Rotation period",
        description="The rotation period of the key material, in days. The key's ARN does not change",
        group="Key",
        kind="Number",
        default=str(aws.ROTATION_DAYS_DEFAULT),
        least=aws.ROTATION_DAYS_MIN,
        most=aws.ROTATION_DAYS_MAX,
        value=lambda of: str(of.deployment.cmek.key.rotation_days if of.deployment.cmek else ""),
    ),
    Parameter(
        name="DeletionWindowDays",
        label="Waiting period of a deletion",
        description="The waiting period of a scheduled key deletion, in days",
        group="Key",
        kind="Number",
        default=str(aws.DELETION_WINDOW_DAYS_MAX),
        least=aws.DELETION_WINDOW_DAYS_MIN,
        most=aws.DELETION_WINDOW_DAYS_MAX,
        value=lambda of: str(of.deployment.cmek.key.deletion_window_days if of.deployment.cmek else ""),
    ),
    Parameter(
        name="MultiRegion",
        label="Multi-Region key",
        description="Whether the key is a multi-Region primary key. It can never change",
        group="Key",
        default="false",
        allowed=("true", "false"),
        value=lambda of: _flag(of.deployment.cmek is not None and of.deployment.cmek.key.multi_region),
    ),
)
ADOPTED_KEY: Final = Parameter(
    name="KeyArn",
    label="Key ARN",
    description="The ARN of the existing key",
    group="Key",
    pattern="^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-)?[0-9a-f-]+$",
    constraint="The ARN of a KMS key",
    value=lambda of: str(of.deployment.cmek.key.adopt if of.deployment.cmek else ""),
)


def _customer_keys(of: Subject) -> str:
    found = []
    for each in of.deployment.cmek.customer_keys if of.deployment.cmek else ():
        found += each.key_arns or [account_keys_arn(each.account)]
    return ",".join(sorted(found))


CUSTOMER_KEYS: Final = Parameter(
    name="CustomerKeyArns",
    label="Keys of customers",
    description="ARNs of the keys in your customers' accounts, separated by commas; arn:aws:kms:*:ACCOUNT:key/* for "
    "every key of an account",
    group="Key",
    kind="CommaDelimitedList",
    pattern=r"^arn:aws:kms:(\*|[a-z0-9-]+):[0-9]{12}:key/(\*|(mrk-)?[0-9a-f-]+)$",
    constraint="ARNs of KMS keys, separated by commas",
    value=_customer_keys,
)
