"""What is imported, and nothing else."""

from typing import Any

import pytest

from pinekeep.errors import PinekeepError
from pinekeep.operations.recovery.recovery import import_template, resources_to_import

KEY_ID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
TEMPLATE: dict[str, Any] = {
    "Description": "Lets Pinecone encrypt",
    "Parameters": {"BootstrapVersion": {}},
    "Rules": {"CheckBootstrapVersion": {}},
    "Resources": {
        "PineconeRole": {
            "Type": "AWS::IAM::Role",
            "DeletionPolicy": "RetainExceptOnCreate",
            "Properties": {"RoleName": "pinecone-search"},
        },
        "EncryptionKey": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": True}},
        "EncryptionKeyAlias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/pinecone/search"}},
        "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {}},
    },
    "Outputs": {"RoleArn": {}},
}


def test_roles_key_and_alias_are_imported_and_kept_whatever_happens() -> None:
    found = import_template(TEMPLATE)
    assert set(found) == {"Description", "Resources"}
    assert list(found["Resources"]) == ["PineconeRole", "EncryptionKey", "EncryptionKeyAlias"]
    assert {each["DeletionPolicy"] for each in found["Resources"].values()} == {"Retain"}
    assert TEMPLATE["Resources"]["PineconeRole"]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_each_is_found_by_what_cloudformation_knows_it_by() -> None:
    found = resources_to_import(import_template(TEMPLATE), key_id=KEY_ID)
    assert {each["LogicalResourceId"]: each["ResourceIdentifier"] for each in found} == {
        "PineconeRole": {"RoleName": "pinecone-search"},
        "EncryptionKey": {"KeyId": KEY_ID},
        "EncryptionKeyAlias": {"AliasName": "alias/pinecone/search"},
    }


def test_without_the_key_nothing_is_imported() -> None:
    with pytest.raises(PinekeepError, match="there is no AWS::KMS::Key to import as EncryptionKey"):
        resources_to_import(import_template(TEMPLATE), key_id=None)
