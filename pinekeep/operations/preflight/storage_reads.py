"""Reading the audit bucket, the roles of Pinecone's S3 account, and what monitoring refers to, before a deployment."""

import hashlib
from typing import Any

from pinekeep.account.reads.live import Unreadable
from pinekeep.model.config.models import storage_role_names_of
from pinekeep.model.config.storage import AdoptedBucket, NewBucket
from pinekeep.model.values.notifications import log_group_parts
from pinekeep.operations.preflight.dns_reads import DnsReads
from pinekeep.operations.preflight.inventory import SOMEBODY_ELSES


class StorageReads(DnsReads):
    """What is read of a deployment with audit logs, storage integrations or monitoring."""

    # --- The bucket ---

    def _audit_bucket(self) -> Any:
        """Read the bucket. The owner is named for a new one: then a bucket that is readable is one of the account."""
        logs = self._deployment.audit_logs
        if logs is None:
            return None
        if isinstance(logs.bucket, AdoptedBucket):
            return self._ask("audit_bucket", Bucket=logs.bucket.adopt)
        if not self._new("storage_stack"):
            return None
        found = self._new_bucket(logs.bucket.name)
        if not isinstance(found, Unreadable):
            return found
        # S3 answers 403 for a bucket of another account, and also where a policy denies the call itself. A name that
        # nobody has tells them apart.
        free = f"pinekeep-{hashlib.sha256(logs.bucket.name.encode()).hexdigest()[:40]}"
        return SOMEBODY_ELSES if self._new_bucket(free) is None else found

    def _new_bucket(self, name: str) -> Any:
        return self._ask("audit_bucket", Bucket=name, ExpectedBucketOwner=self._deployment.account)

    def _of_adopted_bucket(self, field: str, part: str | None = None) -> Any:
        logs = self._deployment.audit_logs
        if logs is None or isinstance(logs.bucket, NewBucket) or not isinstance(self.read("audit_bucket"), dict):
            return None
        return self._ask(field, part, Bucket=logs.bucket.adopt)

    def _audit_bucket_versioning(self) -> Any:
        return self._of_adopted_bucket("audit_bucket_versioning")

    def _audit_bucket_lock(self) -> Any:
        return self._of_adopted_bucket("audit_bucket_lock", "ObjectLockConfiguration")

    def _audit_bucket_encryption(self) -> Any:
        return self._of_adopted_bucket("audit_bucket_encryption", "ServerSideEncryptionConfiguration")

    def _audit_bucket_public_access(self) -> Any:
        return self._of_adopted_bucket("audit_bucket_public_access", "PublicAccessBlockConfiguration")

    def _audit_bucket_ownership(self) -> Any:
        return self._of_adopted_bucket("audit_bucket_ownership", "OwnershipControls")

    # --- The roles ---

    def _storage_roles(self) -> Any:
        names = storage_role_names_of(self._name, self._deployment)
        if not names or not self._new("storage_stack"):
            return None
        found = {name: self._ask("storage_roles", "Role", RoleName=name) for name in names.values()}
        closed = next((each for each in found.values() if isinstance(each, Unreadable)), None)
        return closed or {name: role for name, role in found.items() if role is not None}

    # --- Monitoring ---

    def _trail_log_group(self) -> Any:
        monitoring = self._deployment.monitoring
        if monitoring is None or monitoring.trail_log_group is None:
            return None
        _region, _account, name = log_group_parts(monitoring.trail_log_group)
        found = self._ask("trail_log_group", "logGroups", logGroupNamePrefix=name)
        return [each for each in found if each["logGroupName"] == name] if isinstance(found, list) else found

    def _topic(self) -> Any:
        monitoring = self._deployment.monitoring
        if monitoring is None or monitoring.topic is None:
            return None
        return self._ask("topic", "Attributes", TopicArn=monitoring.topic)

    def _topic_key_policy(self) -> Any:
        topic = self.read("topic")
        key = topic.get("KmsMasterKeyId") if isinstance(topic, dict) else None
        if not key or key.startswith("alias/"):
            return None
        return self._ask("topic_key_policy", "Policy", KeyId=key, PolicyName="default")
