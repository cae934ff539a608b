"""The changes between two filled-in templates, as a change set would have them."""

from typing import Any

from pinekeep.operations.fleet.local_changes import local_changes
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement

STACK = "Pinekeep-search-Cmek"
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "a", "Description": "b"}, "DeletionPolicy": "Retain"}


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    return local_changes(STACK, {"Resources": before}, {"Resources": after})


def with_properties(resource: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **given}}


def test_nothing_changes_where_scalars_are_the_same_texts() -> None:
    before = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": True, "Days": 30, "List": [1, {"a": False}]}}}
    after = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": "true", "Days": "30", "List": ["1", {"a": "false"}]}}
    }
    assert changes(before, after) == ()
    assert changes({}, {}) == ()
    assert local_changes(STACK, {}, {}) == ()


def test_a_resource_is_added_or_removed() -> None:
    (added,) = changes({}, {"Role": ROLE})
    assert (added.action, added.type, added.stack, added.logical_id) == (Action.ADD, "AWS::IAM::Role", STACK, "Role")
    (removed,) = changes({"Role": ROLE}, {})
    assert (removed.action, removed.retained) == (Action.REMOVE, True)
    (deleted,) = changes({"Role": {**ROLE, "DeletionPolicy": "Delete"}}, {})
    assert not deleted.retained


def test_a_property_changes_with_or_without_a_replacement() -> None:
    (changed,) = changes({"Role": ROLE}, {"Role": with_properties(ROLE, Description="c")})
    assert (changed.action, changed.replacement) == (Action.MODIFY, Replacement.NEVER)
    assert changed.details == (
        PropertyChange(attribute="Properties", name="Description", recreation="Never", before="b", after="c"),
    )
    retained = {**with_properties(ROLE, RoleName="c"), "UpdateReplacePolicy": "Retain"}
    (replaced,) = changes({"Role": {**ROLE, "UpdateReplacePolicy": "Retain"}}, {"Role": retained})
    assert (replaced.replacement, replaced.retained) == (Replacement.ALWAYS, True)
    (sometimes,) = changes(
        {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"InstanceTenancy": "default"}}},
        {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"InstanceTenancy": "dedicated"}}},
    )
    assert sometimes.replacement is Replacement.MAYBE


def test_tags_policies_and_another_type() -> None:
    (tagged,) = changes({"Role": ROLE}, {"Role": with_properties(ROLE, Tags=[{"Key": "a", "Value": "b"}])})
    assert [(each.attribute, each.name) for each in tagged.details] == [("Tags", None)]
    (kept,) = changes({"Role": ROLE}, {"Role": {**ROLE, "DeletionPolicy": "Delete", "DependsOn": ["Key"]}})
    assert [(each.attribute, each.before, each.after) for each in kept.details] == [
        ("DeletionPolicy", "Retain", "Delete")
    ]
    (other,) = changes({"Role": ROLE}, {"Role": {**ROLE, "Type": "AWS::IAM::Policy"}})
    assert other.replacement is Replacement.ALWAYS


def test_what_refers_to_a_replaced_resource_follows_it() -> None:
    def network(cidr: str) -> dict[str, Any]:
        return {
            "Endpoint": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "SubnetIds": [{"Ref": "Subnet"}]},
            },
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::GetAtt": ["Vpc", "VpcId"]}}},
            "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"VPCs": [{"VPCId": {"Fn::Sub": "${Vpc}"}}]}},
            "Alone": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": "vpc-1"}},
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}},
        }

    found = {each.logical_id: each for each in changes(network("10.0.0.0/16"), network("10.1.0.0/16"))}
    assert list(found) == ["Endpoint", "Subnet", "Zone", "Vpc"]
    assert {name: each.replacement for name, each in found.items()} == {
        "Endpoint": Replacement.ALWAYS,
        "Subnet": Replacement.ALWAYS,
        "Zone": Replacement.NEVER,
        "Vpc": Replacement.ALWAYS,
    }
    causes = {each.name: each.causes for each in found["Endpoint"].details}
    assert causes == {"VpcId": "Vpc", "SubnetIds": "Subnet"}
