import re
from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.answers import account_of, output_of, physical_ids, plain_name
from pinekeep.account.reads.deployment import read_live
from pinekeep.account.reads.live import Live, LiveRole, NotAsked, Unreadable
from pinekeep.account.reads.permissions import ALSO_ONCE, ALSO_PERMISSIONS, FIELDS
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.model.naming import Output
from tests.account.fake_aws import CMEK, EXISTING, KEY, LINK_OUTPUTS, NAME, NEW, OTHER, FakeAws, deployment, stack

ALSO = tuple(ALSO_PERMISSIONS)


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


OF_SHAPES = {
    "bridge_zone",
    "bridge_records",
    "profile_resources",
    "profile_vpcs",
    "resolver",
    "resolver_addresses",
    "resolver_groups",
    "endpoint_interfaces",
}
"""What only some endpoints have."""
OF_MONITORING = {
    "monitoring_stack",
    "event_rules",
    "global_rules",
    "topic",
    "subscriptions",
    "topic_key",
    "slack_channels",
    "trails",
    "alarms",
    "trail_log_group",
}
"""What only deployments with monitoring have."""
OF_STORAGE = {each for each in ALSO_ONCE if each.startswith(("audit_", "storage_"))}
"""What only deployments with audit logs or storage integrations have."""


def test_bridge_profile_resolver_and_ipv6_are_found_by_the_stacks_outputs(aws: FakeAws) -> None:
    zone = {"HostedZone": {"Id": "Z2", "Name": NAME}, "VPCs": list[Any]()}
    outputs = {**LINK_OUTPUTS, "BridgeZoneId": "Z2", "ProfileId": "rp-1", "ResolverEndpointId": "rslvr-in-1"}
    interfaces = ["eni-1"]
    aws.answers |= {
        "describe_stacks": lambda StackName: {"Stacks": [stack(**outputs)]},  # noqa: N803, ARG005
        "get_hosted_zone": zone,
        "describe_vpc_endpoints": {
            "VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-9", "NetworkInterfaceIds": interfaces}]
        },
        "list_profile_resource_associations": {"ProfileResourceAssociations": [{"ResourceArn": "zone"}]},
        "list_profile_associations": {"ProfileAssociations": [{"ResourceId": "vpc-9f8e7d6c"}]},
        "get_resolver_endpoint": {"ResolverEndpoint": {"Id": "rslvr-in-1", "SecurityGroupIds": ["sg-53"]}},
        "list_resolver_endpoint_ip_addresses": {"IpAddresses": [{"Ip": "10.0.0.10"}]},
        "describe_network_interfaces": {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]},
    }
    resolver = {"client_cidrs": ["192.168.0.0/24"]}
    inbound = deployment(dns="resolver-inbound", resolver=resolver, dns_bridge=True, ip_address_type="dualstack")
    live = aws.read(inbound, also=sorted(OF_SHAPES))
    assert live.bridge_zone == zone
    assert isinstance(live.bridge_records, list)
    assert live.resolver == {"Id": "rslvr-in-1", "SecurityGroupIds": ["sg-53"]}
    assert live.resolver_addresses == [{"Ip": "10.0.0.10"}]
    assert isinstance(live.resolver_groups, list)
    assert live.endpoint_interfaces == [{"NetworkInterfaceId": "eni-1"}]
    assert (live.profile_resources, live.profile_vpcs) == (None, None)
    live = aws.read(deployment(dns="profile", client_vpc_ids=["vpc-9f8e7d6c"]), also=sorted(OF_SHAPES))
    assert live.profile_resources == [{"ResourceArn": "zone"}]
    assert live.profile_vpcs == [{"ResourceId": "vpc-9f8e7d6c"}]
    assert (live.bridge_zone, live.resolver, live.endpoint_interfaces) == (None, None, None)


@pytest.mark.parametrize("vpc", [EXISTING, NEW])
@pytest.mark.parametrize("clients", [[], ["vpc-9f8e7d6c"]])
def test_a_full_deployment_takes_fourteen_calls_and_ten_and_one_a_client_vpc_for_what_is_read_besides(
    aws: FakeAws, vpc: Any, clients: list[str]
) -> None:
    live = aws.read(deployment(vpc=vpc, client_vpc_ids=clients))
    assert len(aws.calls) == 14
    assert not [field for field in FIELDS if getattr(live, field) is None]
    aws.calls.clear()
    live = aws.read(deployment(vpc=vpc, client_vpc_ids=clients), also=ALSO)
    assert len(aws.calls) == 14 + 10 + len(clients)
    absent = {field for field in (*FIELDS, *ALSO_ONCE) if getattr(live, field) is None}
    assert absent == OF_SHAPES | OF_STORAGE | OF_MONITORING
    assert (live.inline_documents, live.attached_documents) == ({}, {})


def test_no_call_is_made_twice(aws: FakeAws) -> None:
    aws.read(deployment(), also=ALSO)
    assert len({str(call) for call in aws.calls}) == len(aws.calls)


def test_every_call_only_reads(aws: FakeAws) -> None:
    aws.read(deployment(), also=ALSO)
    assert all(re.match("(get|list|describe|lookup)_", operation) for operation in aws.operations())


@pytest.mark.parametrize(("dns", "calls"), [("endpoint", 12), ("none", 10)])
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
    assert len(aws.calls) == 7


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


def test_all_records_of_the_zone_are_read_with_one_call_where_they_are_few(aws: FakeAws) -> None:
    live = aws.read(deployment())
    assert live.records == [{"Name": f"\\052.{NAME}.", "Type": "A"}, {"Name": "later.", "Type": "A"}]
    assert ("get_hosted_zone", {"Id": "Z1"}) in aws.calls
    assert aws.operations().count("list_resource_record_sets") == 1
    assert ("list_resource_record_sets", {"HostedZoneId": "Z1", "MaxItems": "300"}) in aws.calls


def test_further_pages_of_records_are_read_to_the_last(aws: FakeAws) -> None:
    second = {"StartRecordName": "b.", "StartRecordType": "A", "StartRecordIdentifier": "two"}

    def pages(**asked: str) -> dict[str, Any]:
        if "StartRecordName" in asked:
            assert second.items() <= asked.items()
            return {"ResourceRecordSets": [{"Name": "b."}], "IsTruncated": False}
        following = {"NextRecordName": "b.", "NextRecordType": "A", "NextRecordIdentifier": "two"}
        return {"ResourceRecordSets": [{"Name": "a."}], "IsTruncated": True, **following}

    aws.answers["list_resource_record_sets"] = pages
    assert aws.read(deployment()).records == [{"Name": "a."}, {"Name": "b."}]


def test_what_else_answers_in_the_clients_vpcs_is_read_to_the_last_page(aws: FakeAws) -> None:
    def pages(VPCId: str, VPCRegion: str, NextToken: str | None = None) -> dict[str, Any]:  # noqa: N803 - AWS's names
        assert VPCRegion == "us-east-1"
        more = {} if NextToken or VPCId != "vpc-9" else {"NextToken": "two"}
        return {"HostedZoneSummaries": [{"HostedZoneId": NextToken or "one"}], **more}

    aws.answers["list_hosted_zones_by_vpc"] = pages
    live = aws.read(deployment(client_vpc_ids=["vpc-9f8e7d6c"]), also=("vpc_endpoints", "vpc_zones"))
    assert live.vpc_zones == [
        {"HostedZoneId": "one", "VPCId": "vpc-9"},
        {"HostedZoneId": "two", "VPCId": "vpc-9"},
        {"HostedZoneId": "one", "VPCId": "vpc-9f8e7d6c"},
    ]
    filters = [
        asked["Filters"]
        for operation, asked in aws.calls
        if operation == "describe_vpc_endpoints" and asked.get("Filters", [{}])[0].get("Name") == "vpc-id"
    ]
    assert [each[0]["Values"] for each in filters] == [["vpc-9", "vpc-9f8e7d6c"]]


def test_the_network_acls_of_the_endpoints_subnets_are_read_and_of_no_others(aws: FakeAws) -> None:
    endpoint = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-9", "SubnetIds": ["subnet-1", "subnet-2"]}
    aws.answers["describe_vpc_endpoints"] = {"VpcEndpoints": [endpoint]}
    aws.answers["describe_network_acls"] = {"NetworkAcls": [{"NetworkAclId": "acl-1"}]}
    assert aws.read(deployment()).network_acls == [{"NetworkAclId": "acl-1"}]
    asked = [{"Name": "association.subnet-id", "Values": ["subnet-1", "subnet-2"]}]
    assert ("describe_network_acls", {"Filters": asked}) in aws.calls


@pytest.mark.parametrize(
    ("operation", "code", "message", "fields"),
    [
        (
            "describe_stacks",
            "ValidationError",
            "Stack with id x does not exist",
            ["cmek_stack", "private_link_stack", "private_link_resources", "endpoint", "security_groups", "zone"],
        ),
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
    live = aws.read(deployment(vpc=NEW), also=ALSO)
    for field in ("endpoint", "security_groups", "dns_support", "zone", "records", "stack_policy"):
        assert getattr(live, field).permission == "cloudformation:DescribeStacks", field
    for field in ("key", "key_policy", "rotation", "activity"):
        assert isinstance(getattr(live, field), Unreadable), field


@pytest.mark.parametrize("code", ["ExpiredToken", "Throttling", "InternalFailure", "ValidationError"])
def test_what_concerns_all_calls_ends_the_reading_with_a_sentence(aws: FakeAws, code: str) -> None:
    aws.refuse("get_role", code)
    with pytest.raises(AwsRefusedError):
        aws.read(deployment())


def meeting(together: Barrier, answer: Any) -> Callable[..., Any]:
    """An answer that comes only once so many are asked for at the same time."""

    def call(**arguments: Any) -> Any:
        together.wait()
        return answer(**arguments) if callable(answer) else answer

    return call


def test_the_stacks_are_read_side_by_side_and_then_what_needs_no_other(aws: FakeAws) -> None:
    aws.answers["describe_stacks"] = meeting(Barrier(2, timeout=20), aws.answers["describe_stacks"])
    together = Barrier(8, timeout=20)
    for operation in (
        "get_role",
        "list_role_policies",
        "list_attached_role_policies",
        "describe_key",
        "describe_vpc_endpoints",
        "get_hosted_zone",
        "list_resource_record_sets",
        "get_key_policy",
    ):
        aws.answers[operation] = meeting(together, aws.answers[operation])
    aws.read(deployment())


# --- Whose account it is ---


def test_the_account_of_the_stacks_is_told_before_anything_else_is_read(aws: FakeAws) -> None:
    def stop(account: str | None) -> None:
        raise AwsRefusedError(f"it is {account}")

    with pytest.raises(AwsRefusedError, match="it is 111122223333"):
        aws.read(deployment(), on_account=stop)
    assert aws.operations() == ["describe_stacks", "describe_stacks"]


def test_without_a_stack_no_account_is_told(aws: FakeAws) -> None:
    aws.refuse("describe_stacks", "ValidationError", "Stack with id x does not exist")
    told: list[str | None] = []
    aws.read(deployment(), on_account=told.append)
    assert told == [None]


def test_the_account_is_that_of_the_first_stack_with_an_arn() -> None:
    assert account_of([None, Unreadable("a:B", "c"), {"StackStatus": "x"}, stack("222233334444")]) == "222233334444"
    assert account_of([]) is None


# --- What the endpoint's stack made ---


def test_a_stack_without_the_outputs_is_asked_for_its_resources(aws: FakeAws) -> None:
    older = stack(VpcEndpointId="vpce-1")
    aws.answers["describe_stacks"] = {"Stacks": [older]}
    live = aws.read(deployment(cmek=None))
    assert "describe_stack_resources" in aws.operations()
    assert ("get_hosted_zone", {"Id": "Z1"}) in aws.calls
    assert isinstance(live.private_link_resources, list)
    assert physical_ids(live.private_link_resources, "AWS::EC2::SecurityGroup") == ["sg-1"]


def test_the_outputs_tell_what_the_stack_made_without_a_call(aws: FakeAws) -> None:
    live = aws.read(deployment(cmek=None))
    assert "describe_stack_resources" not in aws.operations()
    assert isinstance(live.private_link_resources, list)
    for kind, ids in (
        ("AWS::EC2::VPC", ["vpc-9"]),
        ("AWS::EC2::Subnet", ["subnet-1", "subnet-2"]),
        ("AWS::EC2::SecurityGroup", ["sg-1"]),
        ("AWS::Route53::HostedZone", ["Z1"]),
    ):
        assert physical_ids(live.private_link_resources, kind) == ids


# --- What is read besides ---


def test_what_is_noted_is_read_with_one_call_for_all_parameters(aws: FakeAws) -> None:
    record = {"Name": "/pinekeep/prod/handed-over", "Value": "{}", "Version": 1}
    aws.answers["get_parameters"] = {"Parameters": [record], "InvalidParameters": ["/pinekeep/prod/revocation"]}
    live = aws.read(deployment(vpc=None), also=("parameters",))
    assert live.parameters == {"/pinekeep/prod/handed-over": record}
    names = ["/pinekeep/prod/handed-over", "/pinekeep-records/prod", "/pinekeep/prod/revocation"]
    assert ("get_parameters", {"Names": names}) in aws.calls


def test_the_calls_about_the_key_are_looked_up_by_its_arn_newest_page_alone(aws: FakeAws) -> None:
    aws.answers["lookup_events"] = {"Events": [{"EventName": "Decrypt"}], "NextToken": "more"}
    live = aws.read(deployment(vpc=None), also=("activity",))
    assert live.activity == {"Events": [{"EventName": "Decrypt"}], "NextToken": "more"}
    by_key = [{"AttributeKey": "ResourceName", "AttributeValue": KEY}]
    assert ("lookup_events", {"LookupAttributes": by_key, "MaxResults": 50}) in aws.calls


def test_a_look_up_that_is_throttled_ends_nothing(aws: FakeAws) -> None:
    aws.refuse("lookup_events", "ThrottlingException")
    live = aws.read(deployment(vpc=None), also=("activity",))
    assert isinstance(live.activity, NotAsked)
    aws.refuse("lookup_events", "InternalFailure")
    with pytest.raises(AwsRefusedError):
        aws.read(deployment(vpc=None), also=("activity",))


@pytest.mark.parametrize("why", ["ThrottlingException", "AccessDeniedException", None])
def test_kms_is_asked_for_the_last_use_whatever_cloudtrail_tells(aws: FakeAws, why: str | None) -> None:
    if why:
        aws.refuse("lookup_events", why)
    live = aws.read(deployment(vpc=None), also=("activity", "last_usage"))
    assert isinstance(live.last_usage, dict)
    assert aws.calls.count(("get_key_last_usage", {"KeyId": KEY})) == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", "not readable without kms:GetKeyLastUsage"),
        ("ThrottlingException", "KMS throttles the request"),
    ],
)
def test_a_last_use_that_kms_does_not_tell_fails_nothing(aws: FakeAws, code: str, reason: str) -> None:
    aws.refuse("lookup_events", "AccessDeniedException")
    aws.refuse("get_key_last_usage", code)
    live = aws.read(deployment(vpc=None), also=("activity", "last_usage"))
    assert live.last_usage == NotAsked(reason)


def test_what_is_left_out_is_not_asked_and_says_why(aws: FakeAws) -> None:
    why = NotAsked("too many")
    live = aws.read(deployment(), also=ALSO, without={"activity": why, "dns_support": why, "dns_hostnames": why})
    assert (live.activity, live.dns_support, live.dns_hostnames) == (why, why, why)
    assert not {"lookup_events", "describe_vpc_attribute"} & set(aws.operations())


def test_what_policies_of_the_role_say_is_read_only_where_it_has_any(aws: FakeAws) -> None:
    aws.answers["list_role_policies"] = {"PolicyNames": ["more"]}
    aws.answers["list_attached_role_policies"] = {"AttachedPolicies": [{"PolicyArn": f"{POLICY}-x", "PolicyName": "x"}]}
    live = aws.read(deployment(vpc=None), also=ALSO)
    assert live.inline_documents == {"more": {"Statement": ["more"]}}
    assert live.attached_documents == {f"{POLICY}-x": {"Statement": ["pinekeep-prod-us-east-1-x v7"]}}
    aws.calls.clear()
    aws.read(deployment(vpc=None))
    assert not {"get_role_policy", "get_policy"} & set(aws.operations())


def test_an_inline_policy_that_may_not_be_read_is_unreadable_with_the_permission(aws: FakeAws) -> None:
    aws.answers["list_role_policies"] = {"PolicyNames": ["more"]}
    aws.refuse("get_role_policy", "AccessDenied")
    live = aws.read(deployment(vpc=None), also=ALSO)
    assert isinstance(live.inline_documents, Unreadable)
    assert live.inline_documents.permission == "iam:GetRolePolicy"


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


# --- Endpoints ---


def test_the_endpoints_that_the_record_names_are_looked_for_too_with_one_call(aws: FakeAws) -> None:
    stands, was = "vpce-0123456789abcdef1", "vpce-0123456789abcdef2"
    value = f'{{"standby_endpoint_ids": ["{stands}"], "retired_endpoint_ids": ["{was}"]}}'
    record = {"Name": "/pinekeep/prod/handed-over", "Value": value, "Version": 1}
    aws.answers["get_parameters"] = {"Parameters": [record], "InvalidParameters": list[Any]()}
    live = aws.read(deployment(), also=("parameters",))
    asked = [arguments for operation, arguments in aws.calls if operation == "describe_vpc_endpoints"]
    assert asked == [{"Filters": [{"Name": "vpc-endpoint-id", "Values": [stands, was, "vpce-1"]}]}]
    assert isinstance(live.endpoint, dict)
    assert live.endpoints == [live.endpoint]


def test_an_endpoint_of_the_record_is_looked_for_also_where_the_file_has_none(aws: FakeAws) -> None:
    record = {"Name": "/pinekeep/prod/handed-over", "Value": '"vpce-0123456789abcdef1"', "Version": 1}
    aws.answers["get_parameters"] = {"Parameters": [record], "InvalidParameters": list[Any]()}
    live = aws.read(deployment(vpc=None), also=("parameters",))
    assert live.endpoint is None
    assert isinstance(live.endpoints, list)
    assert aws.read(deployment(vpc=None)).endpoints is None
