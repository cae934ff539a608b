"""Reads of the audit bucket, and of the roles of Pinecone's S3 account."""

from functools import partial, partialmethod
from typing import Any

from pinekeep.account.reads.answers import first, output_of, part
from pinekeep.account.reads.audit_state import list_files
from pinekeep.account.reads.calls import managed_policy
from pinekeep.account.reads.live import LiveRole
from pinekeep.account.reads.permissions import permission_of
from pinekeep.account.reads.reader import Reader
from pinekeep.model import naming
from pinekeep.model.config.derived import has_part
from pinekeep.model.config.models import storage_role_names_of
from pinekeep.model.config.storage import NewBucket
from pinekeep.model.naming import Output


class StorageReader(Reader):
    """Reads what belongs to ``audit_logs`` and ``storage_integrations``."""

    def _storage_stack(self) -> Any:
        if not has_part(self._deployment, "storage"):
            return None
        return first(self._ask("storage_stack", StackName=naming.storage_stack(self._name)), "Stacks")

    # --- The bucket ---

    def _of_bucket(self, field: str, name: str | None = None) -> Any:
        """Read one value of the audit bucket. One that was made here is not somebody else's of the same name."""
        logs = self._deployment.audit_logs
        if logs is None:
            return None
        owner = {"ExpectedBucketOwner": self._deployment.account} if isinstance(logs.bucket, NewBucket) else {}
        answer = self._ask(field, Bucket=logs.bucket_name, **owner)
        return part(answer, name) if name else answer

    _audit_bucket = partialmethod(_of_bucket, "audit_bucket")
    _audit_versioning = partialmethod(_of_bucket, "audit_versioning")
    _audit_lock = partialmethod(_of_bucket, "audit_lock", "ObjectLockConfiguration")
    _audit_encryption = partialmethod(_of_bucket, "audit_encryption", "ServerSideEncryptionConfiguration")
    _audit_public_access = partialmethod(_of_bucket, "audit_public_access", "PublicAccessBlockConfiguration")
    _audit_ownership = partialmethod(_of_bucket, "audit_ownership", "OwnershipControls")
    _audit_policy = partialmethod(_of_bucket, "audit_policy", "Policy")

    def _audit_files(self) -> Any:
        logs = self._deployment.audit_logs
        if logs is None or not isinstance(self.read("audit_bucket"), dict):
            return None if logs is None else self.read("audit_bucket")
        ask = partial(self.call, permission_of("audit_files"), operation="ListObjectsV2", Bucket=logs.bucket_name)
        return list_files(ask, prefix=logs.prefix)

    def _audit_key(self) -> Any:
        """Return the ARN of the key that the file or the stack has for the bucket."""
        logs = self._deployment.audit_logs
        if logs is None or logs.bucket.kms_key is not None:
            return logs and logs.bucket.kms_key
        return output_of(self.read("storage_stack"), Output.AUDIT_KEY_ARN)

    # --- The roles ---

    def _storage_roles(self) -> Any:
        """Return the roles by the setting that they belong to."""
        names = storage_role_names_of(self._name, self._deployment)
        return {setting: self._storage_role(name) for setting, name in names.items()} or None

    def _storage_role(self, name: str) -> LiveRole:
        role = part(self.call("iam:GetRole", RoleName=name), "Role")
        if not isinstance(role, dict):
            return LiveRole(role=role)
        attached = part(self.call("iam:ListAttachedRolePolicies", RoleName=name), "AttachedPolicies")
        return LiveRole(
            role=role,
            inline_policies=part(self.call("iam:ListRolePolicies", RoleName=name), "PolicyNames"),
            attached_policies=attached,
            attached_documents={each["PolicyArn"]: managed_policy(self.call, each["PolicyArn"]) for each in attached}
            if isinstance(attached, list)
            else attached,
        )
