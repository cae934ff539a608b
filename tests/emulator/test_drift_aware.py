"""A drift-aware change set tells of drift as AWS does, reverts it, and makes again what was deleted."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from pinekeep.emulator.extensions.live_state import _READERS
from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.conftest import attribute

Deploy = Callable[..., dict[str, Any]]

ROOT = {"AWS": "arn:aws:iam::111122223333:root"}
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": ROOT, "Action": "sts:AssumeRole"}],
}
OTHER = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}


def statement(principal: Any, action: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def role_and_key() -> dict[str, Any]:
    policy = [statement(ROOT, "kms:*"), statement({"AWS": attribute("Role", "Arn")}, "kms:Decrypt", Sid="Use")]
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": TRUST, "Description": "one", "Tags": tags(team="a")},
        },
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "Description": "one",
                "Enabled": True,
                "EnableKeyRotation": True,
                "KeyPolicy": {"Version": "2012-10-17", "Statement": policy},
                "RotationPeriodInDays": 365,
                "Tags": tags(team="a"),
            },
        },
    }


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


class Stack:
    """A deployed stack, and drift-aware change sets of it."""

    def __init__(self, aws: EmbeddedAws, deploy: Deploy, resources: dict[str, Any], **options: Any) -> None:
        self.resources = resources
        self.name = deploy(resources, **options)["StackName"]
        self.session = aws.session()
        self._client = self.session.client("cloudformation")
        self._made = 0

    def physical_id(self, logical_id: str) -> str:
        found = self._client.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def look(self, resources: dict[str, Any] | None = None) -> dict[str, Any]:
        self._made += 1
        self._client.create_change_set(
            StackName=self.name,
            ChangeSetName=f"look-{self._made}",
            TemplateBody=json.dumps({"Resources": resources or self.resources}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            DeploymentMode="REVERT_DRIFT",
        )
        found: dict[str, Any] = self._client.describe_change_set(
            StackName=self.name, ChangeSetName=f"look-{self._made}", IncludePropertyValues=True
        )
        return found

    def changes(self, resources: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
        found = self.look(resources)["Changes"]
        return {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in found}

    def revert(self) -> str:
        self.look()
        self._client.execute_change_set(StackName=self.name, ChangeSetName=f"look-{self._made}")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            status = str(self._client.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"])
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(0.05)
        return "still in progress"


@pytest.fixture
def stack(embedded_aws: EmbeddedAws, deploy: Deploy) -> Stack:
    return Stack(embedded_aws, deploy, role_and_key())


@pytest.mark.parametrize("kind", _READERS)
def test_every_type_that_is_read_here_is_one_that_aws_can_read(kind: str) -> None:
    assert "read" in PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["handlers"]


def test_without_drift_there_is_nothing_to_do(stack: Stack) -> None:
    found = stack.look()
    assert (found["DeploymentMode"], found["StackDriftStatus"], found["Status"]) == (
        "REVERT_DRIFT",
        "IN_SYNC",
        "FAILED",
    )
    assert "didn't contain changes" in found["StatusReason"]


def test_a_stack_is_named_by_its_arn_too(stack: Stack) -> None:
    stack.session.client("iam").update_role_description(RoleName=stack.physical_id("Role"), Description="other")
    arn = stack.session.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]["StackId"]
    stack.name = arn
    assert stack.revert() == "UPDATE_COMPLETE"
    assert stack.look()["StackDriftStatus"] == "IN_SYNC"


def test_a_plain_change_set_does_not_see_drift(stack: Stack) -> None:
    stack.session.client("iam").update_role_description(RoleName=stack.physical_id("Role"), Description="other")
    client = stack.session.client("cloudformation")
    body = json.dumps({"Resources": stack.resources})
    client.create_change_set(
        StackName=stack.name, ChangeSetName="plain", TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    found = client.describe_change_set(StackName=stack.name, ChangeSetName="plain")
    assert found["Status"] == "FAILED"
    assert "DeploymentMode" not in found


def test_what_was_changed_by_hand_is_told_and_reverted(stack: Stack) -> None:
    iam, kms = stack.session.client("iam"), stack.session.client("kms")
    role, key = stack.physical_id("Role"), stack.physical_id("Key")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(OTHER))
    iam.untag_role(RoleName=role, TagKeys=["team"])
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    wider = json.loads(before)
    wider["Statement"].append(statement(ROOT, "kms:Encrypt", Sid="Wider"))
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(wider))
    kms.disable_key_rotation(KeyId=key)
    assert stack.look()["StackDriftStatus"] == "DRIFTED"
    found = stack.changes()
    assert {name: (each["Action"], each["ResourceDriftStatus"]) for name, each in found.items()} == {
        "Role": ("Modify", "MODIFIED"),
        "Key": ("Modify", "MODIFIED"),
    }
    details = {each["Target"].get("Name", "Tags"): each["Target"] for each in found["Key"]["Details"]}
    assert set(details) == {"KeyPolicy", "EnableKeyRotation"}
    assert details["KeyPolicy"]["BeforeValueFrom"] == "ACTUAL_STATE"
    assert details["KeyPolicy"]["AfterValueFrom"] == "TEMPLATE"
    assert "Wider" in details["KeyPolicy"]["BeforeValue"]
    assert "Wider" not in details["KeyPolicy"]["AfterValue"]
    assert details["EnableKeyRotation"]["Drift"]["PreviousValue"] == "true"
    assert details["EnableKeyRotation"]["Drift"]["ActualValue"] == "false"
    assert set(found["Role"]["Scope"]) == {"Properties", "Tags"}
    assert stack.revert() == "UPDATE_COMPLETE"
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == json.loads(before)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] == TRUST
    assert {"Key": "team", "Value": "a"} in iam.get_role(RoleName=role)["Role"]["Tags"]
    assert stack.look()["StackDriftStatus"] == "IN_SYNC"


def test_a_template_that_says_what_is_live_changes_nothing_but_the_record(stack: Stack) -> None:
    stack.session.client("iam").update_role_description(RoleName=stack.physical_id("Role"), Description="two")
    role = {**stack.resources["Role"], "Properties": {**stack.resources["Role"]["Properties"], "Description": "two"}}
    found = stack.changes({**stack.resources, "Role": role})
    assert found["Role"]["Action"] == "SyncWithActual"
    assert [each["Target"]["AttributeChangeType"] for each in found["Role"]["Details"]] == ["SyncWithActual"]


def test_tags_that_no_template_names_stay(stack: Stack) -> None:
    iam, role = stack.session.client("iam"), stack.physical_id("Role")
    iam.tag_role(RoleName=role, Tags=tags(foreign="yes"))
    assert stack.changes() == {}
    iam.update_role_description(RoleName=role, Description="other")
    assert stack.revert() == "UPDATE_COMPLETE"
    assert {"Key": "foreign", "Value": "yes"} in iam.get_role(RoleName=role)["Role"]["Tags"]


def test_a_deleted_role_is_made_again_and_the_key_policy_names_the_new_one(stack: Stack) -> None:
    iam, kms = stack.session.client("iam"), stack.session.client("kms")
    role, key = stack.physical_id("Role"), stack.physical_id("Key")
    first = iam.get_role(RoleName=role)["Role"]
    iam.delete_role(RoleName=role)
    assert first["RoleId"] in kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    found = stack.changes()
    assert (found["Role"]["Action"], found["Role"]["ResourceDriftStatus"]) == ("Add", "DELETED")
    assert "KeyPolicy" in {each["Target"].get("Name") for each in found["Key"]["Details"]}
    assert stack.revert() == "UPDATE_COMPLETE"
    again = iam.get_role(RoleName=role)["Role"]
    assert (again["Arn"], again["RoleId"] == first["RoleId"]) == (first["Arn"], False)
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert first["Arn"] in policy
    assert first["RoleId"] not in policy
    assert stack.physical_id("Key") == key


def test_a_failed_update_goes_back_to_what_was_live(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    resources = role_and_key()
    del resources["Key"]
    alias = {"AliasName": "alias/of-a-failure", "TargetKeyId": {"Ref": "Other"}}
    resources["Other"] = {"Type": "AWS::KMS::Key", "Properties": dict[str, Any]()}
    resources["Alias"] = {"Type": "AWS::KMS::Alias", "Properties": alias, "DependsOn": "Role"}
    stack = Stack(embedded_aws, deploy, resources)
    iam, kms = stack.session.client("iam"), stack.session.client("kms")
    role = stack.physical_id("Role")
    iam.update_role_description(RoleName=role, Description="by hand")
    stack.look()
    kms.delete_alias(AliasName="alias/of-a-failure")
    stack.look()
    kms.create_alias(AliasName="alias/of-a-failure", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    client = stack.session.client("cloudformation")
    client.execute_change_set(StackName=stack.name, ChangeSetName="look-2")
    deadline = time.monotonic() + 20
    status = ""
    while time.monotonic() < deadline and not status.endswith("ROLLBACK_COMPLETE"):
        status = client.describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert iam.get_role(RoleName=role)["Role"]["Description"] == "by hand"
    assert stack.changes()["Role"]["ResourceDriftStatus"] == "MODIFIED"


def test_an_endpoint_its_group_and_its_names_are_reverted(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: dict[str, Any], endpoint: dict[str, Any]
) -> None:
    zone = {"Name": "private.example.com", "VPCs": [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "us-east-1"}]}
    record: dict[str, Any] = {
        "HostedZoneId": {"Ref": "Zone"},
        "Name": "*.private.example.com",
        "Type": "CNAME",
        "TTL": "60",
    }
    record["ResourceRecords"] = ["one.example.com"]
    resources = {
        **network,
        "Endpoint": endpoint,
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": zone},
        "Record": {"Type": "AWS::Route53::RecordSet", "Properties": record},
    }
    stack = Stack(embedded_aws, deploy, resources)
    ec2, route53 = stack.session.client("ec2"), stack.session.client("route53")
    endpoint_id, group_id = stack.physical_id("Endpoint"), stack.physical_id("Group")
    zone_id = stack.physical_id("Zone")
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, PrivateDnsEnabled=False)
    wide = {
        "IpProtocol": "tcp",
        "FromPort": 1,
        "ToPort": 9,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "9.9.9.0/24"}],
    }
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[wide])
    other_vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    route53.associate_vpc_with_hosted_zone(HostedZoneId=zone_id, VPC={"VPCRegion": "us-east-1", "VPCId": other_vpc})
    changed = {"Name": "*.private.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "two.org"}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": changed}]}
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)
    assert set(stack.changes()) == {"Endpoint", "Group", "Zone", "Record"}
    assert stack.revert() == "UPDATE_COMPLETE"
    assert stack.changes() == {}
    (rule,) = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]["IpPermissions"]
    assert (rule["FromPort"], [each["CidrIp"] for each in rule["IpRanges"]]) == (443, ["10.9.0.0/16"])
    assert len(route53.get_hosted_zone(Id=zone_id)["VPCs"]) == 1
    assert ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"][0]["PrivateDnsEnabled"] is True


def test_what_refers_to_a_deleted_endpoint_follows_the_one_that_is_made(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: dict[str, Any], endpoint: dict[str, Any]
) -> None:
    zone = {"Name": "private.example.org", "VPCs": [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "us-east-1"}]}
    name = {"Fn::Select": [1, {"Fn::Split": [":", {"Fn::Select": [0, attribute("Endpoint", "DnsEntries")]}]}]}
    record: dict[str, Any] = {
        "HostedZoneId": {"Ref": "Zone"},
        "Name": "*.private.example.org",
        "Type": "CNAME",
        "TTL": "60",
    }
    record["ResourceRecords"] = [name]
    resources = {
        **network,
        "Endpoint": endpoint,
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": zone},
        "Record": {"Type": "AWS::Route53::RecordSet", "Properties": record},
    }
    stack = Stack(embedded_aws, deploy, resources)
    first = stack.physical_id("Endpoint")
    stack.session.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[first])
    found = stack.changes()
    assert {name: each["Action"] for name, each in found.items()} == {"Endpoint": "Add", "Record": "Modify"}
    assert found["Record"]["Details"][0]["CausingEntity"] == "Endpoint.DnsEntries"
    assert stack.revert() == "UPDATE_COMPLETE"
    second = stack.physical_id("Endpoint")
    assert second != first
    records = stack.session.client("route53").list_resource_record_sets(HostedZoneId=stack.physical_id("Zone"))
    assert any(second in str(each.get("ResourceRecords")) for each in records["ResourceRecordSets"])
