"""The stack of the audit bucket, and of the roles of Pinecone's S3 account."""

from typing import Any

from aws_cdk import CfnWaitConditionHandle, Stack
from constructs import Construct

from pinekeep.model.config.models import Deployment


class StorageStack(Stack):
    """The audit bucket and the roles of a deployment with ``audit_logs`` or ``storage_integrations``.

    ``stack``: the props of every stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, deployment: Deployment, **stack: Any) -> None:
        if deployment.audit_logs is None and not deployment.storage_integrations:
            raise ValueError(f"deployment {name} has no audit_logs and no storage_integrations")
        super().__init__(scope, construct_id, description=f"Pinecone's access to S3 buckets of yours ({name})", **stack)
        CfnWaitConditionHandle(self, "Placeholder")
