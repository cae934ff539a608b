"""Principals are looked up, forgotten with their role, and never locked out of their key."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
NOBODY = f"arn:aws:iam::{ACCOUNT}:role/nobody"


def trust(principal: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def key_policy(*principals: str, action: str = "kms:*") -> str:
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": each}, "Action": action, "Resource": "*"} for each in principals
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def refusal(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return f"{caught.value.response['Error']['Code']}: {caught.value.response['Error']['Message']}"


def test_a_role_that_does_not_exist_is_no_principal(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> None:
    iam, kms = (embedded_aws.session().client(each) for each in ("iam", "kms"))
    told = refusal(iam.create_role, RoleName=unique("r"), AssumeRolePolicyDocument=trust(NOBODY))
    assert told == f'MalformedPolicyDocument: Invalid principal in policy: "AWS":"{NOBODY}"'
    name = unique("r")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))
    assert "MalformedPolicyDocument" in refusal(
        iam.update_assume_role_policy, RoleName=name, PolicyDocument=trust(NOBODY)
    )
    assert "MalformedPolicyDocumentException" in refusal(kms.create_key, Policy=key_policy(ROOT, NOBODY))
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    put = {"KeyId": key_id, "PolicyName": "default"}
    assert "invalid principals" in refusal(kms.put_key_policy, **put, Policy=key_policy(ROOT, NOBODY))
    kms.put_key_policy(**put, Policy=key_policy(ROOT, f"arn:aws:iam::{ACCOUNT}:role/{name}"))


def test_a_template_may_not_name_a_role_that_does_not_exist(deploy: Deploy) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": json.loads(key_policy(ROOT, NOBODY))}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": json.loads(trust(NOBODY))}}
    assert deploy({"Key": key})["StackStatus"] == "ROLLBACK_COMPLETE"
    assert deploy({"Role": role})["StackStatus"] == "ROLLBACK_COMPLETE"


def test_the_roles_of_an_account_that_nobody_uses_here_are_taken_for_granted(
    embedded_aws: EmbeddedAws, unique: Callable[[str], str]
) -> None:
    iam = embedded_aws.session().client("iam")
    stranger = "arn:aws:iam::222233334444:role/theirs"
    iam.create_role(RoleName=unique("r"), AssumeRolePolicyDocument=trust(stranger))
    theirs = embedded_aws.session("222233334444").client("iam")
    theirs.create_role(RoleName="other", AssumeRolePolicyDocument=trust("arn:aws:iam::222233334444:root"))
    assert "Invalid principal" in refusal(
        iam.create_role, RoleName=unique("r"), AssumeRolePolicyDocument=trust(stranger)
    )


def test_policies_keep_the_id_of_a_role_that_was_deleted_and_do_not_mean_the_next_one(
    embedded_aws: EmbeddedAws, unique: Callable[[str], str]
) -> None:
    session = embedded_aws.session()
    iam, kms = session.client("iam"), session.client("kms")
    name, other = unique("r"), unique("r")
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    first = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))["Role"]["RoleId"]
    iam.create_role(RoleName=other, AssumeRolePolicyDocument=trust(arn))
    key_id = kms.create_key(Policy=key_policy(ROOT, arn))["KeyMetadata"]["KeyId"]
    iam.delete_role(RoleName=name)
    second = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))["Role"]["RoleId"]
    assert second != first
    policy = kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    assert first in policy
    assert arn not in policy
    found = iam.get_role(RoleName=other)["Role"]["AssumeRolePolicyDocument"]
    assert found["Statement"][0]["Principal"]["AWS"] == first
    credentials = session.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    again = embedded_aws.session(credentials=credentials).client("kms")
    assert "AccessDenied" in refusal(again.encrypt, KeyId=key_id, Plaintext=b"x")
    put = {"KeyId": key_id, "PolicyName": "default"}
    assert "invalid principals" in refusal(kms.put_key_policy, **put, Policy=policy)
    kms.put_key_policy(**put, Policy=policy.replace(first, arn))
    assert again.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]


def test_a_key_policy_that_locks_its_writer_out_is_refused(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    iam, kms = (embedded_aws.session().client(each) for each in ("iam", "kms"))
    name = unique("r")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))
    locking = key_policy(f"arn:aws:iam::{ACCOUNT}:role/{name}", action="kms:Encrypt")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    put = {"KeyId": key_id, "PolicyName": "default", "Policy": locking}
    assert "will not allow you to update the key policy" in refusal(kms.put_key_policy, **put)
    kms.put_key_policy(**put, BypassPolicyLockoutSafetyCheck=True)
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": json.loads(locking)}}
    assert deploy({"Key": key})["StackStatus"] == "ROLLBACK_COMPLETE"
    key["Properties"]["BypassPolicyLockoutSafetyCheck"] = True
    assert deploy({"Key": key})["StackStatus"] == "CREATE_COMPLETE"


def test_a_boundary_of_a_template_is_set_and_must_exist(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    iam = embedded_aws.session().client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    arn = iam.create_policy(PolicyName=unique("boundary"), PolicyDocument=document)["Policy"]["Arn"]
    name = unique("r")
    properties = {"RoleName": name, "AssumeRolePolicyDocument": json.loads(trust(ROOT)), "PermissionsBoundary": arn}
    stack = deploy({"Role": {"Type": "AWS::IAM::Role", "Properties": properties}})
    assert iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    without = {key: value for key, value in properties.items() if key != "PermissionsBoundary"}
    deploy({"Role": {"Type": "AWS::IAM::Role", "Properties": without}}, name=stack["StackName"])
    assert "PermissionsBoundary" not in iam.get_role(RoleName=name)["Role"]
    missing = {**properties, "RoleName": unique("r"), "PermissionsBoundary": f"{arn}-not-there"}
    assert deploy({"Role": {"Type": "AWS::IAM::Role", "Properties": missing}})["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "NoSuchEntity" in refusal(
        iam.put_role_permissions_boundary, RoleName=name, PermissionsBoundary=f"{arn}-not-there"
    )
