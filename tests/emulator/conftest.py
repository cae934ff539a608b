import itertools
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stack_sets import InstanceRule
from tests.emulator.stack_sets_support import ACCOUNTS, CLOSED, DELEGATED, FIRST, SECOND, THIRD, Administrator, Set

PINECONE_SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54"
PINECONE_PRIVATE_NAME = "*.private.aped-4627-b74a.pinecone.io"
DEPLOY_SECONDS = 20
ENDED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_COMPLETE")

Deploy = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def embedded_aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(endpoint_services={PINECONE_SERVICE: PINECONE_PRIVATE_NAME}) as aws:
        yield aws


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test on the same server uses."""
    numbers = itertools.count()
    return lambda prefix: f"{prefix}-{os.urandom(4).hex()}-{next(numbers)}"


@pytest.fixture
def deploy(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> Deploy:
    """Deploy resources as a stack and wait; give its description, with the outputs as a mapping."""

    def run(
        resources: dict[str, Any], outputs: dict[str, Any] | None = None, *, name: str = "", **options: Any
    ) -> dict[str, Any]:
        cloudformation = embedded_aws.session(region=options.pop("region", None)).client("cloudformation")
        template = {
            "Resources": resources,
            "Outputs": {key: {"Value": value} for key, value in (outputs or {}).items()},
        }
        act = cloudformation.update_stack if name else cloudformation.create_stack
        name = name or unique("stack")
        act(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"], **options)
        deadline = time.monotonic() + DEPLOY_SECONDS
        stack: dict[str, Any] = {"StackStatus": "never asked"}
        while time.monotonic() < deadline:
            stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
            if stack["StackStatus"] in ENDED:
                break
        stack["Values"] = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        return stack

    return run


def attribute(logical_id: str, name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, name]}


@pytest.fixture
def network() -> dict[str, Any]:
    """A VPC with two subnets and a security group, to put an endpoint into."""
    vpc = {"CidrBlock": "10.9.0.0/16", "EnableDnsSupport": True, "EnableDnsHostnames": True}
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": attribute("Vpc", "CidrBlock")}
    nothing = {"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"}
    subnets = {
        f"Subnet{zone.upper()}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"10.9.{number}.0/24",
                "AvailabilityZone": f"us-east-1{zone}",
            },
        }
        for number, zone in enumerate("ab")
    }
    group = {
        "GroupDescription": "clients",
        "VpcId": {"Ref": "Vpc"},
        "SecurityGroupIngress": [rule],
        "SecurityGroupEgress": [nothing],
    }
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": vpc},
        **subnets,
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": group},
    }


@pytest.fixture
def endpoint() -> dict[str, Any]:
    """An interface endpoint to Pinecone in that network."""
    return {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcEndpointType": "Interface",
            "ServiceName": PINECONE_SERVICE,
            "VpcId": {"Ref": "Vpc"},
            "SubnetIds": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}],
            "SecurityGroupIds": [attribute("Group", "GroupId")],
            "PrivateDnsEnabled": True,
            "Tags": [{"Key": "team", "Value": "search"}],
        },
    }


Client = Callable[..., Any]
COMMON_ERRORS = ("AccessDenied", "UnknownOperation", "ValidationError", "InsufficientCapabilities")


@pytest.fixture
def client(embedded_aws: EmbeddedAws) -> Client:
    """Clients whose answers are held against botocore's model of the service, beyond what they parse."""

    def make(service: str, account: str | None = None, *, region: str | None = None) -> Any:
        return held(embedded_aws.session(account, region=region).client(service))

    return make


def held(made: Any) -> Any:
    """A client whose answers are held against botocore's model of the service."""
    made.meta.events.register("after-call", conform)
    return made


def conform(model: OperationModel, parsed: dict[str, Any], **_: Any) -> None:
    if "Error" in parsed:
        known = {each.error_code if hasattr(each, "error_code") else each.name for each in model.error_shapes}
        code = parsed["Error"]["Code"]
        assert not known or code in known or code.startswith(COMMON_ERRORS), (code, known)
    elif model.output_shape is not None and model.name != "CreateHostedZone":  # a private one has no delegation set
        body = {key: each for key, each in parsed.items() if key != "ResponseMetadata"}
        report = ParamValidator().validate(body, model.output_shape)
        assert not report.has_errors(), report.generate_report()
        if model.service_model.service_name in STRICT:
            assert not list(outside(model.output_shape, body, model.name))


STRICT = ("cloudformation", "organizations")
"""Services whose answers are held against enumerations, patterns and greatest sizes, too."""


def outside(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Whatever does not fit an enumeration, a pattern or the greatest size of the model."""
    if isinstance(shape, StructureShape):
        for name, each in value.items():
            yield from outside(shape.members[name], each, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for each in value:
            yield from outside(shape.member, each, path)
    elif isinstance(value, str):
        metadata = shape.metadata
        if (allowed := metadata.get("enum")) and value not in allowed:
            yield f"{path}: {value} is none of {allowed}"
        if (pattern := metadata.get("pattern")) and not re.search(f"^(?:{pattern})$", value):
            yield f"{path}: {value} does not match {pattern}"
        if len(value) > metadata.get("max", len(value)):
            yield f"{path}: {value} has more than {metadata['max']} characters"


# --- Stack sets ---


@pytest.fixture(scope="session")
def units(embedded_aws: EmbeddedAws) -> dict[str, str]:
    """The IDs of the units of the default account's organization, to which StackSets has access."""
    organization = {"dev": [FIRST, CLOSED], "dev/team": [SECOND], "prod": [THIRD, DELEGATED]}
    made = embedded_aws.organize(organization)
    embedded_aws.session().client("cloudformation").activate_organizations_access()
    organizations = embedded_aws.session().client("organizations")
    organizations.close_account(AccountId=CLOSED)
    organizations.register_delegated_administrator(
        AccountId=DELEGATED, ServicePrincipal="member.org.stacksets.cloudformation.amazonaws.com"
    )
    return made


@pytest.fixture(scope="session")
def self_managed(embedded_aws: EmbeddedAws) -> dict[str, Any]:
    """Roles for self-managed sets in the default account and two targets. Returns the names of the roles."""
    trusted_service = {"Service": "cloudformation.amazonaws.com"}
    administrator = f"arn:aws:iam::{embedded_aws.account}:role/Fleet-Administration"
    for account, name, trusted, allowed in (
        (embedded_aws.account, "Fleet-Administration", trusted_service, "sts:AssumeRole"),
        (FIRST, "Fleet-Execution", {"AWS": administrator}, "*"),
        (SECOND, "Fleet-Execution", {"AWS": administrator}, "*"),
    ):
        iam = embedded_aws.session(account).client("iam")
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy(trust)))
        statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(policy(statement)))
    return {"AdministrationRoleARN": administrator, "ExecutionRoleName": "Fleet-Execution"}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture
def fleet(client: Client, units: dict[str, str]) -> Administrator:
    """Service-managed sets of the default account."""
    assert units
    return Administrator(client("cloudformation"))


@pytest.fixture
def rules(embedded_aws: EmbeddedAws) -> Iterator[Callable[[InstanceRule], None]]:
    """Rules about instances, for one test."""
    yield embedded_aws.add_instance_rule
    embedded_aws.clear_instance_rules()


@pytest.fixture(scope="session")
def unit(embedded_aws: EmbeddedAws, units: dict[str, str]) -> str:
    """A unit with four accounts."""
    assert units
    return embedded_aws.organize({"operations": ACCOUNTS})["operations"]


@pytest.fixture
def make(fleet: Administrator, unit: str, unique: Callable[[str], str]) -> Callable[..., Set]:
    return lambda **given: Set(fleet, unit, unique("ops"), **given)


@pytest.fixture
def hold(embedded_aws: EmbeddedAws) -> Iterator[Callable[..., Callable[[], None]]]:
    """Let instances wait; what it returns lets them go on."""

    def held(**place: str) -> Callable[[], None]:
        embedded_aws.add_instance_rule(InstanceRule("hold", **place))  # pyrefly: ignore[bad-argument-type]
        return embedded_aws.clear_instance_rules

    yield held
    embedded_aws.clear_instance_rules()
