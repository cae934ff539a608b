"""Stacks without an environment, in Regions and partitions without Pinecone, in stages, in two Regions of one app."""

import pytest
from aws_cdk import App, CfnOutput, Environment, Stack, Stage
from aws_cdk.assertions import Match, Template

from tests.constructs import support
from tests.constructs.support import EVERY, app, refused, stack
from tests.stacks.support import ACCOUNT, foreign_stack, made_in

SERVICE = "com.amazonaws.vpce.eu-west-1.vpce-svc-03c6b7e17ff02a70f"
ZONE = "private.apu-57e2-42f6.pinecone.io"
BY_REGION = {
    "InterfaceEndpoint": ("endpoint", "service name", {"service_name": SERVICE}),
    "PrivateZone": ("zone", "zone name", {"zone_name": ZONE}),
}
"""The constructs with a value that differs by Region, and the prop that gives it."""
OF_PINECONES_REGION = ("EncryptionKey", "InterfaceEndpoint", "PrivateZone")


# --- A Region that is not known ---


@pytest.mark.parametrize("name", [name for name in EVERY if name not in BY_REGION])
def test_without_an_environment_a_construct_makes_the_same(name: str) -> None:
    agnostic, concrete = foreign_stack(region=None), foreign_stack()
    for each in (agnostic, concrete):
        EVERY[name](each, "Theirs")
    resources = [list(made_in(each).resources.items()) for each in (agnostic, concrete)]
    for (name_of_one, one), (name_of_other, other) in zip(*resources, strict=True):
        assert name_of_one == name_of_other
        assert one["Type"] == other["Type"]


def test_without_an_environment_account_and_region_are_left_to_cloudformation() -> None:
    without = foreign_stack(region=None)
    support.key(without)
    (root, *_) = made_in(without).only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert root["Principal"]["AWS"] == {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}


@pytest.mark.parametrize("name", BY_REGION)
def test_a_value_that_differs_by_region_is_asked_for_where_the_region_is_not_known(name: str) -> None:
    _, what, props = BY_REGION[name]
    (instead,) = props
    said = refused(lambda: EVERY[name](foreign_stack(region=None), "Theirs"))
    assert said.message == (
        "Foreign/Theirs: the Region of stack Foreign is not known at synthesis, and Pinecone's "
        f"{what} differs by Region"
    )
    assert said.hint == (
        f'give region="us-east-1" (the Region that you deploy to), or {instead}, or give the stack '
        'env=Environment(region="us-east-1")'
    )


@pytest.mark.parametrize("by", ["region", "value"])
def test_the_region_or_the_value_itself_can_be_given(by: str) -> None:
    without = foreign_stack(region=None)
    for name, (_, _, props) in BY_REGION.items():
        EVERY[name](without, name, **({"region": "eu-west-1"} if by == "region" else props))
    made = made_in(without)
    assert made.only("AWS::EC2::VPCEndpoint")["ServiceName"] == SERVICE
    assert made.only("AWS::Route53::HostedZone")["Name"] == ZONE
    (associated,) = made.only("AWS::Route53::HostedZone")["VPCs"]
    assert associated["VPCRegion"] == ("eu-west-1" if by == "region" else {"Ref": "AWS::Region"})


# --- Regions and partitions without Pinecone ---


@pytest.mark.parametrize("name", EVERY)
def test_a_region_without_pinecone_is_refused_where_pinecone_would_be_there(name: str) -> None:
    there = stack(app(), "Theirs", "eu-north-1")
    props = {"availability_zones": ["eu-north-1a", "eu-north-1b"]} if name == "IsolatedVpc" else {}
    if name == "EventForwarding":
        said = refused(lambda: EVERY[name](there, "Part", **props))
        assert said.message.startswith("Theirs/Part: env: the events of global services reach us-east-1 alone, ")
        return
    if name not in OF_PINECONES_REGION:
        EVERY[name](there, "Part", **props)
        return
    said = refused(lambda: EVERY[name](there, "Part", **props))
    assert said.message.startswith("Theirs/Part: env: Pinecone does not run in 'eu-north-1'; it runs in us-east-1, ")
    assert said.code == "region-without-pinecone"


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_a_stack_of_another_partition_is_refused(name: str, region: str, partition: str) -> None:
    there = stack(app(), "Theirs", region)
    said = refused(lambda: EVERY[name](there, "Part"))
    assert said.message.startswith(f"Theirs/Part: env: {region} is in partition {partition} (AWS ")
    assert said.message.endswith("; Pinecone runs in partition aws alone")
    assert said.hint.endswith("and an account of partition aws")


def test_a_misspelled_region_is_guessed() -> None:
    there = stack(app(), "Theirs", "us-est-1")
    assert refused(lambda: support.endpoint(there)).hint == "did you mean us-east-1?"


# --- Stages ---


def test_in_a_stage_all_of_them_work_and_take_its_environment() -> None:
    stage = Stage(app(), "Production", env=Environment(account=ACCOUNT, region="us-west-2"))
    first = Stack(stage, "Keys")
    role = support.role(first, role_name="pinecone")
    support.key(first, key_user=role)
    network = support.vpc(first, availability_zones=["us-west-2a", "us-west-2b"])
    endpoint = support.endpoint(Stack(stage, "Network"), vpc=network.vpc)
    support.zone(Stack(stage, "Dns"), vpc_ids=[network.vpc_id], endpoint_dns_name=endpoint.dns_name)
    assembly = stage.synth()
    assert [each.stack_name for each in assembly.stacks] == ["Production-Keys", "Production-Network", "Production-Dns"]
    (network_template,) = [each.template for each in assembly.stacks if each.stack_name == "Production-Network"]
    (made,) = [each for each in network_template["Resources"].values() if each["Type"] == "AWS::EC2::VPCEndpoint"]
    assert ".us-west-2." in made["Properties"]["ServiceName"]


def test_a_refusal_in_a_stage_names_the_whole_path() -> None:
    stage = Stage(app(), "Production", env=Environment(account=ACCOUNT, region="eu-north-1"))
    there = Stack(stage, "Keys")
    assert refused(lambda: support.key(there)).message.startswith("Production/Keys/Key: env: ")


def test_the_same_name_stands_in_the_stacks_of_two_stages() -> None:
    both = app()
    for name in ("One", "Two"):
        support.role(stack(Stage(both, name), "Keys"), role_name="pinecone")


# --- A role in one Region, its key in another ---


def two_regions(*, cross_region_references: bool, role_name: str | None = "pinecone", by: str = "role") -> App:
    """Return an app with a role in one Region and a key in another."""
    both = app()
    ours = stack(both, "Role", "us-east-1", cross_region_references=cross_region_references)
    theirs = stack(both, "Key", "eu-west-1", cross_region_references=cross_region_references)
    role = support.role(ours, role_name=role_name)
    support.key(theirs, key_user=role if by == "role" else role.role_arn)
    return both


@pytest.mark.parametrize("by", ["role", "ARN"])
@pytest.mark.parametrize("cross_region_references", [False, True])
def test_a_named_role_of_another_region_is_in_the_key_policy_by_its_arn(cross_region_references: bool, by: str) -> None:
    both = two_regions(cross_region_references=cross_region_references, by=by)
    assembly = both.synth()
    role, key = (assembly.get_stack_by_name(name) for name in ("Role", "Key"))
    assert {each["Type"] for each in key.template["Resources"].values()} == {"AWS::KMS::Key", "AWS::KMS::Alias"}
    assert {each["Type"] for each in role.template["Resources"].values()} == {"AWS::IAM::Role"}
    users = [
        statement["Principal"]["AWS"]
        for each in key.template["Resources"].values()
        if each["Type"] == "AWS::KMS::Key"
        for statement in each["Properties"]["KeyPolicy"]["Statement"][1:]
    ]
    assert users == [f"arn:aws:iam::{ACCOUNT}:role/pinecone"] * 2
    if by == "role":
        assert "Role" in {each.id for each in key.dependencies}, "KMS refuses a policy that names a role not yet made"


def test_a_role_with_a_path_has_it_in_its_arn_elsewhere() -> None:
    both = app()
    role = support.role(stack(both, "Role"), role_name="pinecone", path="/delegated/")
    elsewhere = stack(both, "Elsewhere", "eu-west-1")
    CfnOutput(elsewhere, "Arn", value=role.role_arn)
    assert made_in(elsewhere).outputs == {"Arn": f"arn:aws:iam::{ACCOUNT}:role/delegated/pinecone"}


def test_in_its_own_region_a_role_of_another_stack_is_a_reference() -> None:
    both = app()
    role = support.role(stack(both, "Role"), role_name="pinecone")
    there = stack(both, "Key")
    support.key(there, key_user=role)
    users = made_in(there).only("AWS::KMS::Key")["KeyPolicy"]["Statement"][1]["Principal"]["AWS"]
    assert list(users) == ["Fn::ImportValue"]


def test_a_role_without_a_name_is_no_way_to_another_region() -> None:
    both = two_regions(cross_region_references=False, role_name=None)
    with pytest.raises(RuntimeError, match="physical name must be explicit set"):
        both.synth()


def test_in_stacks_without_an_environment_the_reference_stays() -> None:
    both = app()
    role = support.role(stack(both, "Role", None), role_name="pinecone")
    there = stack(both, "Key", None)
    support.key(there, key_user=role)
    Template.from_stack(there).has_resource_properties(
        "AWS::KMS::Key",
        {"KeyPolicy": {"Statement": Match.array_with([Match.object_like({"Sid": "AllowUseOfTheKey"})])}},
    )
