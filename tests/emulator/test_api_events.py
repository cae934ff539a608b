"""API calls as events on the default bus, in the shape and Region of CloudTrail's."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.events_support import ACCOUNT, ALL_CALLS, Events

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture
def events(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> Events:
    made = Events(embedded_aws, unique)
    made.log()
    return made


def test_a_disabled_key_is_an_event_with_the_key_and_the_caller(events: Events) -> None:
    kms = events.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    heard = events.heard({"source": ["aws.kms"], "detail": {"eventName": ["DisableKey"], "resources": {"ARN": [arn]}}})
    kms.disable_key(KeyId=arn.rpartition("/")[2])
    (event,) = heard()
    detail = event["detail"]
    assert event["detail-type"] == "AWS API Call via CloudTrail"
    assert (event["region"], event["account"], event["source"]) == ("us-east-1", ACCOUNT, "aws.kms")
    assert detail["eventSource"] == "kms.amazonaws.com"
    assert detail["requestParameters"] == {"keyId": arn.rpartition("/")[2]}
    assert detail["resources"] == [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn}]
    assert (detail["readOnly"], detail["eventType"]) == (False, "AwsApiCall")
    assert "errorCode" not in detail
    identity = detail["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("Root", f"arn:aws:iam::{ACCOUNT}:root")


def test_a_deleted_alias_is_an_event_of_its_key_too(events: Events) -> None:
    kms = events.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    alias = f"alias/{events.unique('key')}"
    kms.create_alias(AliasName=alias, TargetKeyId=arn)
    heard = events.heard({"source": ["aws.kms"], "detail": {"resources": {"ARN": [arn]}}})
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    kms.delete_alias(AliasName=alias)
    scheduled, deleted = heard()
    assert scheduled["detail"]["requestParameters"] == {"keyId": arn, "pendingWindowInDays": 7}
    assert scheduled["detail"]["responseElements"]["keyState"] == "PendingDeletion"
    assert deleted["detail"]["requestParameters"] == {"aliasName": alias}
    assert [each["type"] for each in deleted["detail"]["resources"]] == ["AWS::KMS::Alias", "AWS::KMS::Key"]


def test_read_only_calls_reach_only_the_rule_that_asks_for_all(events: Events) -> None:
    kms = events.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    pattern = {"source": ["aws.kms"], "detail": {"resources": {"ARN": [arn]}}}
    calm, whole = events.heard(pattern), events.heard(pattern, state=ALL_CALLS)
    blob = kms.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext={"Team": "search"})["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, EncryptionContext={"Team": "search"})
    kms.disable_key(KeyId=arn)
    assert [each["detail"]["eventName"] for each in calm()] == ["DisableKey"]
    seen = {each["detail"]["eventName"]: each["detail"] for each in whole()}
    assert set(seen) == {"Encrypt", "Decrypt", "DisableKey"}
    assert seen["Decrypt"]["readOnly"] is True
    assert seen["Decrypt"]["requestParameters"] == {"encryptionContext": {"Team": "search"}}
    assert "x" not in json.dumps(seen["Encrypt"]["requestParameters"].get("plaintext", ""))


def test_a_refused_call_is_an_event_with_its_error_and_the_role_of_the_session(events: Events) -> None:
    iam, kms = events.client("iam"), events.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    name = events.unique("role")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    heard = events.heard({"source": ["aws.kms"], "detail": {"errorCode": ["AccessDenied"]}}, state=ALL_CALLS)
    session = events.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="pinecone")["Credentials"]
    as_role = events._aws.session(credentials=session).client("kms")
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role.encrypt(KeyId=arn, Plaintext=b"x")
    (event,) = heard()
    identity = event["detail"]["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/pinecone"
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == role["Arn"]
    assert identity["sessionContext"]["sessionIssuer"]["principalId"] == role["RoleId"]
    assert "kms:Encrypt" in event["detail"]["errorMessage"]
    assert event["detail"]["resources"][0]["ARN"] == arn


def test_iam_and_route_53_are_heard_in_us_east_1_alone(events: Events) -> None:
    pattern = {"source": ["aws.iam", "aws.route53"]}
    home, elsewhere = events.heard(pattern), events.heard(pattern, region="eu-west-1")
    name = events.unique("role")
    iam = events.client("iam", "eu-west-1")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(TRUST))
    route53 = events.client("route53", "eu-west-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference=name)["HostedZone"]["Id"]
    record = {"Name": "*.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.net"}]}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    seen = {each["detail"]["eventName"]: each["detail"] for each in home()}
    assert elsewhere() == []
    assert seen["UpdateAssumeRolePolicy"]["requestParameters"]["roleName"] == name
    assert json.loads(seen["UpdateAssumeRolePolicy"]["requestParameters"]["policyDocument"]) == TRUST
    changed = seen["ChangeResourceRecordSets"]
    assert changed["awsRegion"] == "us-east-1"
    assert changed["requestParameters"]["hostedZoneId"] == zone.rpartition("/")[2]
    (made,) = changed["requestParameters"]["changeBatch"]["changes"]
    assert (made["action"], made["resourceRecordSet"]["name"]) == ("CREATE", "*.example.com")
    assert made["resourceRecordSet"]["resourceRecords"] == [{"value": "x.example.net"}]


def test_a_bucket_s_settings_are_events_and_its_objects_are_not(events: Events) -> None:
    s3 = events.client("s3")
    bucket = events.unique("bucket")
    heard = events.heard({"source": ["aws.s3"], "detail": {"requestParameters": {"bucketName": [bucket]}}})
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_public_access_block(Bucket=bucket)
    seen = {each["detail"]["eventName"]: each["detail"] for each in heard()}
    assert set(seen) == {"CreateBucket", "PutBucketVersioning", "DeleteBucketPublicAccessBlock"}
    suspended = seen["PutBucketVersioning"]
    assert suspended["requestParameters"]["VersioningConfiguration"] == {"Status": "Suspended"}
    assert suspended["resources"][0]["ARN"] == f"arn:aws:s3:::{bucket}"


def test_a_deleted_endpoint_is_named_in_the_request_element(events: Events) -> None:
    heard = events.heard({"source": ["aws.ec2"], "detail": {"eventName": ["DeleteVpcEndpoints"]}})
    events.client("ec2").delete_vpc_endpoints(VpcEndpointIds=["vpce-0a1b2c3d4e5f60718"])
    (event,) = heard()
    asked = event["detail"]["requestParameters"]["DeleteVpcEndpointsRequest"]
    assert asked == {"VpcEndpointId": {"tag": 1, "content": "vpce-0a1b2c3d4e5f60718"}}


def test_without_a_trail_that_logs_nothing_is_heard(events: Events) -> None:
    kms, trails = events.client("kms"), events.client("cloudtrail")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    heard = events.heard({"source": ["aws.kms"], "detail": {"resources": {"ARN": [arn]}}})
    trails.stop_logging(Name="all")
    try:
        kms.disable_key(KeyId=arn)
    finally:
        trails.start_logging(Name="all")
    assert heard() == []
    kms.enable_key(KeyId=arn)
    assert [each["detail"]["eventName"] for each in heard()] == ["EnableKey"]


def test_a_rotation_on_demand_is_listed_and_an_event_of_kms_itself(events: Events) -> None:
    kms = events.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    heard = events.heard({"source": ["aws.kms"], "detail-type": ["KMS CMK Rotation"], "resources": [arn]})
    kms.rotate_key_on_demand(KeyId=arn)
    (event,) = heard()
    assert event["detail"]["key-id"] == arn.rpartition("/")[2]
    (rotation,) = kms.list_key_rotations(KeyId=arn)["Rotations"]
    assert rotation["RotationType"] == "ON_DEMAND"
    kms.disable_key(KeyId=arn)
    with pytest.raises(ClientError, match="DisabledException"):
        kms.rotate_key_on_demand(KeyId=arn)
