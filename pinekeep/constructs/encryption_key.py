"""The KMS key that Pinecone uses, and its alias."""

from collections.abc import Sequence
from typing import Any, Final, cast

import jsii
from aws_cdk import Duration, IAnyProducer, IResolveContext, Lazy, RemovalPolicy, Stack, Stage
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from pinekeep.constructs.pinecone_role import PineconeRole
from pinekeep.constructs.props import Props, is_token
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.key import key_policy
from pinekeep.model.values.keys import (
    Administrators,
    Alias,
    DeletionWindowDays,
    RotationDays,
    administrator_error,
    administrator_is_pinecone,
    key_policy_error,
)
from pinekeep.model.values.roles import AssumedRoleArn

_PREFIX: Final = "alias/"


class EncryptionKey(Construct):
    """A symmetric KMS key with one key user.

    Key and alias are retained when they are removed from their stack: a deleted key is all data lost.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        key_user: the role that Pinecone assumes: a :class:`~pinekeep.constructs.PineconeRole`, any role, or an ARN.
        alias: the full alias, with ``alias/``.
        administrators: ARNs of those who administer the key besides the account root. They cannot use it, and may
            make replicas of a multi-Region one.
        rotation_days: how often the key material rotates, in days.
        multi_region: whether the key is a multi-Region primary key.
        deletion_window_days: how long a deletion waits, in days.
        description: what the key is for.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key_user: PineconeRole | iam.IRole | str,
        alias: str,
        administrators: Sequence[str] = (),
        rotation_days: int = aws.ROTATION_DAYS_DEFAULT,
        multi_region: bool = False,
        deletion_window_days: int = aws.DELETION_WINDOW_DAYS_MAX,
        description: str = "Used by Pinecone to encrypt a project (CMEK)",
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(key_user=key_user, alias=alias)
        props.require_pinecone_region()
        props.require(
            administrators=(Administrators, administrators),
            rotation_days=(RotationDays, rotation_days),
            deletion_window_days=(DeletionWindowDays, deletion_window_days),
        )
        if not is_token(alias):
            if not alias.startswith(_PREFIX):
                props.refuse(f"alias: the alias is written with {_PREFIX}, got {alias!r}", f"write {_PREFIX}{alias}")
            props.require(alias=(Alias, alias.removeprefix(_PREFIX)))
        if isinstance(key_user, str) and not is_token(key_user):
            props.require(key_user=(AssumedRoleArn, key_user))
        user = key_user if isinstance(key_user, str) else key_user.role_arn
        for each in administrators:
            if is_token(each):
                continue
            if props.is_account_known:
                props.require_none("administrators", administrator_error(each, props.stack.account))
            props.require_none("administrators", administrator_is_pinecone(each, user))
        account = props.stack.account
        policy = key_policy(account=account, administrators=administrators, role=user, multi_region=multi_region)
        props.require_none("administrators", key_policy_error(policy, administrators=len(administrators)))
        why = f"KMS has one {alias} in an account and Region"
        props.claim("alias", alias, why=why, hint="give this one another alias")
        super().__init__(scope, construct_id)
        self._added = iam.PolicyDocument()
        self._key = kms.Key(
            self,
            "Default",
            policy=self._added,
            description=description,
            enabled=True,
            enable_key_rotation=True,
            rotation_period=Duration.days(rotation_days),
            key_spec=kms.KeySpec.SYMMETRIC_DEFAULT,
            key_usage=kms.KeyUsage.ENCRYPT_DECRYPT,
            multi_region=multi_region,
            pending_window=Duration.days(deletion_window_days),
        )
        self.resource = cast(kms.CfnKey, self._key.node.default_child)
        self.resource.origin = aws.KEY_ORIGIN
        self.resource.key_policy = policy
        self._policy = policy
        self.alias = kms.CfnAlias(self, "Alias", alias_name=alias, target_key_id=self.resource.attr_key_id)
        for resource in (self.resource, self.alias):
            resource.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        if isinstance(key_user, Construct):
            _deploy_after(key_user, self)

    @property
    def key(self) -> kms.IKey:
        """The key, to give to other constructs.

        A grant to a principal of the account goes into that principal's policy. One to another account or an AWS
        service also adds a statement to the key's policy, behind those that Pinecone needs.
        """
        self.resource.key_policy = Lazy.uncached_any(_WithStatements(self._policy, self._added))
        return cast(kms.IKey, self._key)

    @property
    def key_arn(self) -> str:
        """The key's ARN, as a reference."""
        return self.resource.attr_arn

    @property
    def alias_name(self) -> str:
        """The alias with ``alias/``, as a reference."""
        return self.alias.ref


def _deploy_after(role: Construct, key: Construct) -> None:
    """Have the role's stack deployed before the key's: KMS refuses a policy that names a role that does not exist."""
    first, second = Stack.of(role), Stack.of(key)
    stages = [stage.node.path if (stage := Stage.of(each)) else "" for each in (first, second)]
    if first.node.path != second.node.path and stages[0] == stages[1]:
        second.add_stack_dependency(first)


@jsii.implements(IAnyProducer)
class _WithStatements:
    """A policy, and the statements that grants have added."""

    def __init__(self, policy: Policy, added: iam.PolicyDocument) -> None:
        self._policy = policy
        self._added = added

    def produce(self, context: IResolveContext) -> Any:  # noqa: ARG002 - the CDK's signature
        if self._added.is_empty:
            return self._policy
        return {**self._policy, "Statement": [*self._policy["Statement"], *self._added.to_json()["Statement"]]}
