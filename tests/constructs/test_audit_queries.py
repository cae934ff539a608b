"""The Glue table, the workgroup and the saved queries of Athena."""

from typing import Any

import pytest

from pinekeep.constructs import AuditQueries
from pinekeep.model.audit import athena_sql
from pinekeep.model.facts import athena
from tests.stacks.support import ACCOUNT, Made, foreign_stack, made_in

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"


def queries(**props: Any) -> Made:
    stack = foreign_stack()
    needed: dict[str, Any] = {"bucket_name": "acme-audit", "name": "pinekeep-search-prod-audit"}
    AuditQueries(stack, "Queries", **(needed | props))
    return made_in(stack)


@pytest.fixture(scope="module")
def made() -> Made:
    return queries(prefix="pinecone/prod", kms_key_arn=KEY, scan_limit_mib=64, result_days=7)


def test_the_table_has_whole_lines_of_all_files_and_no_partitions(made: Made) -> None:
    (database,) = made.of_type("AWS::Glue::Database")
    table = made.only("AWS::Glue::Table")
    assert table["DatabaseName"] == {"Ref": database}
    given = table["TableInput"]
    assert "PartitionKeys" not in given
    assert not [key for key in given["Parameters"] if key.startswith("projection.")]
    storage = given["StorageDescriptor"]
    assert storage["Location"] == "s3://acme-audit/pinecone/prod/"
    assert storage["Columns"] == [{"Name": "line", "Type": "string"}]
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.RegexSerDe",
        "Parameters": {"input.regex": "(?s)(.*)", "serialization.format": "1"},
    }


def test_without_a_prefix_the_table_has_the_whole_bucket() -> None:
    made = queries()
    assert made.only("AWS::Glue::Table")["TableInput"]["StorageDescriptor"]["Location"] == "s3://acme-audit/"


def test_nobody_can_leave_the_settings_of_the_workgroup(made: Made) -> None:
    (results,) = made.of_type("AWS::S3::Bucket")
    group = made.only("AWS::Athena::WorkGroup")
    assert group["RecursiveDeleteOption"] is True
    assert group["WorkGroupConfiguration"] == {
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
        "RequesterPaysEnabled": False,
        "BytesScannedCutoffPerQuery": 64 * 1024 * 1024,
        "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
        "ResultConfiguration": {
            "OutputLocation": {"Fn::Sub": ["s3://${Bucket}/results/", {"Bucket": {"Ref": results}}]},
            "ExpectedBucketOwner": {"Ref": "AWS::AccountId"},
            "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": KEY},
        },
    }


def test_the_results_are_private_encrypted_and_expire(made: Made) -> None:
    bucket = made.only("AWS::S3::Bucket")
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 7
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    statements = made.only("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert [each["Condition"] for each in statements if each["Effect"] == "Deny"] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    ]
    (name,) = made.of_type("AWS::S3::Bucket")
    for each in statements:
        assert each["Resource"] == [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]


def test_the_results_are_retained_with_the_policy_that_protects_them(made: Made) -> None:
    for kind in ("AWS::S3::Bucket", "AWS::S3::BucketPolicy"):
        (resource,) = made.of_type(kind).values()
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_without_a_key_s3_encrypts_the_results() -> None:
    made = queries()
    result = made.only("AWS::Athena::WorkGroup")["WorkGroupConfiguration"]["ResultConfiguration"]
    assert result["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    (encryption,) = made.only("AWS::S3::Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_every_saved_query_is_in_the_workgroup(made: Made) -> None:
    (database,) = made.of_type("AWS::Glue::Database")
    (group,) = made.of_type("AWS::Athena::WorkGroup")
    found = [each["Properties"] for each in made.of_type("AWS::Athena::NamedQuery").values()]
    assert [(each["Name"], each["QueryString"]) for each in found] == [
        (each.name, each.sql) for each in athena_sql.named_queries(database="pinekeep_search_prod_audit")
    ]
    for each in found:
        assert each["Database"] == {"Ref": database}
        assert each["WorkGroup"] == {"Ref": group}
        assert 0 < len(each["Name"]) <= athena.QUERY_NAME_MAX
        assert 0 < len(each["Description"]) <= athena.QUERY_DESCRIPTION_MAX
        assert 0 < len(each["QueryString"]) <= athena.QUERY_MAX


def test_the_database_has_the_name_that_the_queries_use(made: Made) -> None:
    assert made.only("AWS::Glue::Database")["DatabaseInput"]["Name"] == "pinekeep_search_prod_audit"
