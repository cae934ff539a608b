"""The models of the configuration file. Field descriptions become the reference table and the JSON Schema."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.trust import TrustForm
from pinekeep.model.values import for_pydantic
from pinekeep.model.values.accounts import OwnAccount, PineconeAccount, ProfileName, Region
from pinekeep.model.values.bootstrap import AssetsBucket, BootstrapRoleArn, Qualifier, VersionParameter
from pinekeep.model.values.keys import (
    Administrators,
    Alias,
    CustomerKeyArns,
    DeletionWindowDays,
    KeyArnText,
    RemovedKeys,
    RotationDays,
    SecretKeyArn,
)
from pinekeep.model.values.names import CustomerName, DeploymentName, RemovedCustomers, TagKey, TagValue, Version
from pinekeep.model.values.networks import (
    AvailabilityZones,
    ClientCidrs,
    ClientVpcIds,
    EndpointGeneration,
    PrefixListIds,
    SecurityGroupIds,
    SubnetIds,
    VpcCidr,
    VpcId,
)
from pinekeep.model.values.project import (
    ApiKeyName,
    ApiKeyRoles,
    BindingRole,
    ProjectName,
    SecretName,
    ServiceAccountName,
    UserEmail,
)
from pinekeep.model.values.roles import AssumedRoleArn, IamPath, PolicyArn, RemovedRoles, RoleName
from pinekeep.model.values.trust import NO_EXTERNAL_ID, ExternalId, TrustRegions, all_or_list


class Model(BaseModel):
    """What all parts of the file share: no unknown names, no silent conversions, no changes once read."""

    # Built when first used, all in one: a third of the time to start. The docstrings of the settings are read
    # where they are needed (pinekeep.model.config.reference), which saves another part.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def _regions_kind(value: Any) -> str:
    return "all" if isinstance(value, str) else "list"


class Trust(Model):
    """Who may assume the role."""

    regions: Annotated[
        Annotated[Literal["all"], Tag("all")] | Annotated[TrustRegions, Tag("list")],
        Discriminator(_regions_kind),
        BeforeValidator(for_pydantic(all_or_list)),
    ]
    """The Pinecone regions whose access role may assume the role: a list, or the word `all`."""
    external_id: ExternalId
    """What Pinecone must present: a UUID v4 that you make, or the word `none`. It can never change once it is
    given to Pinecone."""
    form: TrustForm = "documented"
    """How the principal is written when `regions` is `all`: `documented` is Pinecone's own form, principal
    `*` under a condition; `account-root` names Pinecone's account and lets through the same callers."""
    allow_undocumented_regions: bool = False
    """Set to `true` to trust a region outside the three that Pinecone documents for keys. IAM refuses the
    whole deployment when Pinecone has no access role there."""
    accept_confused_deputy: bool = False
    """Set to `true` to allow `regions: all` together with `external_id: none`: any Pinecone customer who
    learns the role's ARN could then have Pinecone use it."""

    @property
    def presented_id(self) -> str | None:
        """The external ID, or None where there is none."""
        return None if self.external_id == NO_EXTERNAL_ID else str(self.external_id)


class Key(Model):
    """The KMS key."""

    alias: Alias | None = None
    """The key's alias, without `alias/`. Left out: `pinecone/<deployment>`."""
    rotation_days: RotationDays = aws.ROTATION_DAYS_DEFAULT
    """How often the key material rotates, in days. The key's ARN does not change."""
    multi_region: bool = False
    """Whether the key is a multi-Region primary key. It cannot be changed later."""
    deletion_window_days: DeletionWindowDays = aws.DELETION_WINDOW_DAYS_MAX
    """How long a deletion, should anyone ask for it, waits and can be cancelled, in days."""
    administrators: Administrators = Field(default=[])
    """ARNs of the IAM roles and users that administer the key, besides the account root. They cannot use it. Of a
    multi-Region key they may make replicas."""
    adopt: KeyArnText | None = None
    """The ARN of an existing key to use instead of making one. Its policy is then yours to keep."""


class CustomerKey(Model):
    """Keys that a customer of yours keeps in its own account."""

    name: CustomerName
    """The customer's name. It stays the same for good; it goes into file names and aliases."""
    account: OwnAccount
    """The customer's AWS account, 12 digits in quotes."""
    key_arns: CustomerKeyArns | None = None
    """The ARNs of the customer's keys. Left out: every key of its account that lets the role in."""


class Cmek(Model):
    """Let Pinecone encrypt with a key of yours, or with keys of your customers."""

    role_name: RoleName | None = None
    """The name of the role that Pinecone assumes. Left out: `pinekeep-<deployment>-<region>`."""
    trust: Trust
    """Who may assume the role."""
    key: Key = Field(default_factory=Key.model_construct)
    """The KMS key in your own account. Left out where there are `customer_keys`: none is made."""
    customer_keys: list[CustomerKey] = Field(default=[])
    """Your own customers who keep keys in their accounts."""
    describe_customer_keys: bool = False
    """Whether the role may also read what a customer's key is (`kms:DescribeKey`)."""
    removed_customers: RemovedCustomers = Field(default=[])
    """Customers whom you take away although their role was handed over: Pinecone loses their keys, and with them
    their data. Without a word here the removal is refused."""
    removed_keys: RemovedKeys = Field(default=[])
    """Keys of customers that you take away although they were handed over: Pinecone loses them, and with them the
    data. Without a word here the removal is refused. A customer who had every key of its account, and now has some
    named, takes `arn:aws:kms:*:ACCOUNT:key/*`."""
    removed_roles: RemovedRoles = Field(default=[])
    """Roles that you give up although customers were handed them, as when `role_name` changes: Pinecone loses the
    keys of all these customers, and with them their data. Without a word here the change is refused."""

    @property
    def has_own_key(self) -> bool:
        """Whether there is a key in the deployment's own account, made or adopted."""
        return "key" in self.model_fields_set or not self.customer_keys


class ExistingVpc(Model):
    """A VPC that you have."""

    id: VpcId
    """The VPC's ID."""
    subnet_ids: SubnetIds
    """The subnets to put the endpoint in: at least two, each in a zone of its own."""


class NewVpc(Model):
    """A new VPC without any way to the internet."""

    cidr: VpcCidr
    """The VPC's network, /16 to /25."""
    availability_zones: AvailabilityZones
    """The Availability Zones to have a subnet in, by name: at least two."""


class Clients(Model):
    """Who may reach the endpoint on port 443. Everyone else is kept out."""

    cidrs: ClientCidrs = Field(default=[])
    """Networks of clients, /8 or smaller."""
    security_group_ids: SecurityGroupIds = Field(default=[])
    """Security groups of clients in the same VPC, or in a peered one."""
    prefix_list_ids: PrefixListIds = Field(default=[])
    """Managed prefix lists with networks of clients. Each counts against the quota of the security group's rules with
    the most entries that it may have."""


def _vpc_kind(value: Any) -> str | None:
    if isinstance(value, NewVpc):
        return "new"
    if isinstance(value, ExistingVpc):
        return "existing"
    if not isinstance(value, Mapping):
        return "existing"
    return "new" if {"cidr", "availability_zones"} & set(value) and "id" not in value else "existing"


class PrivateLink(Model):
    """A private way to Pinecone's indexes, past the internet."""

    vpc: Annotated[Annotated[ExistingVpc, Tag("existing")] | Annotated[NewVpc, Tag("new")], Discriminator(_vpc_kind)]
    """The VPC to put the endpoint in: one you have (`id`, `subnet_ids`) or a new, isolated one (`cidr`,
    `availability_zones`)."""
    clients: Clients
    """Who may reach the endpoint."""
    dns: Literal["endpoint", "hosted-zone", "none"] = "endpoint"
    """How clients find the endpoint: by its own private DNS name, by a Route 53 private hosted zone, or by
    DNS that you run."""
    client_vpc_ids: ClientVpcIds = Field(default=[])
    """With `dns: hosted-zone`: further VPCs of the account and Region that resolve Pinecone's private names."""
    generation: EndpointGeneration = 1
    """Which endpoint serves the clients. Another number makes another endpoint: [the life of an
    endpoint](endpoint.md) has the steps that replace one without an outage."""
    standby: EndpointGeneration | None = None
    """The generation of a second endpoint beside it, without DNS: one that is to take over, or one that served
    before."""

    @property
    def generations(self) -> tuple[int, ...]:
        """The generations of all endpoints, the one that serves first."""
        return (self.generation,) if self.standby is None else (self.generation, self.standby)


class ApiKey(Model):
    """An API key of the Pinecone project, its value in AWS Secrets Manager."""

    name: ApiKeyName
    """The key's name in Pinecone."""
    roles: ApiKeyRoles
    """What the key may do. Roles add up."""
    secret: SecretName
    """The secret of AWS Secrets Manager, in the deployment's account and Region, that holds the key's value. It is
    made where it is missing."""
    kms_key: SecretKeyArn | None = None
    """The ARN of the KMS key that encrypts the secret. Left out: AWS's own key of the account, or what a secret that
    is there already has."""


class RoleBinding(Model):
    """A role that a user or a service account has."""

    user: UserEmail | None = None
    """The user, by e-mail address. The user must belong to the organization already."""
    service_account: ServiceAccountName | None = None
    """The service account, by name."""
    role: BindingRole
    """The role. Those that begin with `Org` hold for the organization, the others for the project."""


class PineconeProject(Model):
    """Pinecone's side: the project, its API keys, and who has which role. `pinekeep pinecone apply` makes it so."""

    project: ProjectName
    """The project's name. It is made where it is missing: with CMEK where the deployment has `cmek`."""
    api_keys: list[ApiKey] = Field(default=[])
    """The API keys. Others in the project are told, and left alone."""
    role_bindings: list[RoleBinding] = Field(default=[])
    """Roles of users and service accounts. Others are told, and left alone."""
    scim: bool | None = None
    """Whether an identity provider sets the roles of the organization's members over SCIM. Roles of users are bound
    here only where it is `false`: otherwise the two would overwrite each other. Service accounts are not affected."""


class Bootstrap(Model):
    """What `cdk bootstrap` has made, where it is not the CDK's default. The names are those of the CDK's
    DefaultStackSynthesizer."""

    qualifier: Qualifier | None = None
    """The bootstrap's qualifier. Left out: `@aws-cdk/core:bootstrapQualifier` of `cdk.json`, else `hnb659fds`."""
    deploy_role_arn: BootstrapRoleArn | None = None
    """The role that starts deployments."""
    execution_role_arn: BootstrapRoleArn | None = None
    """The role as which CloudFormation makes the resources."""
    file_publishing_role_arn: BootstrapRoleArn | None = None
    """The role that puts templates into the bucket."""
    lookup_role_arn: BootstrapRoleArn | None = None
    """The role that reads."""
    file_assets_bucket: AssetsBucket | None = None
    """The bucket for templates."""
    bootstrap_stack_version_ssm_parameter: VersionParameter | None = None
    """The parameter of Systems Manager that holds the bootstrap's version."""


class Deployment(Model):
    """One account and Region, prepared for one Pinecone project."""

    account: OwnAccount
    """Your AWS account, 12 digits in quotes."""
    region: Region
    """The AWS Region: the one of the Pinecone indexes."""
    name_in_aws: DeploymentName | None = None
    """The name that the deployment was deployed with, where the file calls it otherwise now. Its stacks, role, alias,
    tags and record keep it."""
    profile: ProfileName | None = None
    """The AWS profile whose credentials are taken for this deployment, whatever `AWS_PROFILE` and other variables say.
    Each machine has its own profiles; a pipeline mostly goes better with `assume_role`."""
    assume_role: AssumedRoleArn | None = None
    """The ARN of a role of the deployment's account that the current credentials assume, to act as it. Left out, as
    `profile` is: the current credentials themselves."""
    tags: dict[TagKey, TagValue] = Field(default={}, max_length=aws.TAGS_MAX - 1)
    """Tags for everything that takes tags."""
    permissions_boundary: PolicyArn | None = None
    """The ARN of the permissions boundary of every role that is made: a policy of the account, or one that AWS manages.
    `pinekeep permissions --for boundary` prints one that lets them do what they must."""
    iam_path: IamPath = "/"
    """The path of every IAM role and managed policy that is made. It is a part of the role's ARN, so it never changes
    once that was given to Pinecone."""
    bootstrap: Bootstrap | None = None
    """The CDK bootstrap of the account and Region, where it is not the default. It takes the place of a `bootstrap` at
    the top of the file."""
    cmek: Cmek | None = None
    """The role and the key."""
    private_link: PrivateLink | None = None
    """The private endpoint."""
    pinecone: PineconeProject | None = None
    """The Pinecone project, for `pinekeep pinecone`. Nothing of it goes into a stack."""


class PinekeepFile(Model):
    """The whole file."""

    model_config = ConfigDict(title="Pinekeep configuration")

    version: Version
    """The version of this format: 1."""
    pinecone_account: PineconeAccount | None = None
    """Pinecone's own AWS account, shown in its console under Manage > CMEK > Add CMEK. Needed for `cmek`."""
    bootstrap: Bootstrap | None = None
    """The CDK bootstrap of every deployment that names none itself, where it is not the default."""
    deployments: dict[DeploymentName, Deployment] = Field(min_length=1)
    """The deployments, by name: lower-case letters, digits, hyphens."""


# What follows from the file's values, used by stacks, checks and handoff alike.


def role_name_of(name: str, deployment: Deployment) -> str:
    """Return the name of the role that Pinecone assumes."""
    given = deployment.cmek.role_name if deployment.cmek else None
    return given or naming.default_role_name(deployment=name, region=deployment.region)


def role_arn_of(name: str, deployment: Deployment) -> str:
    """Return the ARN of the role that Pinecone assumes. Known before anything is deployed."""
    return role_arn(account=deployment.account, role_name=role_name_of(name, deployment), path=deployment.iam_path)


def alias_of(name: str, deployment: Deployment) -> str | None:
    """Return the key's full alias with ``alias/``, or None where a key is adopted."""
    if deployment.cmek is None or not deployment.cmek.has_own_key or deployment.cmek.key.adopt:
        return None
    return f"alias/{deployment.cmek.key.alias or naming.default_alias(name)}"


def private_zone_of(deployment: Deployment) -> str:
    """Return the DNS zone of Pinecone's private host names in the deployment's Region."""
    return pinecone.PRIVATE_LINK[deployment.region].private_zone
