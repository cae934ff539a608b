"""What is handed over for audit logs and storage integrations."""

from typing import Any

import pytest

from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.naming import IntegrationOutput, Output, integration_output
from pinekeep.operations.handoff.console import as_markdown, as_text, handoff

ROLE = "arn:aws:iam::111122223333:role/pinekeep-a-us-east-1"
OUTPUTS: dict[str, str] = {
    Output.AUDIT_ROLE_ARN: f"{ROLE}-audit",
    Output.AUDIT_LOCATION: "example-audit-logs/pinecone",
    integration_output("imports", IntegrationOutput.ROLE_ARN): f"{ROLE}-imports",
    integration_output("imports", IntegrationOutput.LOCATION): "example-vectors/parquet",
    integration_output("backups", IntegrationOutput.ROLE_ARN): f"{ROLE}-backups",
    integration_output("backups", IntegrationOutput.LOCATION): "example-backups",
}
INTEGRATIONS = {
    "imports": {"use": "import", "bucket": "example-vectors", "prefix": "parquet"},
    "backups": {"use": "export", "bucket": "example-backups"},
}


def deployment(**parts: Any) -> Deployment:
    return Deployment.model_validate({"account": "111122223333", "region": "us-east-1", **parts})


def logs(bucket: dict[str, Any]) -> dict[str, Any]:
    return {"bucket": bucket, "prefix": "pinecone"}


def test_the_audit_page_has_the_consoles_two_fields_with_the_prefix_behind_the_bucket() -> None:
    locked = deployment(audit_logs=logs({"name": "example-audit-logs", "lock": {"days": 365}}))
    (page,) = handoff({"a": locked}, {"a": OUTPUTS}).pages
    assert (page.title, page.path) == ("Enable audit logs", "Settings > Audit logs")
    assert [(each.label, each.value) for each in page.fields] == [
        ("Role ARN", f"{ROLE}-audit"),
        ("AWS Bucket", "example-audit-logs/pinecone"),
    ]
    told = " ".join(page.warnings)
    for part in ("Enterprise plan or the HIPAA add-on", "Only events from then on", "are lost", "can be changed later"):
        assert part in told
    assert "until its retention ends" in told


def test_what_is_said_of_the_bucket_depends_on_the_bucket() -> None:
    def warnings(bucket: dict[str, Any]) -> str:
        (page,) = handoff({"a": deployment(audit_logs=logs(bucket))}, {"a": OUTPUTS}).pages
        return " ".join(page.warnings)

    adopted, unlocked = warnings({"adopt": "example-audit-logs"}), warnings({"name": "example", "lock": "none"})
    assert "its policy must not deny the role" in adopted
    assert "retention" not in adopted
    assert "its policy must not deny the role" not in unlocked
    assert "retention" not in unlocked


def test_each_integration_has_a_page_with_its_own_role() -> None:
    handed = handoff({"a": deployment(storage_integrations=INTEGRATIONS)}, {"a": OUTPUTS})
    assert [[each.value for each in page.fields] for page in handed.pages] == [
        ["imports", "Amazon S3", f"{ROLE}-imports"],
        ["backups", "Amazon S3", f"{ROLE}-backups"],
    ]
    imports, backups = (" ".join(page.warnings) for page in handed.pages)
    assert "s3://example-vectors/parquet/" in imports
    assert "s3://example-backups/" in backups
    assert "no backups in a project with CMEK" in backups
    for text in (as_text(handed), as_markdown(handed)):
        assert f"{ROLE}-imports" in text
        assert "Manage > Storage integrations" in text


def test_a_role_that_is_not_deployed_is_reported_with_what_to_do() -> None:
    with pytest.raises(PinekeepError, match="a has no AuditRoleArn yet") as caught:
        handoff({"a": deployment(audit_logs=logs({"adopt": "example-audit-logs"}))}, {"a": {}})
    assert caught.value.hint == "`pinekeep deploy --deployment a`, then `pinekeep verify`"
