"""What reading audit logs needs: the files alone, and their key through S3 alone."""

from typing import Any

from pinekeep.decisions.privileges import policies_for
from tests.stacks.support import ACCOUNT, REGION, deployment

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"


def statements(**audit_logs: Any) -> dict[str, Any]:
    (policy,) = policies_for("audit", {"search": deployment(audit_logs=audit_logs)})
    return {each["Sid"]: each for each in policy.document["Statement"]}


def test_the_files_under_the_prefix_are_read_and_the_bucket_is_listed() -> None:
    found = statements(bucket={"adopt": "acme-audit"}, prefix="pinecone")
    assert {name: (each["Action"], each["Resource"]) for name, each in found.items()} == {
        "ListAuditLogs": (["s3:ListBucket"], ["arn:aws:s3:::acme-audit"]),
        "ReadAuditLogs": (["s3:GetObject"], ["arn:aws:s3:::acme-audit/pinecone/*"]),
    }


def test_a_named_key_decrypts_through_s3_alone() -> None:
    found = statements(bucket={"adopt": "acme-audit", "kms_key": KEY})["DecryptAuditLogs"]
    assert (found["Action"], found["Resource"]) == (["kms:Decrypt"], [KEY])
    assert found["Condition"] == {"StringEquals": {"kms:ViaService": [f"s3.{REGION}.amazonaws.com"]}}


def test_a_new_key_is_any_of_the_region() -> None:
    found = statements(bucket={"name": "acme-audit", "lock": "none"})["DecryptAuditLogs"]
    assert found["Resource"] == [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"]
