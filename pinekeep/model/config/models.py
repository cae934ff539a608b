"""The models of the configuration file. Field descriptions become the reference table and the JSON Schema."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, PrivateAttr, Tag

from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.config.base import Model
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.config.private_link import PrivateLink
from pinekeep.model.config.storage import AuditLogs, StorageIntegration
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
from pinekeep.model.values.storage import IntegrationName
from pinekeep.model.values.trust import NO_EXTERNAL_ID, ExternalId, TrustRegions, all_or_list


def _regions_kind(value: Any) -> str:
    return "all" if isinstance(value, str) else "list"


class Trust(Model):
    """Trust in Pinecone: who may assume the role."""

    regions: Annotated[
        Annotated[Literal["all"], Tag("all")] | Annotated[TrustRegions, Tag("list")],
        Discriminator(_regions_kind),
        BeforeValidator(for_pydantic(all_or_list)),
    ]
    """The Pinecone regions whose access role may assume the role: a list, or the word `all`."""
    external_id: ExternalId
    """The external ID that Pinecone must present: a UUID v4 that you generate, or the word `none`. It can never change
    once it is given to Pinecone."""
    form: TrustForm = "documented"
    """The form of the principal when `regions` is `all`: `documented` is Pinecone's own form, principal `*` with a
    condition; `account-root` names Pinecone's account and allows the same callers."""
    allow_undocumented_regions: bool = False
    """Set to `true` to trust a region outside the three that Pinecone documents for keys. IAM rejects the whole
    deployment when Pinecone has no access role there."""
    accept_confused_deputy: bool = False
    """Set to `true` to allow `regions: all` together with `external_id: none`: any Pinecone customer who learns the
    role's ARN could then have Pinecone use it."""

    @property
    def presented_id(self) -> str | None:
        """The external ID, or None where there is none."""
        return None if self.external_id == NO_EXTERNAL_ID else self.external_id


class Key(Model):
    """The KMS key."""

    alias: Alias | None = None
    """The key's alias, without `alias/`. Default: `pinecone/<deployment>`."""
    rotation_days: RotationDays = aws.ROTATION_DAYS_DEFAULT
    """The rotation period of the key material, in days. The key's ARN does not change."""
    multi_region: bool = False
    """Whether the key is a multi-Region primary key. It cannot be changed later."""
    deletion_window_days: DeletionWindowDays = aws.DELETION_WINDOW_DAYS_MAX
    """The waiting period of a scheduled key deletion, during which it can be cancelled, in days."""
    administrators: Administrators = []
    """ARNs of the IAM roles and users that administer the key, besides the account root. They cannot use it. They may
    create replicas of a multi-Region key."""
    adopt: KeyArnText | None = None
    """The ARN of an existing key to use instead of a new one. You maintain its policy yourself."""


class CustomerKey(Model):
    """A customer of yours with keys in its own account."""

    name: CustomerName
    """The customer's name, part of file names and aliases. It can never change."""
    account: OwnAccount
    """The customer's AWS account, 12 digits in quotes."""
    key_arns: CustomerKeyArns | None = None
    """The ARNs of the customer's keys. Default: every key of its account whose policy allows the role."""


class Cmek(Model):
    """Customer-managed encryption keys: Pinecone encrypts with a key of yours, or with keys of your customers."""

    role_name: RoleName | None = None
    """The name of the role that Pinecone assumes. Default: `pinekeep-<deployment>-<region>`."""
    trust: Trust
    """Who may assume the role."""
    key: Key = Field(default_factory=Key.model_construct)
    """The KMS key in your own account. With `customer_keys` and without `key`, none is created."""
    customer_keys: list[CustomerKey] = []
    """Your own customers with keys in their accounts."""
    describe_customer_keys: bool = False
    """Whether the role may also read the properties of a customer's key (`kms:DescribeKey`)."""
    removed_customers: RemovedCustomers = []
    """Customers to remove although their role was handed over: Pinecone loses access to their keys and data. The
    removal of customers that are not listed here is refused."""
    removed_keys: RemovedKeys = []
    """Keys of customers to remove although they were handed over: Pinecone loses access to them and to the data. The
    removal of keys that are not listed here is refused. For a customer that had every key of its account, and now has a
    list of them, write `arn:aws:kms:*:ACCOUNT:key/*`."""
    removed_roles: RemovedRoles = []
    """Roles to remove although they were handed over for customers, as when `role_name` changes: Pinecone loses access
    to the keys and data of all these customers. The removal of roles that are not listed here is refused."""

    @property
    def has_own_key(self) -> bool:
        """Whether there is a key in the deployment's own account, created or adopted."""
        return "key" in self.model_fields_set or not self.customer_keys


class ApiKey(Model):
    """An API key of the Pinecone project, its value in AWS Secrets Manager."""

    name: ApiKeyName
    """The key's name in Pinecone."""
    roles: ApiKeyRoles
    """What the key may do. Roles add up."""
    secret: SecretName
    """The name of the AWS Secrets Manager secret, in the deployment's account and Region, that holds the key's value.
    It is created if it does not exist."""
    kms_key: SecretKeyArn | None = None
    """The ARN of the KMS key that encrypts the secret. Default: the AWS managed key of the account, or the key of a
    secret that already exists."""


class RoleBinding(Model):
    """A role of a user or a service account."""

    user: UserEmail | None = None
    """The user, by e-mail address. The user must belong to the organization already."""
    service_account: ServiceAccountName | None = None
    """The service account, by name."""
    role: BindingRole
    """The role. Roles that begin with `Org` apply to the organization, the others to the project."""


class PineconeProject(Model):
    """The Pinecone project, its API keys and role bindings, which `pinekeep pinecone apply` creates."""

    project: ProjectName
    """The project's name. It is created if it does not exist: with CMEK if the deployment has `cmek`."""
    api_keys: list[ApiKey] = []
    """The API keys. Others in the project are reported and left unchanged."""
    role_bindings: list[RoleBinding] = []
    """Roles of users and service accounts. Others are reported and left unchanged."""
    scim: bool | None = None
    """Whether an identity provider sets the roles of the organization's members over SCIM. Roles of users can be bound
    here only if it is `false`: otherwise the two would overwrite each other. Service accounts are not affected."""


class Bootstrap(Model):
    """The resources of `cdk bootstrap`, if they differ from the CDK's default. The settings have the names of the CDK's
    DefaultStackSynthesizer."""

    qualifier: Qualifier | None = None
    """The bootstrap's qualifier. Default: `@aws-cdk/core:bootstrapQualifier` of `cdk.json`, else `hnb659fds`."""
    deploy_role_arn: BootstrapRoleArn | None = None
    """The role that starts deployments."""
    execution_role_arn: BootstrapRoleArn | None = None
    """The role with which CloudFormation creates the resources."""
    file_publishing_role_arn: BootstrapRoleArn | None = None
    """The role that publishes templates to the bucket."""
    lookup_role_arn: BootstrapRoleArn | None = None
    """The role that looks up existing resources."""
    file_assets_bucket: AssetsBucket | None = None
    """The bucket for templates."""
    bootstrap_stack_version_ssm_parameter: VersionParameter | None = None
    """The Systems Manager parameter that holds the bootstrap's version."""


class Deployment(Model):
    """One account and Region, set up for one Pinecone project."""

    account: OwnAccount
    """Your AWS account, 12 digits in quotes."""
    region: Region
    """The AWS Region of the Pinecone indexes."""
    name_in_aws: DeploymentName | None = None
    """The name with which the deployment was deployed, if its name in the file has changed since. Its stacks, role,
    alias, tags and record keep it."""
    profile: ProfileName | None = None
    """The AWS profile whose credentials are used for this deployment, regardless of `AWS_PROFILE` and other variables.
    Profiles differ between machines; `assume_role` is usually better for a pipeline."""
    assume_role: AssumedRoleArn | None = None
    """The ARN of a role of the deployment's account that the current credentials assume. Default, without `profile`:
    the current credentials themselves."""
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=aws.TAGS_MAX - 1)] = {}
    """Tags for all resources that can be tagged."""
    permissions_boundary: PolicyArn | None = None
    """The ARN of the permissions boundary of every role that is created: a policy of the account, or an AWS managed
    one. `pinekeep permissions --for boundary` prints one that allows what they need."""
    iam_path: IamPath = "/"
    """The path of every IAM role and managed policy that is created. It is part of the role's ARN, so it can never
    change once the ARN is given to Pinecone."""
    bootstrap: Bootstrap | None = None
    """The CDK bootstrap of the account and Region, if it is not the default. It replaces a `bootstrap` at the top of
    the file."""
    cmek: Cmek | None = None
    """The role and the key."""
    private_link: PrivateLink | None = None
    """The private endpoint."""
    audit_logs: AuditLogs | None = None
    """Pinecone's audit logs in an S3 bucket."""
    storage_integrations: Annotated[
        dict[IntegrationName, StorageIntegration], Field(max_length=aws.STORAGE_INTEGRATIONS_MAX)
    ] = {}
    """Roles for Pinecone's storage integrations, by name: imports from and backup exports to existing buckets."""
    monitoring: Monitoring | None = None
    """Notifications, alarms and a dashboard. Further endpoints are not included."""
    project_of: DeploymentName | None = None
    """The deployment of this file whose Pinecone project the endpoint is registered in, if it is not a project of this
    deployment's own. A project has at most ten endpoints."""
    pinecone: PineconeProject | None = None
    """The Pinecone project, for `pinekeep pinecone`. It is not part of any stack."""

    _whole: "Deployment | None" = PrivateAttr(None)
    _stack_ids: Mapping[str, str] = PrivateAttr(default_factory=dict[str, str])

    @property
    def whole(self) -> "Deployment":
        """The deployment as the file has it, where this one was reduced to a part: monitoring is of all parts."""
        return self._whole or self

    def in_stacks(self, ids: Mapping[str, str]) -> "Deployment":
        """Return this deployment in stacks that another name was given to, by part: the instances of a stack set."""
        found = self.model_copy()
        found._stack_ids = dict(ids)
        return found

    def stack_of(self, part: Literal["cmek", "private_link"], name: str) -> str:
        """Return the name or ID of the stack of a part, as CloudFormation takes it. ``name``: the deployment's."""
        named = naming.cmek_stack(name) if part == "cmek" else naming.private_link_stack(name)
        return self._stack_ids.get(part, named)

    def without(self, settings: Iterable[str]) -> "Deployment":
        """Return this deployment without some of its settings; see :attr:`whole`."""
        fields = type(self).model_fields
        reduced = self.model_copy(update={each: fields[each].get_default() for each in settings})
        reduced._whole = self.whole
        return reduced


class PinekeepFile(Model):
    """The whole file."""

    model_config = ConfigDict(title="Pinekeep configuration")

    version: Version
    """The version of this format: 1."""
    pinecone_account: PineconeAccount | None = None
    """Pinecone's own AWS account, shown in its console under Manage > CMEK > Add CMEK. Required for `cmek`."""
    bootstrap: Bootstrap | None = None
    """The CDK bootstrap of every deployment without one of its own, if it is not the default."""
    deployments: Annotated[dict[DeploymentName, Deployment], Field(min_length=1)] = {}
    """The deployments, by name: lower-case letters, digits, hyphens. Required without `fleet`."""
    fleet: Annotated[dict[DeploymentName, Fleet], Field(min_length=1)] = {}
    """Fleets, by name: one shape of deployment in many accounts and Regions. The name is the deployment's name in each
    account."""


# What follows from the file's values, used by stacks, checks and handoff alike.


def role_name_of(name: str, deployment: Deployment) -> str:
    """Return the name of the role that Pinecone assumes."""
    given = deployment.cmek.role_name if deployment.cmek else None
    return given or naming.default_role_name(deployment=name, region=deployment.region)


def role_arn_of(name: str, deployment: Deployment) -> str:
    """Return the ARN of the role that Pinecone assumes. Known before anything is deployed."""
    return role_arn(account=deployment.account, role_name=role_name_of(name, deployment), path=deployment.iam_path)


def audit_role_name_of(name: str, deployment: Deployment) -> str:
    """Return the name of the role with which Pinecone writes audit logs."""
    given = deployment.audit_logs.role_name if deployment.audit_logs else None
    return given or naming.audit_role_name(deployment=name, region=deployment.region)


def audit_role_arn_of(name: str, deployment: Deployment) -> str:
    """Return the ARN of the role with which Pinecone writes audit logs. Known before anything is deployed."""
    role = audit_role_name_of(name, deployment)
    return role_arn(account=deployment.account, role_name=role, path=deployment.iam_path)


def integration_role_name_of(name: str, deployment: Deployment, integration: str) -> str:
    """Return the name of the role of a storage integration."""
    given = deployment.storage_integrations[integration].role_name
    return given or naming.integration_role_name(deployment=name, region=deployment.region, integration=integration)


def integration_role_arn_of(name: str, deployment: Deployment, integration: str) -> str:
    """Return the ARN of the role of a storage integration. Known before anything is deployed."""
    role = integration_role_name_of(name, deployment, integration)
    return role_arn(account=deployment.account, role_name=role, path=deployment.iam_path)


def storage_role_names_of(name: str, deployment: Deployment) -> dict[str, str]:
    """Return the names of the roles of Pinecone's S3 account, by the setting they belong to."""
    names = {} if deployment.audit_logs is None else {"audit_logs": audit_role_name_of(name, deployment)}
    for each in deployment.storage_integrations:
        names[f"storage_integrations.{each}"] = integration_role_name_of(name, deployment, each)
    return names


def alias_of(name: str, deployment: Deployment) -> str | None:
    """Return the key's full alias with ``alias/``, or None where a key is adopted."""
    if deployment.cmek is None or not deployment.cmek.has_own_key or deployment.cmek.key.adopt:
        return None
    return f"alias/{deployment.cmek.key.alias or naming.default_alias(name)}"


def endpoint_service_of(deployment: Deployment) -> pinecone.PrivateLinkRegion:
    """Return Pinecone's endpoint service and DNS zone that a deployment connects to."""
    link = deployment.private_link
    return pinecone.PRIVATE_LINK[(link and link.service_region) or deployment.region]


def private_zone_of(deployment: Deployment) -> str:
    """Return the DNS zone of Pinecone's private host names that a deployment connects to."""
    return endpoint_service_of(deployment).private_zone
