"""The stack of the audit bucket, and of the roles of Pinecone's S3 account."""

import json
from typing import Any, Final

from aws_cdk import Annotations, Stack
from constructs import Construct

from pinekeep.constructs import AuditBucket, AuditQueries, StorageRole
from pinekeep.model.config.derived import written_path
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.storage import AuditLogs, NewBucket
from pinekeep.model.config.storage_roles import PlannedStorageRole, planned_storage_roles
from pinekeep.model.naming import (
    IntegrationOutput,
    Output,
    audit_alias,
    audit_workgroup,
    integration_id,
    integration_output,
    storage_role_description,
)
from pinekeep.model.policies.storage import access_logs_statement

from .outputs import add_output

AUDIT_ROLE_LOGICAL_ID: Final = "AuditRole"
AUDIT_ROLE_POLICY_LOGICAL_ID: Final = "AuditRolePolicy"
BUCKET_LOGICAL_ID: Final = "AuditBucket"
BUCKET_POLICY_LOGICAL_ID: Final = "AuditBucketPolicy"
KEY_LOGICAL_ID: Final = "AuditKey"
ALIAS_LOGICAL_ID: Final = "AuditKeyAlias"
ACCESS_LOGS_LOGICAL_ID: Final = "AccessLogs"
ACCESS_LOGS_POLICY_LOGICAL_ID: Final = "AccessLogsPolicy"
"""Never change these: CloudFormation creates a second resource for a new logical ID and releases the first."""


class StorageStack(Stack):
    """The audit bucket and the roles of a deployment with ``audit_logs`` or ``storage_integrations``.

    ``stack``: the props of every stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, deployment: Deployment, **stack: Any) -> None:
        if deployment.audit_logs is None and not deployment.storage_integrations:
            raise ValueError(f"deployment {name} has no audit_logs and no storage_integrations")
        description = f"Pinecone's access to S3 buckets of yours ({name}). Keep: it holds the audit logs."
        super().__init__(scope, construct_id, description=description, termination_protection=True, **stack)
        self._name = name
        self._deployment = deployment
        for planned in planned_storage_roles(name, deployment):
            if deployment.audit_logs is not None and planned.integration is None:
                self._add_audit_logs(deployment.audit_logs, planned)
            else:
                self._add_integration(str(planned.integration), planned)

    def _add_audit_logs(self, audit: AuditLogs, planned: PlannedStorageRole) -> None:
        role = self._role("AuditRole", planned)
        role.resource.override_logical_id(AUDIT_ROLE_LOGICAL_ID)
        role.policy.override_logical_id(AUDIT_ROLE_POLICY_LOGICAL_ID)
        add_output(self, Output.AUDIT_ROLE_ARN, role.role_arn, "Pinecone console: Role ARN of the audit logs")
        add_output(self, Output.AUDIT_BUCKET, planned.bucket, "The bucket of the audit logs")
        add_output(self, Output.AUDIT_LOCATION, planned.location, "Pinecone console: bucket of the audit logs")
        made = self._add_bucket(audit.bucket, role) if isinstance(audit.bucket, NewBucket) else None
        key_arn = planned.kms_key if made is None else made.key_arn
        if key_arn is not None:
            add_output(self, Output.AUDIT_KEY_ARN, key_arn, "The key of the audit logs; not the key that Pinecone uses")
        if audit.queries is not None:
            queries = AuditQueries(
                self,
                "AuditQueries",
                bucket_name=planned.bucket,
                prefix=audit.prefix,
                name=audit_workgroup(self._name),
                kms_key_arn=key_arn,
                scan_limit_mib=audit.queries.scan_limit_mib,
                result_days=audit.queries.result_days,
            )
            add_output(self, Output.AUDIT_DATABASE, queries.database_name, "The Glue database over the audit logs")
            add_output(
                self, Output.AUDIT_WORKGROUP, queries.workgroup_name, "The Athena workgroup with the saved queries"
            )

    def _add_bucket(self, settings: NewBucket, role: StorageRole) -> AuditBucket:
        lock, ages = settings.object_lock, settings.lifecycle
        made = AuditBucket(
            self,
            "AuditLogs",
            name=settings.name,
            writer=role,
            lock_mode=None if lock is None else lock.mode,
            retention_days=None if lock is None else lock.days,
            retention_years=None if lock is None else lock.years,
            accept_irreversible=lock is not None and lock.i_understand is not None,
            infrequent_access_days=ages.infrequent_access_days,
            glacier_days=ages.glacier_days,
            expire_days=ages.expire_days,
            kms_key=settings.kms_key,
            alias=f"alias/{audit_alias(self._name)}",
            events=self._deployment.monitoring is not None,
            access_logs_bucket=settings.access_logs_bucket,
        )
        for resource, logical_id in (
            (made.resource, BUCKET_LOGICAL_ID),
            (made.policy, BUCKET_POLICY_LOGICAL_ID),
            (made.key, KEY_LOGICAL_ID),
            (made.alias, ALIAS_LOGICAL_ID),
            (made.access_logs, ACCESS_LOGS_LOGICAL_ID),
            (made.access_logs_policy, ACCESS_LOGS_POLICY_LOGICAL_ID),
        ):
            if resource is not None:
                resource.override_logical_id(logical_id)
        if settings.access_logs_bucket is not None:
            self._add_needed_statement(settings.access_logs_bucket, settings.name)
        return made

    def _add_integration(self, integration: str, planned: PlannedStorageRole) -> None:
        logical_id = f"Integration{integration_id(integration)}"
        role = self._role(logical_id, planned)
        role.resource.override_logical_id(f"{logical_id}Role")
        role.policy.override_logical_id(f"{logical_id}Policy")
        add_output(
            self,
            integration_output(integration, IntegrationOutput.ROLE_ARN),
            role.role_arn,
            f"Pinecone console: Role ARN of the storage integration {integration}",
        )
        add_output(
            self,
            integration_output(integration, IntegrationOutput.LOCATION),
            planned.location,
            f"Pinecone console: bucket of the storage integration {integration}",
        )

    def _role(self, construct_id: str, planned: PlannedStorageRole) -> StorageRole:
        return StorageRole(
            self,
            construct_id,
            use=planned.use,
            bucket=planned.bucket,
            prefix=planned.prefix,
            kms_key=planned.kms_key,
            principal_arn=planned.principal_arn,
            role_name=planned.name,
            description=storage_role_description(self._name, planned.use),
            permissions_boundary=self._deployment.permissions_boundary,
            path=written_path(self._deployment),
        )

    def _add_needed_statement(self, logs_bucket: str, bucket: str) -> None:
        statement = access_logs_statement(logs_bucket=logs_bucket, bucket=bucket, account=self.account)
        Annotations.of(self).add_info(
            f"The policy of the bucket {logs_bucket} is yours to keep. It must have this statement:\n"
            f"{json.dumps(statement, indent=2)}"
        )
