"""The roles of Pinecone's S3 account that a deployment is to have, each with the bucket that it is for."""

from dataclasses import dataclass

from pinekeep.model import naming
from pinekeep.model.arns import policy_arn, role_arn
from pinekeep.model.config.models import Deployment, audit_role_name_of, integration_role_name_of
from pinekeep.model.config.storage import AdoptedBucket, location
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.storage import StorageUse, storage_permissions, storage_trust


@dataclass(frozen=True, kw_only=True)
class PlannedStorageRole:
    """A role of Pinecone's S3 account.

    Attributes:
        integration: the name of its storage integration; None for audit logs.
        bucket: the bucket's name; ``prefix``: of the objects, or None.
        makes_bucket: whether the deployment makes the bucket.
        kms_key: the ARN of an existing key of the objects, whose use the role's own policy allows; None for none, or
            for a key that the deployment makes.
        principal_arn: a pattern for the principals that may assume it; None for all of Pinecone's S3 account.
    """

    integration: str | None
    use: StorageUse
    name: str
    path: str
    account: str
    region: str
    bucket: str
    prefix: str | None
    makes_bucket: bool
    kms_key: str | None
    principal_arn: str | None

    @property
    def arn(self) -> str:
        """The role's ARN."""
        return role_arn(account=self.account, role_name=self.name, path=self.path)

    @property
    def policy_arn(self) -> str:
        """The ARN of its managed policy."""
        return policy_arn(account=self.account, policy_name=naming.storage_policy(self.name), path=self.path)

    @property
    def location(self) -> str:
        """What the Pinecone console takes for the bucket."""
        return location(self.bucket, self.prefix)

    def trust(self) -> Policy:
        """Return its trust policy."""
        return storage_trust(principal_arn=self.principal_arn)

    def permissions(self) -> Policy:
        """Return the document of its managed policy."""
        return storage_permissions(
            use=self.use,
            bucket=self.bucket,
            prefix=self.prefix,
            account=self.account,
            region=self.region,
            kms_key=self.kms_key,
        )


def planned_storage_roles(name: str, deployment: Deployment) -> tuple[PlannedStorageRole, ...]:
    """Return a deployment's roles for S3: the one for audit logs, then those of the storage integrations."""
    place = {"account": deployment.account, "region": deployment.region, "path": deployment.iam_path}
    roles: list[PlannedStorageRole] = []
    audit = deployment.audit_logs
    if audit is not None:
        roles.append(
            PlannedStorageRole(
                integration=None,
                use="audit",
                name=audit_role_name_of(name, deployment),
                bucket=audit.bucket_name,
                prefix=audit.prefix,
                makes_bucket=not isinstance(audit.bucket, AdoptedBucket),
                kms_key=audit.bucket.kms_key,
                principal_arn=audit.principal_arn,
                **place,
            )
        )
    for integration, settings in deployment.storage_integrations.items():
        roles.append(
            PlannedStorageRole(
                integration=integration,
                use=settings.use,
                name=integration_role_name_of(name, deployment, integration),
                bucket=settings.bucket,
                prefix=settings.prefix,
                makes_bucket=False,
                kms_key=settings.kms_key,
                principal_arn=settings.principal_arn,
                **place,
            )
        )
    return tuple(roles)
