import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]
ROOT = {"AWS": "arn:aws:iam::111122223333:root"}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    root = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [root, *statements]}


def key(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy(), **properties}}


def error_code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return caught.value.response["Error"]["Code"]


def test_a_multi_region_key_decrypts_without_being_named(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    # The caller is a role that only the key policy lets in, so the decision needs the key's own policy.
    arn = "arn:aws:iam::111122223333:role/mrk-user"
    trust = {"Statement": [{"Effect": "Allow", "Principal": ROOT, "Action": "sts:AssumeRole"}]}
    role = {"RoleName": "mrk-user", "AssumeRolePolicyDocument": trust}
    named = {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}
    use = {"Effect": "Allow", "Principal": named, "Action": "kms:Decrypt", "Resource": "*"}
    mrk = key(MultiRegion=True, KeyPolicy=policy(use))
    key_id = deploy({"Role": {"Type": "AWS::IAM::Role", "Properties": role}, "Key": mrk}, {"Id": {"Ref": "Key"}})[
        "Values"
    ]["Id"]
    assert key_id.startswith("mrk-")
    session = embedded_aws.session()
    blob = session.client("kms").encrypt(KeyId=key_id, Plaintext=b"a data key")["CiphertextBlob"]
    credentials = session.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    kms = embedded_aws.session(credentials=credentials).client("kms")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"a data key"


def test_a_dry_run_says_so_and_yields_no_ciphertext(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    key_id = deploy({"Key": key()}, {"Id": {"Ref": "Key"}})["Values"]["Id"]
    kms = embedded_aws.session().client("kms")
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    attempts: list[Callable[[], Any]] = [
        lambda: kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True),
        lambda: kms.decrypt(CiphertextBlob=blob, DryRun=True),
        lambda: kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", DryRun=True),
        lambda: kms.generate_data_key_without_plaintext(KeyId=key_id, KeySpec="AES_256", DryRun=True),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError) as caught:
            attempt()
        assert error_code(caught) == "DryRunOperationException"
    kms.disable_key(KeyId=key_id)
    with pytest.raises(ClientError) as caught:
        kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True)
    assert error_code(caught) == "DisabledException"


def test_the_rotation_status_has_a_period_and_a_date_only_when_rotation_is_on(
    embedded_aws: EmbeddedAws, deploy: Deploy
) -> None:
    keys = {"On": key(EnableKeyRotation=True, RotationPeriodInDays=180), "Off": key()}
    values = deploy(keys, {"On": {"Ref": "On"}, "Off": {"Ref": "Off"}})["Values"]
    kms = embedded_aws.session().client("kms")
    on, off = (kms.get_key_rotation_status(KeyId=values[name]) for name in ("On", "Off"))
    assert on["KeyRotationEnabled"] is True
    assert on["RotationPeriodInDays"] == 180
    created = kms.describe_key(KeyId=values["On"])["KeyMetadata"]["CreationDate"]
    assert (on["NextRotationDate"] - created).days == 180
    assert off["KeyRotationEnabled"] is False
    assert "RotationPeriodInDays" not in off


def test_a_key_says_whose_it_is(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    key_id = deploy({"Key": key()}, {"Id": {"Ref": "Key"}})["Values"]["Id"]
    described = embedded_aws.session().client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    assert described["AWSAccountId"] == "111122223333"


def test_a_replica_key_opens_what_its_primary_sealed(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    arn = deploy({"Key": key(MultiRegion=True)}, {"Arn": {"Fn::GetAtt": ["Key", "Arn"]}})["Values"]["Arn"]
    replica = {
        "Type": "AWS::KMS::ReplicaKey",
        "Properties": {
            "PrimaryKeyArn": arn,
            "KeyPolicy": policy(),
            "Description": "the other Region's",
            "Tags": [{"Key": "team", "Value": "search"}],
        },
    }
    stack = deploy({"Replica": replica}, {"Id": {"Ref": "Replica"}}, region="us-west-2")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    key_id = stack["Values"]["Id"]
    sealed = embedded_aws.session().client("kms").encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
    there = embedded_aws.session(region="us-west-2").client("kms")
    assert there.decrypt(CiphertextBlob=sealed, KeyId=key_id)["Plaintext"] == b"x"
    assert there.describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "the other Region's"
    assert {"TagKey": "team", "TagValue": "search"} in there.list_resource_tags(KeyId=key_id)["Tags"]


def test_a_key_policy_changed_by_hand_is_drift(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    stack = deploy({"Key": key(EnableKeyRotation=True)}, {"Id": {"Ref": "Key"}})
    session = embedded_aws.session()
    cloudformation, kms = session.client("cloudformation"), session.client("kms")

    def drift() -> str:
        found = cloudformation.detect_stack_resource_drift(StackName=stack["StackName"], LogicalResourceId="Key")
        return str(found["StackResourceDrift"]["StackResourceDriftStatus"])

    assert drift() == "IN_SYNC"
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    key_id = stack["Values"]["Id"]
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy(everyone)))
    assert drift() == "MODIFIED"
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert drift() == "DELETED"


def test_a_stack_cannot_take_over_an_alias(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    kms = embedded_aws.session().client("kms")
    owner = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/taken", TargetKeyId=owner)
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/taken", "TargetKeyId": {"Ref": "Key"}}}
    stack = deploy({"Key": key(), "Alias": alias})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert kms.describe_key(KeyId="alias/taken")["KeyMetadata"]["KeyId"] == owner


def test_a_key_policy_can_ask_for_an_encryption_context_and_an_account(
    embedded_aws: EmbeddedAws, deploy: Deploy
) -> None:
    arn = "arn:aws:iam::111122223333:role/context-user"
    trust = {"Statement": [{"Effect": "Allow", "Principal": ROOT, "Action": "sts:AssumeRole"}]}
    role = {"RoleName": "context-user", "AssumeRolePolicyDocument": trust}
    use = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}},
        "Action": "kms:Encrypt",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:EncryptionContext:project": "a", "kms:CallerAccount": "111122223333"},
            "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["project"]},
        },
    }
    resources = {"Role": {"Type": "AWS::IAM::Role", "Properties": role}, "Key": key(KeyPolicy=policy(use))}
    key_id = deploy(resources, {"Id": {"Ref": "Key"}})["Values"]["Id"]
    sts = embedded_aws.session().client("sts")
    credentials = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    kms = embedded_aws.session(credentials=credentials).client("kms")
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"project": "a"})["CiphertextBlob"]
    refused: list[dict[str, str]] = [{"project": "b"}, {"project": "a", "more": "x"}, {}]
    for context in refused:
        with pytest.raises(ClientError) as caught:
            kms.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext=context)
        assert error_code(caught) == "AccessDeniedException"
