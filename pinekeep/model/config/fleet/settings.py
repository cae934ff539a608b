"""The settings of a fleet. Field descriptions become the reference table and the JSON Schema."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pinekeep.model.config.base import Model
from pinekeep.model.facts import aws
from pinekeep.model.values.accounts import OwnAccount, ProfileName, Region
from pinekeep.model.values.fleet import (
    AwsRegion,
    ConcurrentAccounts,
    FailedAccounts,
    FleetRegions,
    OrganizationalUnits,
    RoleNameInEveryAccount,
    TargetAccounts,
    TargetFile,
)
from pinekeep.model.values.names import TagKey, TagValue
from pinekeep.model.values.roles import AssumedRoleArn


class FleetAdministrator(Model):
    """The account and Region that hold the stack set, and the credentials for it."""

    account: OwnAccount
    """The account of the stack set, 12 digits in quotes: the organization's management account, a delegated
    administrator, or the administrator account of self-managed permissions."""
    region: AwsRegion
    """The Region of the stack set. Its instances can be in other Regions."""
    profile: ProfileName | None = None
    """The AWS profile whose credentials are used for this account."""
    assume_role: AssumedRoleArn | None = None
    """The ARN of a role of this account that the current credentials assume."""


class FleetOperation(Model):
    """The limits of the stack set's operations."""

    concurrent_accounts: ConcurrentAccounts = 10
    """The number of accounts that are deployed to at the same time."""
    failed_accounts: FailedAccounts = 0
    """The number of accounts that may fail before no more are begun. Counted over the whole run of `fleet deploy`."""
    regions: Literal["sequential", "parallel"] = "sequential"
    """Whether the Regions are deployed to one after another, or at the same time. With `cmek`, always `sequential`: the
    role is created first."""
    concurrency: Literal["strict", "soft"] = "strict"
    """How failures limit the concurrency: with `strict`, at most one account more than may still fail is in progress,
    so with `failed_accounts: 0` one account at a time; `soft` keeps the number of concurrent accounts."""


class Fleet(Model):
    """One shape of deployment in many accounts and Regions, deployed by one stack set."""

    administrator: FleetAdministrator
    """Where the stack set is."""
    permissions: Literal["service-managed", "self-managed"]
    """Who gives StackSets access to the accounts: AWS Organizations, or roles that you create in each account."""
    delegated: bool = False
    """Whether the administrator is a delegated administrator of the organization. Service-managed permissions only."""
    administration_role_arn: AssumedRoleArn | None = None
    """The role of the administrator that StackSets assumes. Self-managed permissions only. Default: the role
    `AWSCloudFormationStackSetAdministrationRole` of the account."""
    execution_role_name: RoleNameInEveryAccount | None = None
    """The name of the role in each account with which StackSets deploys. Self-managed permissions only. Default:
    `AWSCloudFormationStackSetExecutionRole`."""
    verification_role_name: RoleNameInEveryAccount = "PinekeepFleetVerification"
    """The name of the read-only role in each account that `pinekeep fleet verify` assumes. The released template
    `fleet-verification-role` creates it."""
    pinecone_role_name: RoleNameInEveryAccount | None = None
    """The name of a role in each account that `pinekeep pinecone apply --fleet` assumes to store API keys in AWS
    Secrets Manager. Needed with `pinecone.api_keys` alone: the verification role changes nothing."""
    accounts: TargetAccounts = []
    """The accounts, 12 digits in quotes."""
    units: OrganizationalUnits = []
    """The IDs of organizational units, or of the organization's root. Their accounts are read when a plan is made.
    Service-managed permissions only."""
    file: TargetFile | None = None
    """A CSV or YAML file beside this one, with a row for each account and the values that differ between them."""
    regions: FleetRegions
    """The Regions of each account, unless its row names others."""
    role_region: Region | None = None
    """With `cmek`: the Region whose stack has the role, which is global to an account. It can never change. Default:
    the first of the Regions."""
    settings: dict[str, Any]
    """The values for all accounts: the settings of a deployment without `account` and `region`, with `cmek` or
    `private_link`."""
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=aws.TAGS_MAX - 2)] = {}
    """Tags of the stack set, which AWS passes on to its stacks."""
    operation: FleetOperation = Field(default_factory=FleetOperation.model_construct)
    """The limits of the stack set's operations."""
