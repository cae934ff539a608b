"""Route 53 Profiles, by calls and in templates."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Deploy = Callable[..., dict[str, Any]]
Client = Callable[..., Any]
Resources = dict[str, Any]
NAME = "private.aped-4627-b74a.pinecone.io"


def refused(attempt: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        attempt()
    return caught.value.response["Error"]["Code"]


@pytest.fixture
def shared(network: Resources) -> Resources:
    """A profile with a zone, for a second VPC."""
    vpcs = [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "us-east-1"}]
    arn = {"Fn::Join": ["", ["arn:aws:route53:::hostedzone/", {"Ref": "Zone"}]]}
    profile = {"ProfileId": {"Ref": "Profile"}, "Name": "names"}
    tags = [{"Key": "team", "Value": "search"}]
    prefix = "AWS::Route53Profiles::"
    return {
        **network,
        "Spoke": {"Type": "AWS::EC2::VPC", "Properties": {**network["Vpc"]["Properties"], "CidrBlock": "10.8.0.0/16"}},
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": NAME, "VPCs": vpcs}},
        "Profile": {"Type": f"{prefix}Profile", "Properties": {"Name": "names", "Tags": tags}},
        "OfSpoke": {"Type": f"{prefix}ProfileAssociation", "Properties": {**profile, "ResourceId": {"Ref": "Spoke"}}},
        "OfZone": {"Type": f"{prefix}ProfileResourceAssociation", "Properties": {**profile, "ResourceArn": arn}},
    }


OUTPUTS = {
    "Id": {"Ref": "Profile"},
    "Arn": {"Fn::GetAtt": ["Profile", "Arn"]},
    "Spoke": {"Ref": "Spoke"},
    "Zone": {"Ref": "Zone"},
    "Association": {"Ref": "OfSpoke"},
    "Resource": {"Ref": "OfZone"},
}


def test_a_template_shares_a_zone_by_a_profile(deploy: Deploy, client: Client, shared: Resources) -> None:
    stack = deploy(shared, OUTPUTS)
    values, profiles = stack["Values"], client("route53profiles")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    found = profiles.get_profile(ProfileId=values["Id"])["Profile"]
    assert (found["Arn"], found["Name"], found["Status"]) == (values["Arn"], "names", "COMPLETE")
    assert profiles.list_tags_for_resource(ResourceArn=values["Arn"])["Tags"]["team"] == "search"
    assert values["Id"] in [each["Id"] for each in profiles.list_profiles()["ProfileSummaries"]]
    (association,) = profiles.list_profile_associations(ResourceId=values["Spoke"])["ProfileAssociations"]
    assert (association["Id"], association["ProfileId"]) == (values["Association"], values["Id"])
    assert profiles.get_profile_association(ProfileAssociationId=association["Id"])["ProfileAssociation"] == association
    (resource,) = profiles.list_profile_resource_associations(ProfileId=values["Id"])["ProfileResourceAssociations"]
    assert resource["Id"] == values["Resource"]
    assert resource["ResourceArn"] == f"arn:aws:route53:::hostedzone/{values['Zone']}"
    one = profiles.get_profile_resource_association(ProfileResourceAssociationId=resource["Id"])
    assert one["ProfileResourceAssociation"] == resource


def test_an_association_cannot_be_renamed_as_its_replacement_comes_first(
    deploy: Deploy, client: Client, shared: Resources
) -> None:
    stack = deploy(shared, OUTPUTS)
    shared["OfSpoke"]["Properties"]["Name"] = "renamed"
    assert deploy(shared, OUTPUTS, name=stack["StackName"])["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    asked = {"ResourceId": stack["Values"]["Spoke"]}
    (kept,) = client("route53profiles").list_profile_associations(**asked)["ProfileAssociations"]
    assert kept["Id"] == stack["Values"]["Association"]
    unnamed = {key: each for key, each in shared.items() if key != "OfSpoke"}
    deploy(unnamed, {"Id": OUTPUTS["Id"]}, name=stack["StackName"])
    assert client("route53profiles").list_profile_associations(**asked)["ProfileAssociations"] == []


def test_a_vpc_has_one_profile(deploy: Deploy, client: Client, shared: Resources) -> None:
    values, profiles = deploy(shared, OUTPUTS)["Values"], client("route53profiles")
    other = profiles.create_profile(Name="other", ClientToken="other")["Profile"]["Id"]

    def associate() -> Any:
        return profiles.associate_profile(Name="other", ProfileId=other, ResourceId=values["Spoke"])

    assert refused(associate) == "ResourceExistsException"
    assert refused(lambda: profiles.delete_profile(ProfileId=values["Id"])) == "ConflictException"
    profiles.disassociate_profile(ProfileId=values["Id"], ResourceId=values["Spoke"])
    associate()
    (found,) = profiles.list_profile_associations(ResourceId=values["Spoke"])["ProfileAssociations"]
    assert found["ProfileId"] == other


def test_a_second_association_of_a_vpc_rolls_a_template_back(deploy: Deploy, shared: Resources) -> None:
    second = {**shared["OfSpoke"], "DependsOn": "OfSpoke"}
    assert deploy({**shared, "Second": second})["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_profile_takes_what_is_there_and_once(deploy: Deploy, client: Client, shared: Resources) -> None:
    values, profiles = deploy(shared, OUTPUTS)["Values"], client("route53profiles")
    zone = f"arn:aws:route53:::hostedzone/{values['Zone']}"

    def add(arn: str) -> Any:
        return profiles.associate_resource_to_profile(Name="more", ProfileId=values["Id"], ResourceArn=arn)

    assert refused(lambda: add(zone)) == "ConflictException"
    assert refused(lambda: add("arn:aws:route53:::hostedzone/Z0")) == "ResourceNotFoundException"
    assert refused(lambda: add("arn:aws:s3:::bucket")) == "InvalidParameterException"
    profiles.disassociate_resource_from_profile(ProfileId=values["Id"], ResourceArn=zone)
    assert profiles.list_profile_resource_associations(ProfileId=values["Id"])["ProfileResourceAssociations"] == []
    add(zone)
    resolver = client("route53resolver")
    rule = resolver.create_resolver_rule(
        CreatorRequestId="profile", RuleType="FORWARD", DomainName="corp.example.com", TargetIps=[{"Ip": "10.9.0.53"}]
    )["ResolverRule"]["Arn"]
    assert add(rule)["ProfileResourceAssociation"]["ResourceType"] == "RESOLVER_RULE"
    assert refused(lambda: profiles.get_profile(ProfileId="rp-0")) == "ResourceNotFoundException"
