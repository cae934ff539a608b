"""The pages of the Pinecone console for audit logs and storage integrations.

Sources: facts.pinecone.AUDIT_LOGS_SETUP_PAGE, AUDIT_LOGS_PAGE and STORAGE_PAGE.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.model.config import Deployment
from pinekeep.model.config.storage import AuditLogs, NewBucket, StorageIntegration
from pinekeep.model.facts import claims, pinecone
from pinekeep.model.naming import IntegrationOutput, Output, integration_output
from pinekeep.model.output.handoff import FieldOutput, PageOutput
from pinekeep.operations.handoff.outputs import required_output

AUDIT_WARNINGS: Final = (
    "Audit logs need the Enterprise plan or the HIPAA add-on, and an organization owner. They are of the whole "
    "organization: enter them once.",
    f"{claims.AUDIT_LOGS_FROM_THEN_ON.says} Pinecone writes a file about every {pinecone.AUDIT_INTERVAL_MINUTES} "
    "minutes.",
    "Role ARN and bucket can be changed later on the same page (*Update settings*).",
)
LOCKED_WARNING: Final = (
    "Every file that Pinecone writes, the test object included, is then kept until its retention ends."
)
ADOPTED_WARNING: Final = (
    "The bucket is yours: its policy must not deny the role, and the policy of a KMS key that encrypts it must allow "
    "the role."
)
INTEGRATION_WARNINGS: Final = (
    "An integration belongs to one project; a bucket that is public needs none for imports.",
    ADOPTED_WARNING,
)


def storage_pages(name: str, deployment: Deployment, outputs: Mapping[str, str]) -> Iterator[PageOutput]:
    """Yield the pages of a deployment's audit logs and storage integrations. Raises PinekeepError without outputs."""
    if deployment.audit_logs is not None:
        yield _audit_page(name, deployment.audit_logs, outputs)
    for integration, settings in deployment.storage_integrations.items():
        yield _integration_page(name, integration, settings, outputs)


def _audit_page(name: str, logs: AuditLogs, outputs: Mapping[str, str]) -> PageOutput:
    warnings = [*AUDIT_WARNINGS]
    if not isinstance(logs.bucket, NewBucket):
        warnings.append(ADOPTED_WARNING)
    elif logs.bucket.object_lock is not None:
        warnings.append(LOCKED_WARNING)
    return PageOutput(
        deployment=name,
        title="Enable audit logs",
        path=pinecone.AUDIT_LOGS_CONSOLE_PATH,
        fields=[
            FieldOutput(label="Role ARN", value=required_output(name, outputs, Output.AUDIT_ROLE_ARN)),
            FieldOutput(label="AWS Bucket", value=required_output(name, outputs, Output.AUDIT_LOCATION)),
        ],
        warnings=warnings,
    )


def _integration_page(
    name: str, integration: str, settings: StorageIntegration, outputs: Mapping[str, str]
) -> PageOutput:
    warnings = [*INTEGRATION_WARNINGS]
    place = required_output(name, outputs, integration_output(integration, IntegrationOutput.LOCATION))
    uri = f"s3://{place}/"
    if settings.use == "import":
        warnings.append(f"In the import's request, the URI begins with {uri}; the integration is named by its ID.")
    else:
        warnings.append(f"Backups go to {uri}. {claims.NO_BACKUPS.says}")
    role = required_output(name, outputs, integration_output(integration, IntegrationOutput.ROLE_ARN))
    return PageOutput(
        deployment=name,
        title=f"Add the storage integration {integration} ({settings.use})",
        path=pinecone.STORAGE_CONSOLE_PATH,
        fields=[
            FieldOutput(label="Integration name", value=integration),
            FieldOutput(label="Storage provider", value="Amazon S3"),
            FieldOutput(label="Role ARN", value=role),
        ],
        warnings=warnings,
    )
