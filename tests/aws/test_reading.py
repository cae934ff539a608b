import re
from collections.abc import Callable
from threading import Barrier, Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.aws.clients import Clients
from pinekeep.aws.live import FIELDS, Live, LiveRole, Unreadable
from pinekeep.aws.reading import output_of, physical_ids, plain_name, read_live
from pinekeep.config import Deployment
from pinekeep.config.derived import customer_keys_of
from pinekeep.customers.packing import pack
from pinekeep.errors import AwsRefusedError
from pinekeep.naming import Output

KEY = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
OTHER = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"
NAME = "private.aped-4627-b74a.pinecone.io"
CMEK: dict[str, Any] = {
    "trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"},
}
EXISTING = {"id": "vpc-0a1b2c3d", "subnet_ids": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]}
NEW = {"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}


def deployment(*, cmek: Any = CMEK, vpc: Any = EXISTING, dns: str = "hosted-zone", **link: Any) -> Deployment:
    private_link = {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}, "dns": dns, **link} if vpc else None
    return Deployment.model_validate(
        {"account": "111122223333", "region": "us-east-1", "cmek": cmek, "private_link": private_link}
    )


def stack(**outputs: str) -> dict[str, Any]:
    listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    return {"StackStatus": "CREATE_COMPLETE", "Outputs": listed}


class FakeAws:
    """Answers what it was told to, and notes every call. Also stands in for a session and for a client."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._lock = Lock()
        self.answers: dict[str, Any] = {
            "describe_stacks": lambda StackName: {  # noqa: N803 - AWS's name
                "Stacks": [stack(KeyArn=KEY) if StackName.endswith("Cmek") else stack(VpcEndpointId="vpce-1")]
            },
            "describe_stack_resources": {
                "StackResources": [
                    {"ResourceType": "AWS::EC2::SecurityGroup", "PhysicalResourceId": "sg-1"},
                    {"ResourceType": "AWS::Route53::HostedZone", "PhysicalResourceId": "Z1"},
                ]
            },
            "get_role": {"Role": {"Arn": "role"}},
            "get_policy": lambda PolicyArn: {"Policy": {"Arn": PolicyArn, "DefaultVersionId": "v7"}},  # noqa: N803
            "get_policy_version": lambda PolicyArn, VersionId: {  # noqa: N803
                "PolicyVersion": {"Document": {"Statement": [f"{PolicyArn.rpartition('/')[2]} {VersionId}"]}}
            },
            "list_role_policies": {"PolicyNames": []},
            "list_attached_role_policies": {"AttachedPolicies": []},
            "describe_key": {"KeyMetadata": {"Arn": KEY}},
            "get_key_policy": {"Policy": "{}"},
            "get_key_rotation_status": {"KeyRotationEnabled": True},
            "describe_vpc_endpoints": {
                "VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-9", "Groups": [{"GroupId": "sg-1"}]}]
            },
            "describe_security_groups": {"SecurityGroups": [{"GroupId": "sg-1"}]},
            "describe_vpc_attribute": lambda VpcId, Attribute: {  # noqa: N803
                Attribute[0].upper() + Attribute[1:]: {"Value": VpcId in ("vpc-0a1b2c3d", "vpc-9")}
            },
            "get_hosted_zone": {"HostedZone": {"Name": NAME}, "VPCs": []},
            "list_resource_record_sets": {
                "ResourceRecordSets": [{"Name": f"\\052.{NAME}.", "Type": "A"}, {"Name": "later.", "Type": "A"}]
            },
        }

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name in ("cloudformation", "iam", "kms", "ec2", "route53")
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            with self._lock:
                self.calls.append((operation, arguments))
            answer = self.answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer(**arguments) if callable(answer) else answer

        return call

    def refuse(self, operation: str, code: str, message: str = "") -> None:
        self.answers[operation] = ClientError({"Error": {"Code": code, "Message": message}}, operation)

    def read(self, settings: Deployment) -> Live:
        customers = pack(customer_keys_of(settings)) if settings.cmek and settings.cmek.customer_keys else None
        return read_live(name="prod", deployment=settings, clients=Clients(self, "us-east-1"), customers=customers)

    def operations(self) -> list[str]:
        return sorted(operation for operation, _ in self.calls)


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


@pytest.mark.parametrize("vpc", [EXISTING, NEW])
@pytest.mark.parametrize("clients", [[], ["vpc-9f8e7d6c"]])
def test_a_full_deployment_takes_at_most_fifteen_calls(aws: FakeAws, vpc: Any, clients: list[str]) -> None:
    live = aws.read(deployment(vpc=vpc, client_vpc_ids=clients))
    assert len(aws.calls) == 15
    assert not [field for field in FIELDS if getattr(live, field) is None]


def test_no_call_is_made_twice(aws: FakeAws) -> None:
    aws.read(deployment())
    assert len({str(call) for call in aws.calls}) == len(aws.calls)


def test_every_call_only_reads(aws: FakeAws) -> None:
    aws.read(deployment())
    assert all(re.match("(get|list|describe)_", operation) for operation in aws.operations())


@pytest.mark.parametrize(("dns", "calls"), [("endpoint", 13), ("none", 11)])
def test_what_a_deployment_does_not_have_is_not_read(aws: FakeAws, dns: str, calls: int) -> None:
    live = aws.read(deployment(dns=dns))
    assert len(aws.calls) == calls
    assert live.zone is None
    assert (live.dns_support is None) is (dns == "none")


def test_a_key_alone_and_an_endpoint_alone_read_their_own(aws: FakeAws) -> None:
    aws.read(deployment(vpc=None))
    assert len(aws.calls) == 7
    aws.calls.clear()
    aws.read(deployment(cmek=None))
    assert len(aws.calls) == 8


def test_an_adopted_key_is_read_by_its_arn(aws: FakeAws) -> None:
    live = aws.read(deployment(cmek={**CMEK, "key": {"adopt": OTHER}}, vpc=None))
    assert ("describe_key", {"KeyId": OTHER}) in aws.calls
    assert live.alias_key is None
    assert live.rotation is None
    assert len(aws.calls) == 6


def test_an_alias_of_another_key_leaves_the_key_to_be_read_itself(aws: FakeAws) -> None:
    arns = {"alias/pinecone/prod": OTHER}
    aws.answers["describe_key"] = lambda KeyId: {"KeyMetadata": {"Arn": arns.get(KeyId, KeyId)}}  # noqa: N803
    live = aws.read(deployment(vpc=None))
    assert live.alias_key == {"Arn": OTHER}
    assert live.key == {"Arn": KEY}
    assert ("get_key_policy", {"KeyId": KEY, "PolicyName": "default"}) in aws.calls


def test_without_a_stack_the_key_is_found_by_its_alias(aws: FakeAws) -> None:
    aws.refuse("describe_stacks", "AccessDenied")
    live = aws.read(deployment(vpc=None))
    assert live.key == {"Arn": KEY}
    assert live.key_policy == "{}"


def test_the_vpc_of_a_new_one_is_the_endpoints(aws: FakeAws) -> None:
    aws.read(deployment(vpc=NEW))
    assert {arguments["VpcId"] for operation, arguments in aws.calls if operation == "describe_vpc_attribute"} == {
        "vpc-9"
    }


def test_only_the_wildcards_records_are_kept(aws: FakeAws) -> None:
    live = aws.read(deployment())
    assert live.records == [{"Name": f"\\052.{NAME}.", "Type": "A"}]
    assert ("get_hosted_zone", {"Id": "Z1"}) in aws.calls
    asked = {"HostedZoneId": "Z1", "StartRecordName": f"*.{NAME}.", "MaxItems": "10"}
    assert ("list_resource_record_sets", asked) in aws.calls


@pytest.mark.parametrize(
    ("operation", "code", "message", "fields"),
    [
        (
            "describe_stacks",
            "ValidationError",
            "Stack with id x does not exist",
            ["cmek_stack", "private_link_stack", "endpoint", "security_groups"],
        ),
        ("describe_stack_resources", "ValidationError", "Stack [x] does not exist", ["private_link_resources", "zone"]),
        ("get_role", "NoSuchEntity", "", ["role"]),
        ("describe_key", "NotFoundException", "", ["alias_key", "key"]),
        ("get_key_rotation_status", "UnsupportedOperationException", "", ["rotation"]),
        ("describe_vpc_endpoints", "InvalidVpcEndpointId.NotFound", "", ["endpoint", "security_groups"]),
        ("get_hosted_zone", "NoSuchHostedZone", "", ["zone"]),
    ],
)
def test_what_does_not_exist_is_none(aws: FakeAws, operation: str, code: str, message: str, fields: list[str]) -> None:
    aws.refuse(operation, code, message)
    live = aws.read(deployment())
    assert [getattr(live, field) for field in fields] == [None] * len(fields)


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_what_is_not_allowed_is_unreadable_with_the_permission(aws: FakeAws, code: str) -> None:
    aws.refuse("get_key_policy", code, "User: x is not authorized to perform: kms:GetKeyPolicy on resource: y")
    aws.refuse("describe_security_groups", code)
    live = aws.read(deployment())
    assert isinstance(live.key_policy, Unreadable)
    assert live.key_policy.permission == "kms:GetKeyPolicy"
    assert isinstance(live.security_groups, Unreadable)
    assert live.security_groups.permission == "ec2:DescribeSecurityGroups"
    assert live.role == {"Arn": "role"}


def test_what_hangs_on_an_unreadable_thing_is_unreadable_with_it(aws: FakeAws) -> None:
    aws.refuse("describe_stacks", "AccessDenied")
    aws.refuse("describe_key", "AccessDeniedException")
    aws.refuse("describe_stack_resources", "AccessDenied")
    live = aws.read(deployment(vpc=NEW))
    for field in ("endpoint", "security_groups", "dns_support"):
        assert getattr(live, field).permission == "cloudformation:DescribeStacks", field
    for field in ("key", "key_policy", "rotation"):
        assert isinstance(getattr(live, field), Unreadable), field
    for field in ("zone", "records"):
        assert getattr(live, field).permission == "cloudformation:DescribeStackResources", field


@pytest.mark.parametrize("code", ["ExpiredToken", "Throttling", "InternalFailure", "ValidationError"])
def test_what_concerns_all_calls_ends_the_reading_with_a_sentence(aws: FakeAws, code: str) -> None:
    aws.refuse("get_role", code)
    with pytest.raises(AwsRefusedError):
        aws.read(deployment())


def test_the_reads_that_need_no_other_run_side_by_side(aws: FakeAws) -> None:
    together = Barrier(6, timeout=20)

    def meet(answer: Any) -> Callable[..., Any]:
        def call(**_: Any) -> Any:
            together.wait()
            return answer

        return call

    for operation in ("get_role", "list_role_policies", "list_attached_role_policies", "describe_stack_resources"):
        aws.answers[operation] = meet(aws.answers[operation])
    stacks = aws.answers["describe_stacks"]
    aws.answers["describe_stacks"] = lambda StackName: (together.wait(), stacks(StackName))[1]  # noqa: N803
    aws.read(deployment())


# --- Keys of customers ---


def with_customers(number: int, **cmek: Any) -> Deployment:
    customers = [{"name": f"c{each}", "account": f"{600000000000 + each}"} for each in range(number)]
    return deployment(cmek={**CMEK, "customer_keys": customers, **cmek}, vpc=None)


POLICY = "arn:aws:iam::111122223333:policy/pinekeep-prod-us-east-1"


def test_keys_of_customers_alone_take_six_calls_and_none_about_a_key(aws: FakeAws) -> None:
    live = aws.read(with_customers(2))
    assert aws.operations() == [
        "describe_stacks",
        "get_policy",
        "get_policy_version",
        "get_role",
        "list_attached_role_policies",
        "list_role_policies",
    ]
    assert live.customer_policies == {f"{POLICY}-keys-1": {"Statement": ["pinekeep-prod-us-east-1-keys-1 v7"]}}
    assert (live.key, live.key_policy, live.alias_key, live.rotation) == (None, None, None, None)
    assert live.further_roles == ()


def test_a_key_beside_those_of_customers_is_read_too(aws: FakeAws) -> None:
    live = aws.read(with_customers(2, key={}))
    assert len(aws.calls) == 7 + 2
    assert live.key == {"Arn": KEY}


def test_without_customers_no_policy_is_read(aws: FakeAws) -> None:
    live = aws.read(deployment(vpc=None))
    assert not {"get_policy", "get_policy_version"} & set(aws.operations())
    assert (live.customer_policies, live.further_roles) == (None, ())


def test_a_further_role_takes_three_calls_and_each_policy_two_and_none_is_made_twice(aws: FakeAws) -> None:
    aws.answers["get_role"] = lambda RoleName: {"Role": {"Arn": RoleName}}  # noqa: N803
    live = aws.read(with_customers(2000))
    policies = 12
    assert len(aws.calls) == 4 + 3 + 2 * policies
    assert len({str(call) for call in aws.calls}) == len(aws.calls)
    assert all(re.match("(get|list|describe)_", operation) for operation in aws.operations())
    (further,) = live.further_roles
    assert live.role == {"Arn": "pinekeep-prod-us-east-1"}
    assert further.role == {"Arn": "pinekeep-prod-us-east-1-2"}
    assert isinstance(live.customer_policies, dict)
    assert isinstance(further.customer_policies, dict)
    assert list(live.customer_policies) == [f"{POLICY}-keys-{number}" for number in range(1, 11)]
    assert list(further.customer_policies) == [f"{POLICY}-2-keys-{number}" for number in (1, 2)]


def test_the_policies_are_read_side_by_side(aws: FakeAws) -> None:
    together = Barrier(8, timeout=20)
    answer = aws.answers["get_policy"]

    def meet(PolicyArn: str) -> Any:  # noqa: N803 - AWS's name
        together.wait()
        return answer(PolicyArn=PolicyArn)

    aws.answers["get_policy"] = meet
    aws.read(with_customers(1360))


@pytest.mark.parametrize("operation", ["get_policy", "get_policy_version"])
def test_a_policy_that_may_not_be_read_is_unreadable_with_the_permission(aws: FakeAws, operation: str) -> None:
    aws.refuse(operation, "AccessDenied")
    live = aws.read(with_customers(2000))
    wanted = {"get_policy": "iam:GetPolicy", "get_policy_version": "iam:GetPolicyVersion"}[operation]
    for found in (live.customer_policies, live.further_roles[0].customer_policies):
        assert isinstance(found, Unreadable)
        assert found.permission == wanted


@pytest.mark.parametrize("operation", ["get_policy", "get_policy_version"])
def test_a_policy_that_does_not_exist_is_none(aws: FakeAws, operation: str) -> None:
    aws.refuse(operation, "NoSuchEntity")
    assert aws.read(with_customers(2)).customer_policies == {f"{POLICY}-keys-1": None}


def test_a_further_role_that_does_not_exist_is_none(aws: FakeAws) -> None:
    aws.refuse("get_role", "NoSuchEntity")
    aws.refuse("list_role_policies", "NoSuchEntity")
    live = aws.read(with_customers(2000))
    assert (live.further_roles[0].role, live.further_roles[0].inline_policies) == (None, None)


def test_customers_without_places_are_refused(aws: FakeAws) -> None:
    with pytest.raises(ValueError, match="the customers of deployment prod have no places"):
        read_live(name="prod", deployment=with_customers(2), clients=Clients(aws, "us-east-1"))
    assert aws.calls == []


def test_a_further_role_that_was_not_read_is_missing() -> None:
    live = Live(role={"Arn": "first"}, further_roles=(LiveRole(role={"Arn": "second"}),))
    assert (live.of_role(2).role, live.of_role(3).role) == ({"Arn": "second"}, None)


def test_outputs_and_resources_are_found_by_name_and_type() -> None:
    assert output_of(stack(KeyArn="x"), Output.KEY_ARN) == "x"
    assert output_of(stack(), Output.KEY_ARN) is None
    assert output_of(None, Output.KEY_ARN) is None
    assert output_of(Unreadable("a:B", "c"), Output.KEY_ARN) == Unreadable("a:B", "c")
    gone = {"ResourceType": "T", "PhysicalResourceId": "old", "ResourceStatus": "DELETE_COMPLETE"}
    unmade = {"ResourceType": "T", "ResourceStatus": "CREATE_FAILED"}
    assert physical_ids([{"ResourceType": "T", "PhysicalResourceId": "new"}, gone, unmade], "T") == ["new"]


def test_names_compare_as_route_53_compares_them() -> None:
    assert plain_name("\\052.Example.COM") == plain_name("*.example.com.") == "*.example.com."
