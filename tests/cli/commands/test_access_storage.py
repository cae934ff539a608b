"""``pinekeep access`` of audit logs and storage integrations."""

from pathlib import Path

import pytest

from tests.command_support import Run

FILE = """version: 1
deployments:
  organization:
    account: "111122223333"
    region: us-east-1
    audit_logs:
      bucket: {name: acme-pinecone-audit, lock: {days: 400}}
      prefix: pinecone
"""


@pytest.fixture
def storage(folder: Path) -> None:
    (folder / "pinekeep.yaml").write_text(FILE)


def test_it_says_what_pinecones_account_for_s3_may_do_and_how_wide_its_trust_is(pinekeep: Run, storage: None) -> None:
    result = pinekeep("access")
    assert result.code == 0
    assert result.out.startswith("organization, S3: decided from the synthesized policies")
    assert "write objects of the bucket acme-pinecone-audit\n" in result.out
    assert "every role of Pinecone's account 713131977538 can assume it" in " ".join(result.out.split())


def test_json_has_the_table_of_s3(pinekeep: Run, storage: None) -> None:
    result = pinekeep("access", "--json")
    (table,) = result.require_schema("access")["tables"]
    assert (table["deployment"], table["part"]) == ("organization", "storage")
    allowed = {
        (each["principal"], each["request"])
        for each in table["decisions"]
        if each["effect"] == "allow" and "s3:PutObject " in each["request"]
    }
    role = "role/pinekeep-organization-us-east-1-audit"
    assert allowed == {(role, "bucket/acme-pinecone-audit s3:PutObject under pinecone/")}
