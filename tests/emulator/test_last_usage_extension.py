"""When a KMS key was last used, as the AWS on this machine tells it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.test_key_extensions import key, policy

Deploy = Callable[..., dict[str, Any]]


def test_the_last_successful_use_of_a_key_is_told_and_nothing_before_it(
    embedded_aws: EmbeddedAws, deploy: Deploy
) -> None:
    key_id = deploy({"Key": key()}, {"Id": {"Ref": "Key"}})["Values"]["Id"]
    kms = embedded_aws.session().client("kms")
    made = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CreationDate"]
    unused = kms.get_key_last_usage(KeyId=key_id)
    assert not unused["KeyLastUsage"]
    assert unused["TrackingStartDate"] == unused["KeyCreationDate"] == made
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    encrypted = kms.get_key_last_usage(KeyId=key_id)["KeyLastUsage"]
    assert encrypted["Operation"] == "Encrypt"
    assert datetime.now(UTC) - encrypted["Timestamp"] < timedelta(minutes=1)
    kms.decrypt(CiphertextBlob=blob)
    decrypted = kms.get_key_last_usage(KeyId=key_id)["KeyLastUsage"]
    assert decrypted["Operation"] == "Decrypt"
    assert decrypted["CloudTrailEventId"] != encrypted["CloudTrailEventId"]


def test_refusals_dry_runs_and_reads_are_no_use(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    key_id = deploy({"Key": key()}, {"Id": {"Ref": "Key"}})["Values"]["Id"]
    kms = embedded_aws.session().client("kms")
    kms.describe_key(KeyId=key_id)
    with pytest.raises(ClientError, match="DryRunOperationException"):
        kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True)
    kms.disable_key(KeyId=key_id)
    with pytest.raises(ClientError, match="DisabledException"):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    assert not kms.get_key_last_usage(KeyId=key_id)["KeyLastUsage"]


def test_a_replica_has_a_last_usage_of_its_own(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    arn = deploy({"Key": key(MultiRegion=True)}, {"Arn": {"Fn::GetAtt": ["Key", "Arn"]}})["Values"]["Arn"]
    replica = {"Type": "AWS::KMS::ReplicaKey", "Properties": {"PrimaryKeyArn": arn, "KeyPolicy": policy()}}
    key_id = deploy({"Replica": replica}, {"Id": {"Ref": "Replica"}}, region="us-west-2")["Values"]["Id"]
    embedded_aws.session().client("kms").encrypt(KeyId=arn, Plaintext=b"x")
    assert embedded_aws.session().client("kms").get_key_last_usage(KeyId=arn)["KeyLastUsage"]
    there = embedded_aws.session(region="us-west-2").client("kms")
    assert not there.get_key_last_usage(KeyId=key_id)["KeyLastUsage"]


def test_neither_an_alias_nor_a_key_that_is_not_there_is_taken(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/usage", "TargetKeyId": {"Ref": "Key"}}}
    deploy({"Key": key(), "Alias": alias}, {})
    kms = embedded_aws.session().client("kms")
    for wrong in ("alias/usage", "0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"):
        with pytest.raises(ClientError, match="NotFoundException"):
            kms.get_key_last_usage(KeyId=wrong)
