"""The constructs beside others: twice in a stack, in VPCs of all kinds, with tags, aspects and grants."""

from typing import Any, cast

import jsii
import pytest
from aws_cdk import Aspects, CfnResource, Fn, IAspect, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from tests.constructs import support
from tests.constructs.support import EVERY, app, refused, stack
from tests.stacks.support import ACCOUNT, REGION, SUBNETS, VPC, Made, foreign_stack, made_in


def everything(scope: Stack) -> None:
    """Make one of each."""
    role = support.role(scope, role_name="pinecone")
    support.key(scope, key_user=role)
    network = support.vpc(scope)
    endpoint = support.endpoint(scope, vpc=network.vpc, client_cidrs=["10.20.0.0/16"])
    support.zone(scope, vpc_ids=[network.vpc_id], endpoint_dns_name=endpoint.dns_name)
    support.customer_keys(scope)


def test_the_logical_ids_never_change() -> None:
    """CloudFormation replaces what has another logical ID; Pinecone knows role, key and endpoint by theirs in AWS."""
    there = foreign_stack()
    everything(there)
    assert {name: resource["Type"].rpartition(":")[2] for name, resource in made_in(there).resources.items()} == {
        "Role1ABCC5F0": "Role",
        "Key961B73FD": "Key",
        "KeyAlias6C2E2031": "Alias",
        "Vpc8378EB38": "VPC",
        "VpcRouteTableCE22F437": "RouteTable",
        "VpcSubnetA2FC0B085": "Subnet",
        "VpcRoutesA380C9E10": "SubnetRouteTableAssociation",
        "VpcSubnetB07FD7540": "Subnet",
        "VpcRoutesB41E415C7": "SubnetRouteTableAssociation",
        "VpcFlowLogGroupB9DE2998": "LogGroup",
        "VpcFlowLogRole06192D49": "Role",
        "VpcFlowLogPolicy2B7A1012": "ManagedPolicy",
        "VpcFlowLog4AEC73A1": "FlowLog",
        "EndpointSecurityGroupD39BAD7A": "SecurityGroup",
        "EndpointEEF1FD8F": "VPCEndpoint",
        "ZoneA5DE4B68": "HostedZone",
        "ZoneWildcard39B25748": "RecordSet",
        "CustomersPolicy1D7BDC31C": "ManagedPolicy",
    }


# --- Twice in one stack ---

ONE_RULE = "EventBridge has one rule of a name on a bus, and pinekeep.search. begins the names of these"


@pytest.mark.parametrize("name", EVERY)
def test_the_same_id_twice_is_refused(name: str) -> None:
    there = foreign_stack()
    EVERY[name](there, "Theirs")
    said = refused(lambda: EVERY[name](there, "Theirs"))
    assert said.message == "Foreign/Theirs: Foreign has a construct with the ID 'Theirs' already"
    assert said.hint.startswith("give this one another ID")


@pytest.mark.parametrize(
    ("name", "props", "message"),
    [
        ("PineconeRole", {"role_name": "pinecone"}, "role_name: {}; IAM has one role named pinecone in an account"),
        ("EncryptionKey", {}, "alias: {}; KMS has one alias/pinecone/search in an account and Region"),
        ("InterfaceEndpoint", {}, "private_dns: {}; in a VPC one endpoint answers for Pinecone's private names"),
        ("PrivateZone", {}, "vpc_ids: {}; Route 53 associates a VPC with one hosted zone of a name"),
        ("SlackChannel", {}, "name: {}; an account has one configuration named pinecone"),
        ("EventNotifications", {}, f"watched: {{}}; {ONE_RULE}"),
        ("EventForwarding", {}, f"watched: {{}}; {ONE_RULE}"),
        ("CustomerKeysAccess", {}, "policy_name: {}; IAM has one managed policy named pinecone-keys-1 in an account"),
    ],
)
def test_what_aws_has_only_once_is_refused_the_second_time(name: str, props: dict[str, Any], message: str) -> None:
    there = foreign_stack()
    EVERY[name](Construct(there, "Group"), "One", **props)
    said = refused(lambda: EVERY[name](there, "Two", **props))
    assert said.message == f"Foreign/Two: {message.format('another construct of stack Foreign has the same')}"


@pytest.mark.parametrize(
    ("name", "props"),
    [
        ("PineconeRole", {}),
        ("PineconeRole", {"role_name": "other"}),
        ("EncryptionKey", {"alias": "alias/other"}),
        ("InterfaceEndpoint", {"private_dns": False}),
        ("InterfaceEndpoint", {"vpc_id": "vpc-0a1b2c3d4e5f60799"}),
        ("PrivateZone", {"vpc_ids": ["vpc-0a1b2c3d4e5f60799"]}),
        ("IsolatedVpc", {}),
        ("CustomerKeysAccess", {"policy_name": "other-keys"}),
    ],
)
def test_two_that_differ_stand_in_one_stack(name: str, props: dict[str, Any]) -> None:
    alone, there = foreign_stack(), foreign_stack()
    EVERY[name](alone, "One")
    EVERY[name](there, "One")
    EVERY[name](there, "Two", **props)
    assert len(made_in(there).resources) == 2 * len(made_in(alone).resources)


def test_the_same_name_in_two_stacks_is_not_looked_at() -> None:
    """They may be for two accounts, or for one after the other."""
    both = app()
    for name in ("One", "Two"):
        support.role(stack(both, name), role_name="pinecone")


# --- A VPC that is there ---


def imported(scope: Construct, **attributes: Any) -> ec2.IVpc:
    found: dict[str, Any] = {
        "vpc_id": VPC,
        "availability_zones": [f"{REGION}a", f"{REGION}b"],
        "private_subnet_ids": SUBNETS,
    }
    return ec2.Vpc.from_vpc_attributes(scope, "Existing", **(found | attributes))


def test_an_imported_vpc_gives_one_subnet_in_each_zone() -> None:
    there = foreign_stack()
    support.endpoint(there, vpc=imported(there))
    properties = made_in(there).only("AWS::EC2::VPCEndpoint")
    assert (properties["VpcId"], properties["SubnetIds"]) == (VPC, SUBNETS)


def test_of_several_subnets_in_a_zone_one_is_taken() -> None:
    there = foreign_stack()
    three = [*SUBNETS, "subnet-0a1b2c3d4e5f60720", "subnet-0a1b2c3d4e5f60721"]
    support.endpoint(there, vpc=imported(there, private_subnet_ids=three))
    assert len(made_in(there).only("AWS::EC2::VPCEndpoint")["SubnetIds"]) == 2


def test_a_vpc_that_is_looked_up_passes_before_and_after_the_look_up() -> None:
    there = stack(app(), "Theirs")
    support.endpoint(there, vpc=ec2.Vpc.from_lookup(there, "Existing", vpc_id=VPC))
    made = made_in(there).only("AWS::EC2::VPCEndpoint")
    assert made["VpcId"] == "vpc-12345", "the CDK stands in for a VPC that it has not looked up"


def test_a_vpc_of_the_same_app_is_referred_to() -> None:
    there = foreign_stack()
    theirs = ec2.Vpc(there, "Theirs", max_azs=2, nat_gateways=0)
    isolated = theirs.select_subnets(subnet_type=ec2.SubnetType.PUBLIC).subnets
    support.endpoint(there, vpc=theirs, subnets=isolated, client_cidrs=[theirs.vpc_cidr_block])
    made = made_in(there)
    (vpc_id,) = made.of_type("AWS::EC2::VPC")
    assert made.only("AWS::EC2::VPCEndpoint")["VpcId"] == {"Ref": vpc_id}
    assert len(made.only("AWS::EC2::VPCEndpoint")["SubnetIds"]) == 2


def test_the_isolated_vpc_is_given_to_others() -> None:
    there = foreign_stack()
    network = support.vpc(there)
    assert network.vpc is network.vpc
    assert network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids == network.subnet_ids
    group = ec2.SecurityGroup(there, "Clients", vpc=network.vpc)
    support.endpoint(there, vpc=network.vpc, client_security_group_ids=[group.security_group_id])
    made = made_in(there)
    assert len(made.of_type("AWS::EC2::SecurityGroup")) == 2


def test_a_vpc_of_one_zone_is_refused() -> None:
    there = foreign_stack()
    one = imported(there, availability_zones=[f"{REGION}a"], private_subnet_ids=SUBNETS[:1])
    said = refused(lambda: support.endpoint(there, vpc=one))
    assert said.message == "Foreign/Endpoint: vpc: subnets in at least 2 Availability Zones are needed, got 1"


def test_two_subnets_of_one_zone_are_refused() -> None:
    there = foreign_stack()
    subnets = [
        ec2.Subnet.from_subnet_attributes(there, f"S{number}", subnet_id=subnet_id, availability_zone=f"{REGION}a")
        for number, subnet_id in enumerate(SUBNETS)
    ]
    said = refused(lambda: support.endpoint(there, vpc=imported(there), subnets=subnets))
    assert (
        said.message == "Foreign/Endpoint: subnets: two subnets are in us-east-1a; an endpoint takes one in each zone"
    )


def test_subnets_by_their_ids_alone_pass_where_there_are_two() -> None:
    there = foreign_stack()
    subnets = [ec2.Subnet.from_subnet_id(there, f"S{number}", each) for number, each in enumerate(SUBNETS)]
    support.endpoint(there, vpc=imported(there), subnets=subnets)
    assert made_in(there).only("AWS::EC2::VPCEndpoint")["SubnetIds"] == SUBNETS


def test_one_subnet_by_its_id_alone_is_refused() -> None:
    there = foreign_stack()
    one = [ec2.Subnet.from_subnet_id(there, "One", SUBNETS[0])]
    said = refused(lambda: support.endpoint(there, vpc=imported(there), subnets=one))
    assert said.message.startswith("Foreign/Endpoint: subnets: subnets in at least 2 Availability Zones are needed, ")


@pytest.mark.parametrize("props", [{"vpc_id": VPC}, {"subnet_ids": SUBNETS}])
def test_a_vpc_is_given_in_one_way(props: dict[str, Any]) -> None:
    there = foreign_stack()
    said = refused(lambda: support.endpoint(there, vpc=imported(there), **props))
    assert "vpc: the VPC is given in one of two ways" in said.message


def test_subnets_of_a_list_that_is_known_when_deployed_pass() -> None:
    there = foreign_stack()
    support.endpoint(there, vpc_id=Fn.import_value("Vpc"), subnet_ids=Fn.split(",", Fn.import_value("Subnets"), 2))
    assert "Fn::Split" in str(made_in(there).only("AWS::EC2::VPCEndpoint")["SubnetIds"])


def test_a_client_is_added_by_the_endpoints_connections() -> None:
    there = foreign_stack()
    vpc = imported(there)
    endpoint = support.endpoint(there, vpc=vpc)
    client = ec2.SecurityGroup(there, "Client", vpc=vpc)
    endpoint.connections.allow_default_port_from(cast(ec2.IConnectable, client))
    assert endpoint.connections is endpoint.connections
    rule = made_in(there).only("AWS::EC2::SecurityGroupIngress")
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (443, 443, "tcp")


# --- Tags and aspects ---

TAGLESS = {
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::IAM::ManagedPolicy",
    "AWS::KMS::Alias",
    "AWS::Route53::RecordSet",
}


def test_tags_of_the_stack_reach_all_that_takes_tags_and_leave_the_names() -> None:
    there = foreign_stack()
    everything(there)
    Tags.of(there).add("team", "search")
    found: dict[str, dict[str, str]] = {}
    for name, resource in made_in(there).resources.items():
        if resource["Type"] not in TAGLESS:
            properties = resource["Properties"]
            tags = properties.get("Tags") or properties.get("HostedZoneTags") or []
            found[name] = {tag["Key"]: tag["Value"] for tag in tags}
    assert [name for name, tags in found.items() if tags.get("team") != "search"] == []
    assert found["EndpointEEF1FD8F"]["Name"] == "pinecone"


@jsii.implements(IAspect)
class Retained:
    """What an organization does to every resource."""

    def __init__(self) -> None:
        self.visited: list[str] = []

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, CfnResource):
            self.visited.append(node.cfn_resource_type)
            node.add_metadata("reviewed", "yes")


def test_aspects_visit_every_resource_and_their_changes_last() -> None:
    there = foreign_stack()
    everything(there)
    retained = Retained()
    Aspects.of(there).add(cast(IAspect, retained))
    resources = made_in(there).resources
    assert all(each["Metadata"]["reviewed"] == "yes" for each in resources.values())
    assert sorted(retained.visited) == sorted(each["Type"] for each in resources.values())


def test_a_permissions_boundary_of_the_whole_app_reaches_the_roles() -> None:
    there = foreign_stack()
    everything(there)
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    iam.PermissionsBoundary.of(there).apply(iam.ManagedPolicy.from_managed_policy_arn(there, "Boundary", boundary))
    roles = made_in(there).of_type("AWS::IAM::Role").values()
    assert [each["Properties"]["PermissionsBoundary"] for each in roles] == [boundary] * 2


# --- Grants ---


def test_the_role_is_a_grantee_and_a_role_to_others() -> None:
    there = foreign_stack()
    role = support.role(there)
    bucket = s3.Bucket(there, "Bucket")
    bucket.grant_read(cast(iam.IGrantable, role))
    bucket.grant_put(role.role)
    role.role.add_to_principal_policy(iam.PolicyStatement(actions=["sns:Publish"], resources=["*"]))
    made = made_in(there)
    (role_id,) = made.of_type("AWS::IAM::Role")
    policy = made.only("AWS::IAM::Policy")
    assert policy["Roles"] == [{"Ref": role_id}]
    assert "sns:Publish" in str(policy["PolicyDocument"])
    assert "s3:GetObject*" in str(policy["PolicyDocument"])
    trust = made.only("AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert [each["Sid"] for each in trust] == ["AllowPineconeToAssumeTheRole"], "nobody else may assume the role"


def test_any_role_may_be_the_key_user() -> None:
    there = foreign_stack()
    theirs = iam.Role.from_role_name(there, "Theirs", "theirs")
    support.key(there, key_user=theirs)
    user = made_in(there).only("AWS::KMS::Key")["KeyPolicy"]["Statement"][1]["Principal"]["AWS"]
    assert user == there.resolve(theirs.role_arn)


def statements(made: Made) -> list[dict[str, Any]]:
    return list(made.only("AWS::KMS::Key")["KeyPolicy"]["Statement"])


@pytest.fixture(scope="module")
def needed() -> list[dict[str, Any]]:
    """The statements of a key that nobody else was given."""
    there = foreign_stack()
    support.key(there)
    return statements(made_in(there))


def test_to_give_the_key_away_changes_nothing_in_its_policy(needed: list[dict[str, Any]]) -> None:
    there = foreign_stack()
    given = support.key(there)
    s3.Bucket(there, "Bucket", encryption_key=given.key)
    assert statements(made_in(there)) == needed
    assert there.resolve(given.key.key_arn) == there.resolve(given.key_arn)


def test_a_grant_in_the_account_goes_to_the_grantee_alone(needed: list[dict[str, Any]]) -> None:
    there = foreign_stack()
    key = support.key(there)
    user = iam.Role(there, "User", assumed_by=cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com")))
    key.key.grant_encrypt_decrypt(cast(iam.IGrantable, user))
    made = made_in(there)
    assert statements(made) == needed
    (statement,) = made.only("AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    assert sorted(statement["Action"]) == ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


def test_a_service_stands_behind_the_statements_that_pinecone_needs(needed: list[dict[str, Any]]) -> None:
    there = foreign_stack()
    key = support.key(there)
    logs = cast(iam.IPrincipal, iam.ServicePrincipal("logs.amazonaws.com"))
    key.key.add_to_resource_policy(
        iam.PolicyStatement(sid="Logs", principals=[logs], actions=["kms:Encrypt"], resources=["*"])
    )
    found = statements(made_in(there))
    assert found[:-1] == needed
    assert found[-1]["Sid"] == "Logs"


def test_the_interfaces_are_the_cdks() -> None:
    there = foreign_stack()
    assert isinstance(support.role(there).role, iam.Role)
    assert isinstance(support.key(there).key, kms.Key)
