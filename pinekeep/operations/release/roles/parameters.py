"""The parameters of the templates of a fleet's roles."""

from typing import Final

from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.facts.stack_sets import ADMINISTRATION_ROLE, EXECUTION_ROLE
from pinekeep.operations.release.parameters import ARN_OF_PRINCIPAL, Parameter, optional

VERIFICATION_ROLE: Final = str(Fleet.model_fields["verification_role_name"].default)
PATH_MAX: Final = 128
"""The longest path here, shorter than IAM's, so that the policies stay within IAM's quota."""
_NAME: Final = r"[\w+=,.@-]"
_NAME_CONSTRAINT: Final = "1 to 64 letters, digits and +=,.@_-"


def _role_name(default: str, description: str) -> Parameter:
    return Parameter(
        name="RoleName",
        label="Role name",
        description=description,
        group="Role",
        default=default,
        pattern=rf"^{_NAME}{{1,{aws.ROLE_NAME_MAX}}}$",
        constraint=_NAME_CONSTRAINT,
    )


def _pinecone_roles(default: str, description: str) -> Parameter:
    return Parameter(
        name="PineconeRoles",
        label="Roles that Pinecone assumes",
        description=description,
        group="Scope",
        default=default,
        pattern=rf"^[\w+=,.@/*-]{{1,{aws.ROLE_NAME_MAX}}}$",
        constraint="1 to 64 letters, digits and +=,.@/*_-",
    )


_REGIONS: Final = Parameter(
    name="Regions",
    label="Regions",
    description="The Regions of the fleet's stacks, separated by commas",
    group="Scope",
    kind="CommaDelimitedList",
    default=",".join(pinecone.REGIONS),
    pattern="^[a-z]{2}(-[a-z]+)+-[0-9]$",
    constraint="Names of AWS Regions, separated by commas",
)

FLEET: Final = Parameter(
    name="Fleet",
    label="Fleet",
    description="The name of the fleet, or of the deployment; * for any",
    group="Scope",
    default="*",
    pattern=r"^([a-z]([a-z0-9-]{0,38}[a-z0-9])?|\*)$",
    constraint="Lower-case letters, digits and hyphens, beginning with a letter, or *",
)

VERIFICATION: Final = (
    _role_name(VERIFICATION_ROLE, "The name of the role, verification_role_name of the fleet"),
    Parameter(
        name="AdministratorArns",
        label="Who may assume it",
        description="ARNs of the roles and users that verify the fleet, separated by commas; an account's root stands "
        "for all of that account that its own policies allow",
        group="Role",
        kind="CommaDelimitedList",
        pattern=f"^({ARN_OF_PRINCIPAL}|arn:aws:iam::[0-9]{{12}}:root)$",
        constraint="ARNs of IAM roles and users, or of an account's root, separated by commas",
    ),
    Parameter(
        name="ExternalId",
        label="External ID",
        description="What must be presented to assume the role; empty for nothing. pinekeep fleet verify presents none",
        group="Role",
        default="",
        pattern=optional(r"[\w+=,.@:/-]{2,128}"),
        constraint="2 to 128 letters, digits and +=,.@:/_-, or nothing",
    ),
    FLEET,
    _REGIONS,
    _pinecone_roles("*", "The roles that may be read: a name or a pattern such as pinekeep-*, after its path"),
)

_BOTH: Final = "both"
DEPLOYS: Final = Parameter(
    name="Deploys",
    label="Templates",
    description="The released templates that it may deploy: those of roles and keys, those of endpoints, or both",
    group="Scope",
    default=_BOTH,
    allowed=("cmek", "private-link", _BOTH),
)
EXECUTION: Final = (
    _role_name(EXECUTION_ROLE, "The name of the role, execution_role_name of the fleet"),
    Parameter(
        name="AdministrationRoleArn",
        label="Administration role",
        description="The ARN of the role in the administrator's account that StackSets assumes there",
        group="Role",
        pattern=rf"^arn:aws:iam::[0-9]{{12}}:role/({_NAME}+/)*{_NAME}+$",
        constraint="The ARN of an IAM role",
    ),
    FLEET,
    DEPLOYS,
    _REGIONS,
    _pinecone_roles("pinekeep-*", "The roles that it may create: a name, or a pattern such as pinekeep-*"),
    Parameter(
        name="RolePath",
        label="Path of the roles",
        description="The IAM path of all roles and policies that it may create",
        group="Scope",
        default="/",
        pattern=rf"^/({_NAME}+/)*$",
        constraint=f"Begins and ends with a slash, at most {PATH_MAX} characters",
        longest=PATH_MAX,
    ),
    Parameter(
        name="PermissionsBoundary",
        label="Permissions boundary",
        description="The ARN of the permissions boundary that all roles must have that it creates; empty for none",
        group="Scope",
        default="",
        pattern=optional(r"arn:aws:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]+"),
        constraint="The ARN of an IAM policy, or nothing",
        longest=2 * PATH_MAX,
    ),
    Parameter(
        name="KeyAliases",
        label="Aliases",
        description="The aliases that it may create, without alias/: a name, or a pattern such as pinecone/*",
        group="Scope",
        default="pinecone/*",
        pattern=rf"^[A-Za-z0-9/_*-]{{1,{PATH_MAX}}}$",
        constraint=f"1 to {PATH_MAX} letters, digits and /_-*",
    ),
)
"""With the defaults of a fleet, the roles and aliases have the names in these defaults."""

ADMINISTRATION: Final = (
    _role_name(ADMINISTRATION_ROLE, "The name of the role, the last part of administration_role_arn of the fleet"),
    Parameter(
        name="ExecutionRoleName",
        label="Execution role",
        description="The name of the role in each account with which StackSets deploys",
        group="Scope",
        default=EXECUTION_ROLE,
        pattern=rf"^{_NAME}{{1,{aws.ROLE_NAME_MAX}}}$",
        constraint=_NAME_CONSTRAINT,
    ),
    Parameter(
        name="TargetAccounts",
        label="Accounts",
        description="The accounts of the fleet, separated by commas; * for every account that trusts the role",
        group="Scope",
        kind="CommaDelimitedList",
        pattern=r"^([0-9]{12}|\*)$",
        constraint="AWS accounts of 12 digits, separated by commas, or *",
    ),
    FLEET,
)
