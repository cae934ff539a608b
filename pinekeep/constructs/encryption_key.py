"""The KMS key that Pinecone uses, and its alias."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from pinekeep.model.facts import aws
from pinekeep.model.policies.key import key_policy


class EncryptionKey(Construct):
    """A symmetric KMS key with one key user.

    Key and alias are kept when they are removed from their stack: a deleted key is all data lost.

    Args:
        scope: the construct to add this one to.
        construct_id: its name there.
        key_user: the role's ARN, or a reference to it.
        alias: the full alias, with ``alias/``.
        administrators: ARNs of those who administer the key besides the account root. They cannot use it, and may
            make replicas of a multi-Region one.
        rotation_days: how often the key material rotates, in days.
        multi_region: whether the key is a multi-Region primary key.
        deletion_window_days: how long a deletion waits, in days.
        description: what the key is for.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key_user: str,
        alias: str,
        administrators: Sequence[str] = (),
        rotation_days: int = aws.ROTATION_DAYS_DEFAULT,
        multi_region: bool = False,
        deletion_window_days: int = aws.DELETION_WINDOW_DAYS_MAX,
        description: str = "Used by Pinecone to encrypt a project (CMEK)",
    ) -> None:
        super().__init__(scope, construct_id)
        self.resource = kms.CfnKey(
            self,
            "Resource",
            description=description,
            enabled=True,
            enable_key_rotation=True,
            rotation_period_in_days=rotation_days,
            key_spec=aws.KEY_SPEC,
            key_usage=aws.KEY_USAGE,
            origin=aws.KEY_ORIGIN,
            multi_region=multi_region,
            pending_window_in_days=deletion_window_days,
            key_policy=key_policy(
                account=Stack.of(self).account, administrators=administrators, role=key_user, multi_region=multi_region
            ),
        )
        self.alias = kms.CfnAlias(self, "Alias", alias_name=alias, target_key_id=self.resource.attr_key_id)
        for resource in (self.resource, self.alias):
            resource.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)

    @property
    def key_arn(self) -> str:
        """The key's ARN, as a reference."""
        return self.resource.attr_arn

    @property
    def alias_name(self) -> str:
        """The alias with ``alias/``, as a reference."""
        return self.alias.ref
