"""CloudFormation's execution policy: that it suffices, that it is no wider, and how far the emulator can show it.

The emulator does not act as the execution role, so a deployment there proves nothing about its policy (a test says
so). What the policy is held against instead: the permissions that CloudFormation's registry lists for the handlers of
the types in the templates, each made into the call that AWS would authorize.
"""

import json
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from pinekeep.decisions.privileges.grant import Grant
from pinekeep.decisions.privileges.policies import READ_BOOTSTRAP_VERSION
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.decisions.privileges.types import KINDS, WITHOUT_PERMISSIONS, kinds_of
from pinekeep.decisions.privileges.verbs import actions_of
from pinekeep.model.config import load
from pinekeep.model.facts.pinecone import PRIVATE_LINK
from pinekeep.model.naming import DEPLOYMENT_TAG, private_link_stack
from tests.decisions.privileges.cloudformation import (
    CALLS,
    ENDPOINT,
    FLOW_POLICY,
    FLOW_ROLE,
    GROUP,
    INTERFACE,
    OWN,
    REFUSED,
    ROLE,
    SERVICE,
    WILDCARD_NAME,
    on,
)
from tests.decisions.privileges.cloudformation import ZONE as ZONE_ARN
from tests.decisions.privileges.support import (
    ACCOUNT,
    BOUNDARY,
    CMEK,
    FULL,
    OLD_VPC,
    REGION,
    SUBNETS,
    VARIANTS,
    VPC,
    Call,
    actions_in,
    allowed,
    deployment,
    documents,
    inbound,
    with_boundary,
)
from tests.decisions.privileges.support import GROUP as GROUP_ID
from tests.stacks.support import EXAMPLES, example_templates, make

REGISTRY = Path(str(distribution("cfn-lint").locate_file("cfnlint"))) / "data" / "schemas" / "resources"

BESIDES_THE_REGISTRY = {
    "route53:AssociateVPCWithHostedZone": "EC2 does it for an endpoint's private DNS name, as the caller",
    "cloudformation:DescribeStacks": "CloudFormation resolves Fn::GetStackOutput with it",
}
"""Granted for a type though neither its handlers nor its tags list it."""


@cache
def registry() -> dict[str, dict[str, Any]]:
    """CloudFormation's registry as cfn-lint ships it, by type. Where a type has several schemas, all count."""
    found: dict[str, dict[str, Any]] = {}
    for path in REGISTRY.glob("*.json"):
        text = path.read_text()
        if any(f'"{kind}"' in text for kind in KINDS):
            schema = json.loads(text)
            if schema["typeName"] in KINDS and "handlers" in schema:
                found[schema["typeName"]] = schema
    return found


def listed(kind: str, *, without: str = "list") -> set[str]:
    handlers = registry()[kind]["handlers"]
    return {action for name, each in handlers.items() if name != without for action in each["permissions"]}


@cache
def full() -> tuple[dict[str, Any], ...]:
    return tuple(documents("execution", FULL))


# --- It suffices ---


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_types_of_resources_are_those_of_the_synthesized_templates(example: Path) -> None:
    made = {kind for template in example_templates(example.name).values() for kind in template.types}
    assert made - WITHOUT_PERMISSIONS == {
        kind for each in load(example).deployments.values() for kind in kinds_of(each)
    }


@pytest.mark.parametrize("name", [name for name in VARIANTS if not name.startswith("customers")])
def test_every_variant_has_the_types_that_its_templates_have(name: str) -> None:
    made = {kind for template in make({"x": VARIANTS[name]}).values() for kind in template.types}
    assert made - WITHOUT_PERMISSIONS == kinds_of(VARIANTS[name])


def test_the_templates_carry_the_tag_that_the_policies_go_by() -> None:
    for template in example_templates("quickstart.yaml").values():
        tagged = [each["Properties"]["Tags"] for each in template.resources.values() if "Tags" in each["Properties"]]
        assert tagged
        assert all({"Key": DEPLOYMENT_TAG, "Value": "quickstart"} in tags for tags in tagged)


@pytest.mark.parametrize("kind", KINDS)
def test_every_permission_that_the_registry_lists_is_granted_or_left_out_with_a_reason(kind: str) -> None:
    granted = actions_of(KINDS[kind].grants)
    left_out = KINDS[kind].left_out
    assert listed(kind) - granted - set(left_out) == set()
    assert granted & set(left_out) == set()
    assert all(left_out.values())


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_granted_or_left_out_that_the_registry_does_not_list(kind: str) -> None:
    everything = listed(kind, without="") | set(registry()[kind]["tagging"].get("permissions", ()))
    assert actions_of(KINDS[kind].grants) - everything - set(BESIDES_THE_REGISTRY) == set()
    assert set(KINDS[kind].left_out) - everything == set()


@pytest.mark.parametrize("made", CALLS, ids=str)
def test_what_cloudformation_does_is_allowed(made: Call) -> None:
    assert allowed(full(), made)


def test_every_granted_action_is_among_the_calls_that_are_decided() -> None:
    assert actions_in(full()) == {made.action for made in CALLS}


def test_an_existing_vpc_and_its_subnets_need_no_tag() -> None:
    policies = documents("execution", {"search": VARIANTS["old-vpc"]})
    vpc, subnet = (f"arn:aws:ec2:{REGION}:{ACCOUNT}:{part}" for part in (f"vpc/{VPC}", f"subnet/{SUBNETS[0]}"))
    assert allowed(policies, on("ec2:CreateSecurityGroup", (GROUP, {}), (vpc, {})))
    assert allowed(policies, on("ec2:AuthorizeSecurityGroupIngress", (GROUP, {"ec2:Vpc": vpc})))
    assert allowed(
        policies,
        on(
            "ec2:CreateVpcEndpoint", (ENDPOINT, {"ec2:VpceServiceName": SERVICE}), (vpc, {}), (subnet, {}), (GROUP, OWN)
        ),
    )


# --- It is no wider ---


@pytest.mark.parametrize("made", REFUSED, ids=str)
def test_what_cloudformation_must_not_do_is_refused(made: Call) -> None:
    assert not allowed(full(), made)


@pytest.mark.parametrize("name", ["kms:CreateKey", "ec2:DescribeVpcs", "kms:ListAliases"])
def test_a_call_to_another_region_is_refused(name: str) -> None:
    (made,) = (each for each in CALLS if each.action == name)
    assert allowed(full(), made)
    assert not allowed(full(), made, region="eu-west-1")


def test_in_an_existing_vpc_no_other_vpc_or_subnet_is_touched() -> None:
    policies = documents("execution", {"search": VARIANTS["old-vpc"]})
    other = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-0other"
    assert not allowed(policies, on("ec2:CreateSecurityGroup", (GROUP, {}), (other, {})))
    assert not allowed(policies, on("ec2:AuthorizeSecurityGroupIngress", (GROUP, {"ec2:Vpc": other})))
    assert not allowed(policies, on("ec2:CreateVpc", (other, {})))
    assert not any("Pinekeep-" in str(each) for each in policies)


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("own-key", {"ssm", "iam", "kms"}),
        ("adopted-key", {"ssm", "iam"}),
        ("new-vpc", {"ssm", "iam", "ec2", "logs", "route53"}),
        ("old-vpc", {"ssm", "ec2", "route53"}),
        ("old-vpc-own-dns", {"ssm", "ec2"}),
        ("given-groups", {"ssm", "ec2", "route53"}),
        ("old-vpc-profile", {"ssm", "ec2", "route53", "route53profiles"}),
        ("old-vpc-inbound", {"ssm", "ec2", "route53", "route53resolver"}),
        ("adopted-endpoint", {"ssm"}),
        ("adopted-endpoint-zone", {"ssm", "ec2", "route53"}),
        ("other-service-region", {"ssm", "ec2", "route53", "vpce"}),
    ],
)
def test_a_deployment_gets_no_service_that_it_does_not_use(name: str, services: set[str]) -> None:
    granted = actions_in(documents("execution", {"x": VARIANTS[name]}))
    assert {action.partition(":")[0] for action in granted} == services


def test_a_shortened_name_of_a_generated_role_is_still_covered() -> None:
    long = "a" * 40
    policies = documents("execution", {long: VARIANTS["new-vpc"]})
    shortened = private_link_stack(long)[:24]
    assert allowed(policies, on("iam:CreateRole", (f"arn:aws:iam::{ACCOUNT}:role/{shortened}-VpcFlowLog-X", {})))


def test_an_inbound_resolver_endpoint_has_its_interfaces_in_the_named_subnets_alone() -> None:
    policies = documents("execution", {"search": VARIANTS["old-vpc-inbound"]})
    subnet, vpc = (f"arn:aws:ec2:{REGION}:{ACCOUNT}:{part}" for part in (f"subnet/{SUBNETS[0]}", f"vpc/{VPC}"))
    other = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-0other"
    assert allowed(policies, on("ec2:CreateNetworkInterface", (INTERFACE, {}), (subnet, {}), (GROUP, OWN)))
    assert not allowed(policies, on("ec2:CreateNetworkInterface", (INTERFACE, {}), (other, {})))
    assert not allowed(policies, on("ec2:CreateNetworkInterface", (INTERFACE, {}), (subnet, {}), (GROUP, {})))
    assert allowed(policies, on("ec2:DeleteNetworkInterface", (INTERFACE, {"ec2:Vpc": vpc})))
    assert not allowed(policies, on("ec2:DeleteNetworkInterface", (INTERFACE, {"ec2:Vpc": vpc + "0"})))


def test_the_subnets_of_an_inbound_resolver_endpoint_alone_are_named_too() -> None:
    given = {**inbound(OLD_VPC), "resolver": {"client_cidrs": ["10.9.0.0/16"], "subnet_ids": OTHER_SUBNETS}}
    policies = documents("execution", {"search": deployment(private_link=given)})
    subnet = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{OTHER_SUBNETS[0]}"
    assert allowed(policies, on("ec2:CreateNetworkInterface", (INTERFACE, {}), (subnet, {}), (GROUP, OWN)))


OTHER_SUBNETS = ["subnet-0a1b2c3d4e5f60aaa", "subnet-0a1b2c3d4e5f60bbb"]


def test_an_endpoint_may_have_the_named_security_groups_and_no_other() -> None:
    policies = documents("execution", {"search": VARIANTS["given-groups"]})
    named, other = (f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{each}" for each in (GROUP_ID, "sg-0other"))
    service = {"ec2:VpceServiceName": SERVICE}
    assert allowed(policies, on("ec2:CreateVpcEndpoint", (ENDPOINT, service), (named, {})))
    assert not allowed(policies, on("ec2:CreateVpcEndpoint", (ENDPOINT, service), (other, {})))
    assert not allowed(policies, on("ec2:CreateSecurityGroup", (GROUP, {})))


def test_the_service_of_another_region_is_the_only_one() -> None:
    policies = documents("execution", {"search": VARIANTS["other-service-region"]})
    theirs = PRIVATE_LINK["us-west-2"].service_name
    assert allowed(policies, on("ec2:CreateVpcEndpoint", (ENDPOINT, {"ec2:VpceServiceName": theirs})))
    assert not allowed(policies, on("ec2:CreateVpcEndpoint", (ENDPOINT, {"ec2:VpceServiceName": SERVICE})))
    assert allowed(policies, on("vpce:AllowMultiRegion", (ENDPOINT, {})))


@pytest.mark.parametrize(("name", "types"), [("dual-stack", ["A", "AAAA"]), ("old-vpc-zone", ["A"])])
@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_ipv6_records_are_changed_where_the_endpoint_has_ipv6(name: str, types: list[str], kind: str) -> None:
    record = {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": [WILDCARD_NAME],
        "route53:ChangeResourceRecordSetsRecordTypes": [kind],
    }
    policies = documents("execution", {"search": VARIANTS[name]})
    assert allowed(policies, on("route53:ChangeResourceRecordSets", (ZONE_ARN, record))) is (kind in types)


def test_the_bridge_zone_gets_its_record() -> None:
    record = {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": [WILDCARD_NAME.replace("private", "svc.private")],
        "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
    }
    policies = documents("execution", {"search": VARIANTS["old-vpc-bridge"]})
    assert allowed(policies, on("route53:ChangeResourceRecordSets", (ZONE_ARN, record)))


# --- With a permissions boundary ---


def bounded() -> list[dict[str, Any]]:
    return documents("execution", {name: with_boundary(each) for name, each in FULL.items()})


@pytest.mark.parametrize("role", [ROLE, FLOW_ROLE])
def test_with_a_boundary_no_role_is_made_without_it(role: str) -> None:
    assert allowed(bounded(), on("iam:CreateRole", (role, {"iam:PermissionsBoundary": BOUNDARY})))
    assert not allowed(bounded(), on("iam:CreateRole", (role, {})))
    assert not allowed(bounded(), on("iam:CreateRole", (role, {"iam:PermissionsBoundary": BOUNDARY + "-other"})))


def test_with_a_boundary_nothing_is_attached_to_a_role_without_it() -> None:
    attach = {"iam:PolicyARN": FLOW_POLICY}
    assert allowed(bounded(), on("iam:AttachRolePolicy", (FLOW_ROLE, {**attach, "iam:PermissionsBoundary": BOUNDARY})))
    assert not allowed(bounded(), on("iam:AttachRolePolicy", (FLOW_ROLE, attach)))


def test_with_a_boundary_it_can_be_given_to_a_role_and_never_taken_away() -> None:
    assert allowed(bounded(), on("iam:PutRolePermissionsBoundary", (ROLE, {"iam:PermissionsBoundary": BOUNDARY})))
    assert not allowed(bounded(), on("iam:PutRolePermissionsBoundary", (ROLE, {"iam:PermissionsBoundary": "other"})))
    assert not allowed(bounded(), on("iam:DeleteRolePermissionsBoundary", (ROLE, {})))


def test_a_boundary_of_some_deployments_does_not_lock_the_others_out() -> None:
    some = {"bounded": with_boundary(deployment(cmek=CMEK)), "free": deployment(cmek=CMEK)}
    role = f"arn:aws:iam::{ACCOUNT}:role/pinekeep-free-{REGION}"
    assert allowed(documents("execution", some), on("iam:CreateRole", (role, {})))


# --- With customers' keys ---


def test_the_policies_for_customers_keys_are_made_and_attached_to_the_deployments_roles_alone() -> None:
    policies = documents("execution", {"search": VARIANTS["customers"]})
    for role in (ROLE, f"{ROLE}-2", f"{ROLE}-17"):
        policy = f"{role.replace(':role/', ':policy/')}-keys-1"
        assert allowed(policies, on("iam:CreateRole", (role, {})))
        assert allowed(policies, on("iam:CreatePolicyVersion", (policy, {})))
        assert allowed(policies, on("iam:AttachRolePolicy", (role, {"iam:PolicyARN": policy})))
        assert not allowed(policies, on("iam:AttachRolePolicy", (role, {"iam:PolicyARN": FLOW_POLICY})))
    assert not allowed(policies, on("iam:CreateRole", (ROLE + "x", {})))
    assert not any(action.startswith("kms:") for action in actions_in(policies))


# --- How the statements are put together ---


def test_statements_of_one_name_have_one_resource_and_one_condition() -> None:
    scopes = [Scope(ACCOUNT, FULL), Scope(ACCOUNT, {"search": VARIANTS["old-vpc"]})]
    first: dict[str, Grant] = {}
    for grant in [READ_BOOTSTRAP_VERSION, *(each for kind in KINDS.values() for each in kind.grants)]:
        known = first.setdefault(grant.sid, grant)
        for scope in scopes:
            assert grant.resources(scope) == known.resources(scope), grant.sid
            assert _condition(grant, scope) == _condition(known, scope), grant.sid
        assert grant.effect == known.effect
        assert (grant.wildcard is None) == (known.wildcard is None), grant.sid


def _condition(grant: Grant, scope: Any) -> Any:
    return grant.condition(scope) if grant.condition else None


def test_examples_are_of_the_same_environment_as_the_calls() -> None:
    assert {(each.account, each.region) for each in FULL.values()} == {(ACCOUNT, REGION)}
    assert set(KINDS) == {kind for each in FULL.values() for kind in kinds_of(each)}
