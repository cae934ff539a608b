import re
from collections.abc import Callable
from threading import Barrier
from typing import Any
from unittest import mock

import pytest
from botocore import xform_name
from botocore.exceptions import EndpointConnectionError

from pinekeep.account.credentials.identity import Caller
from pinekeep.account.reads.calls import OPERATIONS
from pinekeep.account.reads.live import Unreadable
from pinekeep.errors import AwsRefusedError
from pinekeep.model.facts import pinecone
from pinekeep.operations.preflight.inventory import FIELDS, PERMISSIONS, Count
from pinekeep.operations.preflight.queries import PAGES_MAX
from tests.operations.preflight.conftest import (
    CLIENT_VPC,
    GROUP,
    PREFIX_LIST,
    PROFILE,
    ROLE,
    SUBNETS,
    VPC,
    ZONE,
    Scene,
    right_key,
    stack,
)
from tests.operations.preflight.fake_aws import NO_STACK, FakeAws
from tests.operations.verification.conftest import ACCOUNT, KEY_ARN

ONLY_FOR_SOME = {
    *(each for each in FIELDS if each.startswith(("audit_", "storage_", "topic", "trail_"))),
    "monitoring_stack",
    "global_monitoring_stack",
    "assumable",
    "alias_key",
    "alias_key_tags",
    "adopted_key",
    "adopted_key_policy",
    "adopted_key_tags",
    "peerings",
    "other_bootstraps",
    "bootstrap_roles",
    "prefix_lists",
    "rules_quota",
    "administrators",
    "boundary",
    "endpoint_groups",
    "adopted_endpoint",
    "adopted_zone",
    "adopted_zone_records",
    "adopted_profile",
    "resolver_subnets",
    "resolver_count",
    "resolver_quota",
}
ASSOCIATED = {"ResolverRuleAssociations": [{"ResolverRuleId": "rslvr-rr-1", "VPCId": VPC}]}
ZONE_IN_PROFILE = {"ResourceArn": "arn:aws:route53:::hostedzone/Z0PROFILE", "ProfileId": PROFILE}
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
READS = re.compile("(get|list|describe|simulate)_")


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


def named(scene: Scene, *administrators: str) -> Scene:
    """The same with a permissions boundary and administrators."""
    kinds = administrators or ("role/KeyAdmins", "user/security/ann")
    arns = [f"arn:aws:iam::{ACCOUNT}:{each}" for each in kinds]
    return scene.configured(permissions_boundary=BOUNDARY, cmek={"key": {"administrators": arns}})


def both_deployed(StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
    return {"Stacks": [stack(StackName, "CREATE_COMPLETE")]}


def test_a_first_deployment_takes_a_bounded_number_of_calls(aws: FakeAws, scene: Scene) -> None:
    seen = aws.read(scene.deployment)
    assert aws.operations() == sorted(
        [
            "get_parameter",
            "get_role",
            *["simulate_principal_policy"] * 3,
            "describe_stacks",
            "describe_stacks",
            "get_role",
            "describe_key",
            "get_resources",
            "get_account_summary",
            "list_keys",
            "get_service_quota",
            "get_service_quota",
            "describe_vpc_endpoint_services",
            "describe_availability_zones",
            "describe_vpcs",
            *["describe_vpc_attribute"] * 4,
            "describe_dhcp_options",
            "list_resolver_rule_associations",
            "describe_subnets",
            *["describe_vpc_endpoints"] * 2,
            "list_profile_associations",
            *["list_hosted_zones_by_vpc"] * 2,
            "describe_security_groups",
            "create_vpc_endpoint",
        ]
    )
    missing = {field for field in FIELDS if getattr(seen, field) is None}
    assert missing == {"cmek_stack", "private_link_stack", "vpc_count", "vpc_quota", *ONLY_FOR_SOME} - {"assumable"}


def test_a_new_vpc_is_counted_and_no_old_one_looked_at(aws: FakeAws, new_vpc: Scene) -> None:
    seen = aws.read(new_vpc.deployment)
    assert seen.vpc_count == Count(3)
    assert seen.vpc_quota == 77.0
    assert not {"describe_subnets", "create_vpc_endpoint"} & set(aws.operations())
    (asked,) = aws.of("describe_vpc_endpoints")
    assert asked["Filters"][0]["Name"] == "service-name", "the account's endpoints to Pinecone alone"
    assert aws.of("describe_vpcs") == [{}]


def test_an_update_reads_what_matters_for_one(aws: FakeAws, scene: Scene) -> None:
    aws.answers["describe_stacks"] = both_deployed
    aws.read(scene.deployment)
    assert aws.operations() == sorted(
        [
            "get_parameter",
            "get_role",
            *["simulate_principal_policy"] * 3,
            "describe_stacks",
            "describe_stacks",
            "describe_vpc_endpoint_services",
            "describe_availability_zones",
            "describe_vpcs",
            *["describe_vpc_attribute"] * 4,
            "describe_dhcp_options",
            "list_resolver_rule_associations",
            "describe_subnets",
            "describe_security_groups",
        ]
    )


def test_a_key_alone_leaves_the_network_alone(aws: FakeAws, scene: Scene) -> None:
    aws.read(scene.configured(private_link=None).deployment)
    assert not [each for each in aws.operations() if "vpc" in each or "zone" in each]


def test_an_endpoint_alone_leaves_keys_alone(aws: FakeAws, scene: Scene) -> None:
    aws.read(scene.configured(cmek=None).deployment)
    assert not {"describe_key", "list_keys", "get_resources"} & set(aws.operations())


@pytest.mark.parametrize("kind", ["scene", "adopting", "new_vpc", "profiled", "taken_over", "guarded"])
def test_no_call_is_made_twice_and_none_changes_anything(
    aws: FakeAws, kind: str, request: pytest.FixtureRequest
) -> None:
    aws.read(request.getfixturevalue(kind).deployment)
    assert len({str(call) for call in aws.calls}) == len(aws.calls)
    for operation, arguments in aws.calls:
        assert READS.match(operation) or arguments.get("DryRun") is True, operation


def test_deployments_of_a_run_share_what_is_the_same(aws: FakeAws, scene: Scene) -> None:
    asker = aws.asker()
    aws.read(scene.deployment, asker=asker)
    first = len(aws.calls)
    aws.read(scene.deployment, asker=asker)
    assert len(aws.calls) == first
    elsewhere = scene.configured(region="us-west-2", private_link=None, cmek={"trust": {"regions": ["us-west-2"]}})
    aws.read(elsewhere.deployment, asker=asker)
    assert len(aws.of("get_account_summary")) == 1
    assert len(aws.of("get_parameter")) == 2


def test_every_call_is_the_one_that_its_permission_names(
    aws: FakeAws, scene: Scene, adopting: Scene, profiled: Scene, taken_over: Scene, keeping: Scene
) -> None:
    aws.read(keeping.deployment)
    aws.answers["list_profile_resource_associations"] = {"ProfileResourceAssociations": [ZONE_IN_PROFILE]}
    aws.read(profiled.deployment)
    aws.read(taken_over.deployment)
    aws.answers["describe_key"] = {"KeyMetadata": right_key(KEY_ARN)}
    aws.answers["describe_security_groups"] = {"SecurityGroups": list[Any]()}
    aws.refuse("simulate_principal_policy", "AccessDenied")
    aws.answers["list_resolver_rule_associations"] = ASSOCIATED
    aws.read(named(scene).deployment)
    aws.read(adopting.deployment)
    aws.read(scene.configured(private_link={"clients": {"prefix_list_ids": [PREFIX_LIST]}}).deployment)
    aws.refuse("get_parameter", "ParameterNotFound")
    aws.read(scene.deployment)
    needed = {each for permissions in PERMISSIONS.values() for each in permissions}
    declared = {xform_name(OPERATIONS.get(each, each.partition(":")[2])) for each in needed}
    assert set(aws.operations()) == declared


def test_other_bootstraps_are_looked_for_only_where_the_configured_one_is_missing(aws: FakeAws, scene: Scene) -> None:
    assert aws.read(scene.configured(bootstrap={"qualifier": "platform"}).deployment).other_bootstraps is None
    assert aws.of("get_parameter") == [{"Name": "/cdk-bootstrap/platform/version"}]
    assert not aws.of("get_parameters_by_path")
    aws.refuse("get_parameter", "ParameterNotFound")
    names = ["/cdk-bootstrap/platform/version", "/cdk-bootstrap/team/version", "/cdk-bootstrap/team/notes"]
    aws.answers["get_parameters_by_path"] = {"Parameters": [{"Name": each} for each in names]}
    assert aws.read(scene.deployment).other_bootstraps == ["platform", "team"]
    assert aws.of("get_parameters_by_path") == [{"Path": "/cdk-bootstrap/", "Recursive": True}]


def test_roles_of_the_bootstrap_that_cannot_be_used_are_looked_for_by_their_names(aws: FakeAws, scene: Scene) -> None:
    deploy = f"cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1"
    before = aws.answers["get_role"]

    def get_role(RoleName: str) -> Any:  # noqa: N803 - AWS's name
        if RoleName == deploy:
            return {"Role": {"RoleName": RoleName, "Arn": f"arn:aws:iam::{ACCOUNT}:role/cdk/{RoleName}"}}
        return before(RoleName=RoleName)

    aws.answers["get_role"] = get_role
    aws.refuse("simulate_principal_policy", "NoSuchEntity")
    aws.refuse("assume_role", "AccessDenied")
    seen = aws.read(scene.deployment)
    assert seen.bootstrap_roles == {"deploy": f"arn:aws:iam::{ACCOUNT}:role/cdk/{deploy}"}


def test_the_dry_run_carries_the_tags_of_the_deployment(aws: FakeAws, scene: Scene) -> None:
    aws.read(scene.configured(tags={"team": "search", "cost-center": "4711"}).deployment)
    ((specification,),) = [each["TagSpecifications"] for each in aws.of("create_vpc_endpoint")]
    assert specification["ResourceType"] == "vpc-endpoint"
    assert {each["Key"]: each["Value"] for each in specification["Tags"]} == {
        "team": "search",
        "cost-center": "4711",
        "pinekeep:deployment": "prod",
        "Name": "pinecone-prod",
    }


def test_the_reads_that_need_no_other_run_side_by_side(aws: FakeAws, scene: Scene) -> None:
    together = Barrier(5, timeout=10)

    def meet(answer: Any) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            together.wait()
            return answer(**arguments) if callable(answer) else answer

        return call

    for operation in ("get_parameter", "describe_vpc_endpoint_services", "describe_availability_zones"):
        aws.answers[operation] = meet(aws.answers[operation])

    def stacks(**_: Any) -> Any:
        together.wait()
        raise NO_STACK

    aws.answers["describe_stacks"] = stacks
    aws.read(scene.deployment)


# --- What is read ---


def test_what_is_there_is_read_as_it_is(aws: FakeAws, scene: Scene) -> None:
    aws.answers["describe_key"] = {"KeyMetadata": right_key(KEY_ARN)}
    aws.answers["get_resources"] = {"ResourceTagMappingList": [{"ResourceARN": KEY_ARN}]}
    roles = aws.answers["get_role"]
    aws.answers["get_role"] = lambda RoleName: (  # noqa: N803
        {"Role": {"RoleName": RoleName}} if RoleName == ROLE else roles(RoleName)
    )
    seen = aws.read(scene.deployment)
    assert seen.bootstrap == "33"
    assert seen.roles == {ROLE: {"RoleName": ROLE}}
    assert seen.alias_key == right_key(KEY_ARN)
    assert seen.alias_key_tags == {"pinekeep:deployment": "prod"}
    assert seen.tagged_keys == [KEY_ARN]
    assert seen.keys == Count(1)
    assert seen.key_quota == 77.0
    assert seen.dns == {VPC: (True, True), CLIENT_VPC: (True, True)}
    assert seen.hosted_zones == {VPC: [], CLIENT_VPC: []}
    assert isinstance(seen.subnets, list)
    assert [each["SubnetId"] for each in seen.subnets] == list(SUBNETS)
    assert aws.of("get_resources") == [
        {"TagFilters": [{"Key": "pinekeep:deployment", "Values": ["prod"]}], "ResourceTypeFilters": ["kms:key"]}
    ]


def test_a_stack_that_was_deleted_is_none(aws: FakeAws, scene: Scene) -> None:
    aws.answers["describe_stacks"] = lambda StackName: {"Stacks": [stack(StackName, "DELETE_COMPLETE")]}  # noqa: N803
    assert aws.read(scene.deployment).cmek_stack is None


def test_a_vpc_that_is_not_there_is_asked_nothing_more(aws: FakeAws, scene: Scene) -> None:
    aws.answers["describe_vpcs"] = {"Vpcs": list[Any]()}
    seen = aws.read(scene.deployment)
    assert (seen.vpcs, seen.dns, seen.hosted_zones) == ({}, {}, {})
    assert (seen.endpoints, seen.endpoint_dry_run) == (None, None)


def test_a_service_that_is_not_offered_is_none(aws: FakeAws, scene: Scene) -> None:
    aws.refuse("describe_vpc_endpoint_services", "InvalidServiceName")
    seen = aws.read(scene.deployment)
    assert (seen.service, seen.endpoint_dry_run) == (None, None)


def test_peerings_are_read_where_a_group_is_not_in_the_vpc(aws: FakeAws, scene: Scene) -> None:
    assert aws.read(scene.deployment).peerings is None
    aws.answers["describe_security_groups"] = {"SecurityGroups": [{"GroupId": GROUP, "VpcId": "vpc-77777777"}]}
    assert aws.read(scene.deployment).peerings == []


def test_every_role_of_many_customers_is_asked_for(aws: FakeAws, scene: Scene) -> None:
    customers = [{"name": f"c{each}", "account": f"{600000000000 + each}"} for each in range(2000)]
    aws.read(scene.configured(cmek={"customer_keys": customers}, private_link=None).deployment)
    assert {each["RoleName"] for each in aws.of("get_role")} == {"Deployers", ROLE, f"{ROLE}-2"}
    assert not aws.of("list_keys")


# --- What is refused ---


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("get_parameter", "bootstrap"),
        ("describe_stacks", "cmek_stack"),
        ("get_role", "roles"),
        ("describe_key", "alias_key"),
        ("get_resources", "tagged_keys"),
        ("get_account_summary", "account_summary"),
        ("list_keys", "keys"),
        ("get_service_quota", "key_quota"),
        ("describe_vpc_endpoint_services", "service"),
        ("describe_availability_zones", "zones"),
        ("describe_vpcs", "vpcs"),
        ("describe_vpc_attribute", "dns"),
        ("describe_subnets", "subnets"),
        ("describe_vpc_endpoints", "endpoints"),
        ("list_hosted_zones_by_vpc", "hosted_zones"),
        ("describe_security_groups", "groups"),
        ("simulate_principal_policy", "execution_decisions"),
    ],
)
def test_what_is_not_allowed_is_unreadable_with_the_permission(
    aws: FakeAws, scene: Scene, operation: str, field: str
) -> None:
    aws.refuse(operation, "AccessDenied")
    found = getattr(aws.read(scene.deployment), field)
    assert isinstance(found, Unreadable)
    assert found.permission == PERMISSIONS[field][-1]


def test_the_zones_of_a_profile_are_known_by_name_as_far_as_they_are_the_accounts(
    aws: FakeAws, profiled: Scene
) -> None:
    aws.answers["list_profile_associations"] = {
        "ProfileAssociations": [
            {"ProfileId": "rp-other", "ResourceId": CLIENT_VPC},
            {"ProfileId": "rp-elsewhere", "ResourceId": "vpc-12345678"},
        ]
    }
    rule = {"ResourceArn": "arn:aws:route53resolver:us-east-1:111122223333:resolver-rule/rslvr-rr-1"}
    aws.answers["list_profile_resource_associations"] = {"ProfileResourceAssociations": [ZONE_IN_PROFILE, rule]}
    seen = aws.read(profiled.deployment)
    zone = {"Id": "Z0PROFILE", "Name": f"{ZONE}."}
    assert seen.profile_associations == [{"ProfileId": "rp-other", "ResourceId": CLIENT_VPC}]
    assert seen.profile_zones == {"rp-other": [zone], PROFILE: [zone]}
    aws.refuse("get_hosted_zone", "AccessDenied")
    assert aws.read(profiled.deployment).profile_zones == {
        "rp-other": [{"Id": "Z0PROFILE", "Name": None}],
        PROFILE: [{"Id": "Z0PROFILE", "Name": None}],
    }


def test_a_service_of_another_region_is_asked_for_there(aws: FakeAws, scene: Scene) -> None:
    aws.read(scene.configured(private_link={"service_region": "eu-west-1"}).deployment)
    (asked,) = aws.of("describe_vpc_endpoint_services")
    assert asked["ServiceRegions"] == ["eu-west-1"]
    assert asked["ServiceNames"] == [pinecone.PRIVATE_LINK["eu-west-1"].service_name]


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("get_hosted_zone", "adopted_zone"),
        ("get_profile", "adopted_profile"),
        ("list_profile_associations", "profile_associations"),
        ("list_profile_resource_associations", "profile_zones"),
    ],
)
def test_what_is_not_allowed_of_zones_and_profiles_is_unreadable(
    aws: FakeAws, profiled: Scene, operation: str, field: str
) -> None:
    aws.refuse(operation, "AccessDenied")
    assert getattr(aws.read(profiled.deployment), field) == Unreadable(PERMISSIONS[field][-1], mock.ANY)


def test_a_zone_or_profile_that_is_not_there_is_none(aws: FakeAws, profiled: Scene) -> None:
    aws.refuse("get_hosted_zone", "NoSuchHostedZone")
    aws.refuse("get_profile", "ResourceNotFoundException")
    seen = aws.read(profiled.deployment)
    assert (seen.adopted_zone, seen.adopted_zone_records, seen.adopted_profile) == (None, None, None)


@pytest.mark.parametrize("code", ["ExpiredToken", "Throttling", "InternalFailure", "UnrecognizedClientException"])
def test_what_concerns_all_calls_ends_the_look_with_a_sentence(aws: FakeAws, scene: Scene, code: str) -> None:
    aws.refuse("describe_stacks", code)
    with pytest.raises(AwsRefusedError):
        aws.read(scene.deployment)


def unreachable(service: str) -> EndpointConnectionError:
    return EndpointConnectionError(endpoint_url=f"https://{service}.us-east-1.amazonaws.com")


def test_services_that_a_deployment_works_without_may_be_out_of_reach(aws: FakeAws, scene: Scene) -> None:
    aws.answers["get_resources"] = unreachable("tagging")
    aws.answers["describe_vpcs"] = unreachable("ec2")
    seen = aws.read(scene.deployment)
    assert seen.tagged_keys == Unreadable("tag:GetResources", "tagging.us-east-1.amazonaws.com cannot be reached")
    assert seen.vpcs == Unreadable("ec2:DescribeVpcs", "ec2.us-east-1.amazonaws.com cannot be reached")


@pytest.mark.parametrize("operation", ["describe_stacks", "get_parameter"])
def test_services_that_a_deployment_needs_must_be_in_reach(aws: FakeAws, scene: Scene, operation: str) -> None:
    aws.answers[operation] = unreachable("x")
    with pytest.raises(AwsRefusedError, match=r"x\.us-east-1\.amazonaws\.com cannot be reached"):
        aws.read(scene.deployment)


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("get_service_quota", "key_quota"),
        ("get_resources", "tagged_keys"),
        ("simulate_principal_policy", "execution_decisions"),
    ],
)
@pytest.mark.parametrize("code", ["InvalidInput", "UnknownOperationException", "Throttling"])
def test_what_is_asked_for_more_knowledge_alone_may_stay_without_an_answer(
    aws: FakeAws, scene: Scene, operation: str, field: str, code: str
) -> None:
    aws.refuse(operation, code)
    found = getattr(aws.read(scene.deployment), field)
    assert isinstance(found, Unreadable)
    assert found.reason == f"AWS gave no answer ({code})"
    aws.refuse(operation, "ExpiredToken")
    with pytest.raises(AwsRefusedError):
        aws.read(scene.deployment)


# --- Principals ---


def test_administrators_are_looked_up_by_their_names_whatever_the_path(aws: FakeAws, scene: Scene) -> None:
    there = f"arn:aws:iam::{ACCOUNT}:role/platform/KeyAdmins"
    aws.answers["get_role"] = lambda RoleName: {"Role": {"RoleName": RoleName, "Arn": there}}  # noqa: N803
    seen = aws.read(named(scene).deployment)
    role, user = (f"arn:aws:iam::{ACCOUNT}:{each}" for each in ("role/KeyAdmins", "user/security/ann"))
    assert seen.administrators == {role: there, user: None}
    assert {"RoleName": "KeyAdmins"} in aws.of("get_role")
    assert aws.of("get_user") == [{"UserName": "ann"}]


def test_an_administrator_that_may_not_be_looked_up_is_unreadable(aws: FakeAws, scene: Scene) -> None:
    aws.refuse("get_user", "AccessDenied")
    seen = aws.read(named(scene, "user/ann").deployment)
    assert isinstance(seen.administrators, dict)
    (found,) = seen.administrators.values()
    assert isinstance(found, Unreadable)
    assert found.permission == "iam:GetUser"


def test_the_boundary_is_looked_up(aws: FakeAws, scene: Scene) -> None:
    assert aws.read(named(scene).deployment).boundary == {"Arn": BOUNDARY}
    aws.refuse("get_policy", "NoSuchEntity")
    assert aws.read(named(scene).deployment).boundary is None
    assert aws.of("get_policy") == [{"PolicyArn": BOUNDARY}] * 2


# --- Who answers DNS queries ---


def test_dhcp_options_are_read_once_for_all_vpcs(aws: FakeAws, scene: Scene) -> None:
    seen = aws.read(scene.deployment)
    assert aws.of("describe_dhcp_options") == [{"Filters": [{"Name": "dhcp-options-id", "Values": ["dopt-1"]}]}]
    assert isinstance(seen.dhcp_options, dict)
    assert {vpc: each["DhcpOptionsId"] for vpc, each in seen.dhcp_options.items() if each} == {
        VPC: "dopt-1",
        CLIENT_VPC: "dopt-1",
    }
    aws.answers["describe_dhcp_options"] = {"DhcpOptions": list[Any]()}
    assert aws.read(scene.deployment).dhcp_options == {VPC: None, CLIENT_VPC: None}


def test_resolver_rules_are_read_where_any_is_associated(aws: FakeAws, scene: Scene) -> None:
    assert aws.read(scene.deployment).resolver_rules == {}
    assert not aws.of("list_resolver_rules")
    rule = {"Id": "rslvr-rr-1", "DomainName": "pinecone.io."}
    aws.answers["list_resolver_rule_associations"] = ASSOCIATED
    aws.answers["list_resolver_rules"] = {"ResolverRules": [{"Id": "rslvr-rr-2"}, rule]}
    assert aws.read(scene.deployment).resolver_rules == {VPC: [rule]}


@pytest.mark.parametrize("operation", ["list_resolver_rule_associations", "list_resolver_rules"])
@pytest.mark.parametrize("code", ["AccessDeniedException", "UnknownOperationException"])
def test_resolver_rules_without_an_answer_are_unreadable(aws: FakeAws, scene: Scene, operation: str, code: str) -> None:
    aws.answers["list_resolver_rule_associations"] = ASSOCIATED
    aws.refuse(operation, code)
    assert isinstance(aws.read(scene.deployment).resolver_rules, Unreadable)


def test_whoever_resolves_names_elsewhere_is_not_asked_about(aws: FakeAws, scene: Scene) -> None:
    own = scene.configured(private_link={"dns": "none", "client_vpc_ids": []})
    seen = aws.read(own.deployment)
    assert (seen.dhcp_options, seen.resolver_rules) == (None, None)


# --- Pages ---


def test_pages_are_read_up_to_a_bound(aws: FakeAws, scene: Scene) -> None:
    aws.answers["list_keys"] = [{"Keys": [dict[str, Any]()] * 1000}] * 3
    assert aws.read(scene.deployment).keys == Count(3000)
    aws.answers["list_keys"] = [{"Keys": [dict[str, Any]()] * 1000}] * (PAGES_MAX + 5)
    assert aws.read(scene.deployment).keys == Count(1000 * PAGES_MAX, complete=False)


def test_pages_without_a_paginator_are_read_too(aws: FakeAws, scene: Scene) -> None:
    def zones(VPCId: str, VPCRegion: str, NextToken: str | None = None) -> dict[str, Any]:  # noqa: N803
        assert VPCRegion == "us-east-1"
        more = {} if NextToken else {"NextToken": "next"}
        return {"HostedZoneSummaries": [{"Name": f"{VPCId}-{NextToken}"}], **more}

    aws.answers["list_hosted_zones_by_vpc"] = zones
    found = aws.read(scene.deployment).hosted_zones
    assert isinstance(found, dict)
    assert [each["Name"] for each in found[VPC]] == [f"{VPC}-None", f"{VPC}-next"]


# --- Who asks ---


def test_a_user_is_asked_about_by_its_own_arn(aws: FakeAws, scene: Scene) -> None:
    ann = Caller(account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/teams/ann")
    aws.read(scene.deployment, caller=ann)
    assert ann.arn in {each["PolicySourceArn"] for each in aws.of("simulate_principal_policy")}


def test_a_session_is_asked_about_by_its_role_with_the_roles_path(aws: FakeAws, scene: Scene) -> None:
    aws.read(scene.deployment)
    assert f"arn:aws:iam::{ACCOUNT}:role/teams/Deployers" in {
        each["PolicySourceArn"] for each in aws.of("simulate_principal_policy")
    }


@pytest.mark.parametrize("arn", [f"arn:aws:sts::{ACCOUNT}:federated-user/ann", f"arn:aws:iam::{ACCOUNT}:root"])
def test_others_cannot_be_asked_about(aws: FakeAws, scene: Scene, arn: str) -> None:
    seen = aws.read(scene.deployment, caller=Caller(account=ACCOUNT, arn=arn))
    assert seen.caller_decisions is None
    assert len(aws.of("assume_role")) == (0 if arn.endswith("root") else 2)
