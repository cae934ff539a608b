"""What somebody may do to a deployment behind its stacks' back, one function a breakage."""

import json
import time
from collections.abc import Callable
from typing import Any

from pinekeep.model import naming
from tests.command_support import Run

NAME = "search-prod"
CMEK, LINK = naming.cmek_stack(NAME), naming.private_link_stack(NAME)
ROLE = "pinekeep-search-prod-us-east-1"
ALIAS = "alias/pinecone/search-prod"
ROOT = "arn:aws:iam::111122223333:root"

Break = Callable[["World"], Any]
Document = dict[str, Any]


class World:
    """The deployed stacks of the embedded AWS, and the command."""

    def __init__(self, session: Any, pinekeep: Run) -> None:
        self._session = session
        self.pinekeep = pinekeep

    def client(self, service: str) -> Any:
        return self._session.client(service)

    def run(self, *arguments: str) -> None:
        result = self.pinekeep(*arguments)
        assert result.code == 0, result.err

    def output(self, stack: str, name: str) -> str:
        found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        return str({each["OutputKey"]: each["OutputValue"] for each in found}[name])

    def physical_ids(self, kind: str) -> list[str]:
        found = self.client("cloudformation").describe_stack_resources(StackName=LINK)["StackResources"]
        return [str(each["PhysicalResourceId"]) for each in found if each["ResourceType"] == kind]

    @property
    def key(self) -> str:
        return self.output(CMEK, "KeyArn")

    @property
    def endpoint(self) -> str:
        return self.output(LINK, "VpcEndpointId")

    @property
    def group(self) -> str:
        return self.output(LINK, "SecurityGroupId")

    @property
    def zone(self) -> str:
        return self.physical_ids("AWS::Route53::HostedZone")[0]

    def change_key_policy(self, change: Callable[[list[Document]], Any]) -> None:
        kms = self.client("kms")
        policy = json.loads(kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])
        change(policy["Statement"])
        kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=json.dumps(policy))

    def change_trust(self, change: Callable[[list[Document]], Any]) -> None:
        iam = self.client("iam")
        policy = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
        change(policy["Statement"])
        iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(policy))

    def delete_stack(self, name: str) -> None:
        cloudformation = self.client("cloudformation")
        cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
        stack_id = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        cloudformation.delete_stack(StackName=name)
        while cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"] != "DELETE_COMPLETE":
            time.sleep(0.1)


def sid(statements: list[Document], name: str) -> Document:
    return next(each for each in statements if each.get("Sid") == name)


def allow(principal: str, action: str, **more: Any) -> Document:
    return {"Sid": "ByHand", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, **more}


def role_deleted(world: World) -> None:
    world.client("iam").delete_role(RoleName=ROLE)


def role_made_anew(world: World) -> None:
    iam = world.client("iam")
    role = iam.get_role(RoleName=ROLE)["Role"]
    iam.delete_role(RoleName=ROLE)
    trust = json.dumps(role["AssumeRolePolicyDocument"])
    boundary = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust, Tags=role["Tags"], PermissionsBoundary=boundary)


def role_under_a_path(world: World) -> None:
    iam = world.client("iam")
    trust = json.dumps(iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"])
    iam.delete_role(RoleName=ROLE)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust, Path="/elsewhere/")


def inline_policy(world: World) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client("iam").put_role_policy(RoleName=ROLE, PolicyName="by-hand", PolicyDocument=document)


def managed_policy(world: World) -> None:
    world.client("iam").attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


def boundary_removed(world: World) -> None:
    world.client("iam").delete_role_permissions_boundary(RoleName=ROLE)


def trusts_another_statement(world: World) -> None:
    world.change_trust(lambda found: found.append(allow(ROOT, "sts:AssumeRole")))


def trusts_another_principal(world: World) -> None:
    world.change_trust(lambda found: found[0]["Principal"].update(AWS=ROOT))


def trusts_on_a_condition(world: World) -> None:
    world.change_trust(lambda found: found[0]["Condition"].update(Bool={"aws:SecureTransport": "false"}))


def another_external_id(world: World) -> None:
    other = {"sts:ExternalId": "4f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}
    world.change_trust(lambda found: found[0]["Condition"].update(StringEquals=other))


def key_disabled(world: World) -> None:
    world.client("kms").disable_key(KeyId=world.key)


def key_waits_for_deletion(world: World) -> None:
    world.client("kms").schedule_key_deletion(KeyId=world.key, PendingWindowInDays=7)


def rotation_off(world: World) -> None:
    world.client("kms").disable_key_rotation(KeyId=world.key)


def alias_deleted(world: World) -> None:
    world.client("kms").delete_alias(AliasName=ALIAS)


def alias_of_another_key(world: World) -> None:
    kms = world.client("kms")
    kms.update_alias(AliasName=ALIAS, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


def root_narrowed(world: World) -> None:
    narrow = ["kms:Get*", "kms:Describe*", "kms:Put*", "kms:List*", "kms:TagResource", "kms:Enable*"]
    world.change_key_policy(lambda found: sid(found, "EnableIamUserPermissions").update(Action=narrow))


def users_forgotten(world: World) -> None:
    world.change_key_policy(lambda found: found.remove(sid(found, "AllowUseOfTheKey")))


def administrators_changed(world: World) -> None:
    world.change_key_policy(lambda found: found[1]["Principal"].update(AWS=ROOT))


def key_policy_wider(world: World) -> None:
    world.change_key_policy(lambda found: found.append(allow(ROOT, "kms:Encrypt", Resource="*")))


def stranger_may_decrypt(world: World) -> None:
    stranger = "arn:aws:iam::999988887777:root"
    world.change_key_policy(lambda found: found.append(allow(stranger, "kms:Decrypt", Resource="*")))


def protection_off(world: World) -> None:
    world.client("cloudformation").update_termination_protection(StackName=CMEK, EnableTerminationProtection=False)


def stack_policy_lax(world: World) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    body = json.dumps({"Statement": [statement]})
    world.client("cloudformation").set_stack_policy(StackName=CMEK, StackPolicyBody=body)


def cut_off(world: World) -> None:
    world.run("revoke", "--how", "role", "--yes")


def cmek_stack_deleted(world: World) -> None:
    world.delete_stack(CMEK)


def link_stack_deleted(world: World) -> None:
    world.run("destroy", "--yes")


def endpoint_deleted(world: World) -> None:
    world.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[world.endpoint])


def endpoint_made_anew(world: World) -> None:
    endpoint_deleted(world)
    world.run("deploy", "--revert-drift", "--yes")


def endpoint_loses_a_subnet(world: World) -> None:
    subnet = world.physical_ids("AWS::EC2::Subnet")[0]
    world.client("ec2").modify_vpc_endpoint(VpcEndpointId=world.endpoint, RemoveSubnetIds=[subnet])


def private_dns_in_place_of_the_zone(world: World) -> None:
    """Turn the endpoint's private DNS on, which AWS refuses while the zone of its name is the VPC's."""
    zone_of_another_vpc(world)
    world.client("ec2").modify_vpc_endpoint(VpcEndpointId=world.endpoint, PrivateDnsEnabled=True)


def another_group(world: World) -> None:
    ec2 = world.client("ec2")
    filters = [{"Name": "vpc-id", "Values": [world.output(LINK, "VpcId")]}]
    groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    other = next(each["GroupId"] for each in groups if each["GroupName"] == "default")
    ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint, AddSecurityGroupIds=[other])


def _everything(**ports: Any) -> list[Document]:
    return [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}], **ports}]


def open_to_all(world: World) -> None:
    world.client("ec2").authorize_security_group_ingress(GroupId=world.group, IpPermissions=_everything())


def egress_open(world: World) -> None:
    world.client("ec2").authorize_security_group_egress(GroupId=world.group, IpPermissions=_everything())


def vpc_dns_off(world: World) -> None:
    vpc = world.output(LINK, "VpcId")
    world.client("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})


def record_deleted(world: World) -> None:
    route53 = world.client("route53")
    records = route53.list_resource_record_sets(HostedZoneId=world.zone)["ResourceRecordSets"]
    changes = [{"Action": "DELETE", "ResourceRecordSet": each} for each in records if each["Type"] == "A"]
    route53.change_resource_record_sets(HostedZoneId=world.zone, ChangeBatch={"Changes": changes})


def zone_deleted(world: World) -> None:
    record_deleted(world)
    world.client("route53").delete_hosted_zone(Id=world.zone)


def zone_of_another_vpc(world: World) -> None:
    route53, own = world.client("route53"), world.output(LINK, "VpcId")
    other = world.client("ec2").create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    zone = world.zone
    route53.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC={"VPCRegion": "us-east-1", "VPCId": other})
    route53.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC={"VPCRegion": "us-east-1", "VPCId": own})


def stranger_holds_a_grant(world: World) -> None:
    stranger = "arn:aws:iam::999988887777:role/Stranger"
    world.client("kms").create_grant(KeyId=world.key, GranteePrincipal=stranger, Operations=["Decrypt"])


def replica_open_to_a_stranger(world: World) -> None:
    kms = world.client("kms")
    policy = json.loads(kms.get_key_policy(KeyId=world.key, PolicyName="default")["Policy"])
    policy["Statement"].append(allow("arn:aws:iam::999988887777:root", "kms:Decrypt", Resource="*"))
    kms.replicate_key(KeyId=world.key, ReplicaRegion="us-west-2", Policy=json.dumps(policy))


def rivals_answer(world: World) -> None:
    """Another zone answers to some of the names."""
    route53, ec2, own = world.client("route53"), world.client("ec2"), world.output(LINK, "VpcId")
    other = ec2.create_vpc(CidrBlock="10.98.0.0/16")["Vpc"]["VpcId"]
    name = f"svc.{route53.get_hosted_zone(Id=world.zone)['HostedZone']['Name']}"
    vpcs = [{"VPCRegion": "us-east-1", "VPCId": each} for each in (other, own)]
    zone = route53.create_hosted_zone(Name=name, VPC=vpcs[0], CallerReference="rival")["HostedZone"]["Id"]
    route53.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpcs[1])


def longer_sessions(world: World) -> None:
    world.client("iam").update_role(RoleName=ROLE, MaxSessionDuration=43200)


def role_tags_changed(world: World) -> None:
    world.client("iam").untag_role(RoleName=ROLE, TagKeys=["team", "pinekeep:deployment"])


def endpoint_tag_changed(world: World) -> None:
    world.client("ec2").create_tags(Resources=[world.endpoint], Tags=[{"Key": "team", "Value": "by hand"}])


def names_sent_elsewhere(world: World) -> None:
    resolver = world.client("route53resolver")
    name = world.client("route53").get_hosted_zone(Id=world.zone)["HostedZone"]["Name"]
    rule = resolver.create_resolver_rule(
        CreatorRequestId="by-hand", RuleType="FORWARD", DomainName=name, TargetIps=[{"Ip": "10.9.9.9", "Port": 53}]
    )["ResolverRule"]["Id"]
    resolver.associate_resolver_rule(ResolverRuleId=rule, VPCId=world.output(LINK, "VpcId"))


def role_described_otherwise(world: World) -> None:
    world.client("iam").update_role_description(RoleName=ROLE, Description="by hand")


def group_tag_removed(world: World) -> None:
    world.client("ec2").delete_tags(Resources=[world.group], Tags=[{"Key": "team"}])
