from collections.abc import Callable
from typing import Any

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]


def test_a_bucket_with_object_lock_keeps_versions_and_its_retention(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    retention = {"Mode": "COMPLIANCE", "Days": 30}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    properties = {"ObjectLockEnabled": True, "ObjectLockConfiguration": lock}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": properties}
    name = deploy({"Bucket": bucket}, {"Name": {"Ref": "Bucket"}})["Values"]["Name"]
    s3 = embedded_aws.session().client("s3")
    found = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    assert found["Rule"]["DefaultRetention"] == retention
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


def test_a_bucket_takes_its_encryption_and_tags_from_the_template(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/audit"}
    rule = {"ServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    properties = {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]},
        "Tags": [{"Key": "team", "Value": "search"}],
    }
    bucket = {"Type": "AWS::S3::Bucket", "Properties": properties}
    name = deploy({"Bucket": bucket}, {"Name": {"Ref": "Bucket"}})["Values"]["Name"]
    s3 = embedded_aws.session().client("s3")
    found = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["ApplyServerSideEncryptionByDefault"] == by_default
    assert found["BucketKeyEnabled"] is True
    assert {"Key": "team", "Value": "search"} in s3.get_bucket_tagging(Bucket=name)["TagSet"]


def test_an_object_encrypted_with_kms_and_no_key_takes_the_one_that_s3_manages(
    embedded_aws: EmbeddedAws, unique: Callable[[str], str]
) -> None:
    s3 = embedded_aws.session().client("s3")
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="asset", Body=b"x", ServerSideEncryption="aws:kms")
    found = s3.head_object(Bucket=name, Key="asset")
    assert found["ServerSideEncryption"] == "aws:kms"
    assert found["SSEKMSKeyId"] == "arn:aws:kms:us-east-1:111122223333:alias/aws/s3"


def test_a_reference_to_a_secret_is_its_arn_through_update_and_deletion(
    embedded_aws: EmbeddedAws, deploy: Deploy
) -> None:
    def secret(description: str) -> dict[str, Any]:
        properties = {"Name": "api-key", "SecretString": "x", "Description": description}
        return {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": properties}}

    outputs = {"Ref": {"Ref": "Secret"}}
    stack = deploy(secret("one"), outputs)
    arn = stack["Values"]["Ref"]
    assert arn.startswith("arn:aws:secretsmanager:us-east-1:111122223333:secret:api-key-")
    updated = deploy(secret("two"), outputs, name=stack["StackName"])
    assert updated["Values"]["Ref"] == arn
    session = embedded_aws.session()
    secrets, cloudformation = session.client("secretsmanager"), session.client("cloudformation")
    assert secrets.describe_secret(SecretId=arn)["Description"] == "two"
    found = cloudformation.detect_stack_resource_drift(StackName=stack["StackName"], LogicalResourceId="Secret")
    assert found["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"
    cloudformation.delete_stack(StackName=stack["StackName"])
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig={"Delay": 0})
    assert secrets.list_secrets()["SecretList"] == []


def test_a_bucket_policy_that_demands_tls_lets_loopback_in(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [statement]}}
    root = {"AWS": "arn:aws:iam::111122223333:root"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}]}
    may = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    role = {
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "s3", "PolicyDocument": may}],
    }
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
    }
    outputs = {"Name": {"Ref": "Bucket"}, "Role": {"Fn::GetAtt": ["Role", "Arn"]}}
    values = deploy(resources, outputs)["Values"]
    sts = embedded_aws.session().client("sts")
    credentials = sts.assume_role(RoleArn=values["Role"], RoleSessionName="test")["Credentials"]
    s3 = embedded_aws.session(credentials=credentials).client("s3")
    s3.put_object(Bucket=values["Name"], Key="asset", Body=b"x")
    assert s3.get_object(Bucket=values["Name"], Key="asset")["Body"].read() == b"x"
