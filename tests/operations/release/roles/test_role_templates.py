"""The roles of a fleet: what they may do, decided call by call, and no more than the commands declare."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from cfnlint.decode import decode_str

from pinekeep.decisions.privileges.policies import size
from pinekeep.model.config import Deployment
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy
from pinekeep.operations.release.resolution import Resolution
from pinekeep.operations.release.roles.parameters import PATH_MAX
from pinekeep.operations.release.roles.templates import ROLES
from tests.decisions.privileges.cloudformation import CALLS, KEY, OWN, REFUSED, on
from tests.decisions.privileges.support import (
    ACCOUNT,
    BOUNDARY,
    REGION,
    VARIANTS,
    Call,
    actions_in,
    allowed,
    documents,
    with_boundary,
)
from tests.stacks.test_cfn_lint import IGNORED, linter

PARTITION = "I3042"
TEMPLATES = {each.key: each.template() for each in ROLES}
ADMINISTRATOR = "444455556666"
ADMINISTRATION_ROLE = f"arn:aws:iam::{ADMINISTRATOR}:role/AWSCloudFormationStackSetAdministrationRole"
REQUIRED = {
    "fleet-verification-role": {"AdministratorArns": f"arn:aws:iam::{ADMINISTRATOR}:role/Security"},
    "fleet-execution-role": {"AdministrationRoleArn": ADMINISTRATION_ROLE},
    "fleet-administration-role": {"TargetAccounts": f"{ACCOUNT},777788889999"},
}
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{{}}/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
FLEET_STACK = STACK.format("StackSet-Pinekeep-search-Cmek-296a3360-40af-4e78-9341-e95bf7430000")
READS = re.compile(r"(Get|List|Describe|Lookup|Detect|Validate|Check)[A-Za-z]+")


def resources(key: str, **values: str) -> dict[str, Any]:
    """Return the resources that a template creates with some values of its parameters."""
    given = {**REQUIRED[key], **values}
    found: dict[str, Any] = Resolution(TEMPLATES[key], given, account=ACCOUNT, region=REGION).template()["Resources"]
    return found


def policies(key: str, **values: str) -> list[Policy]:
    """Return the permissions policies of a role."""
    found = resources(key, **values)
    inline = [each["PolicyDocument"] for each in found["Role"]["Properties"]["Policies"]]
    managed = [each["Properties"]["PolicyDocument"] for name, each in found.items() if name != "Role"]
    return [*inline, *managed]


def trust(key: str, **values: str) -> Mapping[str, Any]:
    (statement,) = resources(key, **values)["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    return statement


def in_a_fleet(call: Call) -> Call:
    """Return a call with the names of a fleet's stacks in the place of a deployment's."""
    parts = json.dumps(call.parts).replace("Pinekeep-search-", "StackSet-Pinekeep-search-")
    return Call(call.action, tuple((resource, keys) for resource, keys in json.loads(parts)))


@pytest.mark.parametrize("key", TEMPLATES)
def test_cfn_lint_finds_nothing(key: str) -> None:
    template, errors = decode_str(json.dumps(TEMPLATES[key]))
    found = errors or linter().validate_template(template or {})
    assert [str(each) for each in found if each.rule.id not in {*IGNORED, PARTITION}] == []


@pytest.mark.parametrize("key", TEMPLATES)
def test_nothing_of_the_samples_is_left_and_every_parameter_is_used(key: str) -> None:
    body = json.dumps([TEMPLATES[key]["Resources"], TEMPLATES[key].get("Conditions")])
    assert not re.findall(r"placeholder|9{2}0{8}9{2}|8{2}0{8}8{2}|fade|7777|-0{8}", body)
    assert not re.findall(r"(?<!vpce\.)ap-southeast-1", body)
    for name, parameter in TEMPLATES[key]["Parameters"].items():
        assert re.search(rf'"Ref": "{name}"|\$\{{{name}\}}', body), name
        assert parameter["Description"]


# --- Verification ---


def released(one: Deployment) -> bool:
    """Return whether a deployment has parts with released templates alone, in a way that these express."""
    link = one.private_link
    others = one.audit_logs or one.monitoring or one.storage_integrations
    as_released = link is None or (link.adopted is None and link.ip_address_type == "ipv4" and not link.service_region)
    return not others and as_released


def test_the_verification_role_may_read_what_verify_and_handoff_declare_and_no_more() -> None:
    found = {name: each for name, each in VARIANTS.items() if released(each)}
    verify, handoff = (
        {action for name, one in found.items() for action in actions_in(documents(purpose, {name: one}))}
        for purpose in ("verify", "handoff")
    )
    written = {"ssm:PutParameter", "ssm:AddTagsToResource"}
    assert written <= handoff
    assert actions_in(policies("fleet-verification-role")) == verify | handoff - written


def test_the_verification_role_changes_nothing() -> None:
    granted = actions_in(policies("fleet-verification-role"))
    assert [each for each in sorted(granted) if not READS.fullmatch(each.partition(":")[2])] == []


@pytest.mark.parametrize(
    ("made", "answer"),
    [
        (on("cloudformation:DescribeStacks", (FLEET_STACK, {})), True),
        (on("cloudformation:DescribeStacks", (STACK.format("Pinekeep-search-Cmek"), {})), True),
        (on("cloudformation:DescribeStacks", (STACK.format("payroll"), {})), False),
        (on("cloudformation:UpdateStack", (FLEET_STACK, {})), False),
        (on("kms:GetKeyPolicy", (KEY, {})), True),
        (on("kms:GetKeyPolicy", (KEY.replace(ACCOUNT, ADMINISTRATOR), {})), False),
        *((on(f"kms:{name}", (KEY, OWN)), False) for name in ("Decrypt", "Encrypt", "GenerateDataKey", "CreateGrant")),
        (on("kms:PutKeyPolicy", (KEY, OWN)), False),
        (on("iam:GetRole", (f"arn:aws:iam::{ACCOUNT}:role/path/any", {})), True),
        (on("iam:UpdateAssumeRolePolicy", (f"arn:aws:iam::{ACCOUNT}:role/pinekeep-search", {})), False),
        (on("ssm:GetParameters", (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/pinekeep/search/handed-over", {})), True),
        (on("ssm:GetParameters", (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/payroll/password", {})), False),
        (on("ssm:PutParameter", (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/pinekeep/search/handed-over", {})), False),
        (on("s3:GetObject", ("arn:aws:s3:::payroll/salaries", {})), False),
        (on("sts:AssumeRole", (f"arn:aws:iam::{ACCOUNT}:role/pinekeep-search", {})), False),
    ],
    ids=str,
)
def test_the_verification_role_decides(made: Call, answer: bool) -> None:
    assert allowed(policies("fleet-verification-role"), made) is answer


def test_the_verification_role_reads_in_its_regions_and_narrower_where_asked() -> None:
    describe = on("ec2:DescribeVpcEndpoints", ("*", {}))
    narrow = policies("fleet-verification-role", Regions="eu-west-1", PineconeRoles="pinekeep-*")
    assert allowed(policies("fleet-verification-role"), describe, region=REGION)
    assert not allowed(policies("fleet-verification-role"), describe, region="sa-east-1")
    assert not allowed(narrow, describe, region=REGION)
    for role, answer in (("pinekeep-search", True), ("Administrator", False)):
        assert allowed(narrow, on("iam:GetRole", (f"arn:aws:iam::{ACCOUNT}:role/{role}", {}))) is answer


def test_whom_the_verification_role_trusts() -> None:
    several = [f"arn:aws:iam::{ADMINISTRATOR}:role/Security", f"arn:aws:iam::{ADMINISTRATOR}:root"]
    assert trust("fleet-verification-role", AdministratorArns=",".join(several)) == {
        "Effect": "Allow",
        "Principal": {"AWS": several},
        "Action": "sts:AssumeRole",
    }
    assert trust("fleet-verification-role", ExternalId="shared")["Condition"] == {
        "StringEquals": {"sts:ExternalId": "shared"}
    }


# --- Execution ---

OF_STACK_SETS = {
    "cloudformation:*",
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStacks",
    "cloudformation:ValidateTemplate",
    "s3:GetObject",
    "sns:Publish",
}


def actions(found: Iterable[Policy]) -> set[str]:
    return {
        action
        for each in found
        for statement in each["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }


def test_the_execution_role_may_do_what_the_released_shapes_need_and_no_more() -> None:
    bounded = {name: with_boundary(each) for name, each in VARIANTS.items() if released(each)}
    declared = actions_in(documents("execution", bounded)) - {"ssm:GetParameters"}
    assert actions(policies("fleet-execution-role", PermissionsBoundary=BOUNDARY)) - OF_STACK_SETS == declared


@pytest.mark.parametrize("made", [each for each in CALLS if not re.search("udit|chatbot", str(each.parts))], ids=str)
def test_what_cloudformation_does_for_a_fleet_is_allowed(made: Call) -> None:
    found = policies("fleet-execution-role")
    if made.action in actions(found) - OF_STACK_SETS:
        assert allowed(found, in_a_fleet(made))


def test_every_action_of_the_execution_role_is_decided() -> None:
    granted = actions(policies("fleet-execution-role", PermissionsBoundary=BOUNDARY)) - OF_STACK_SETS
    assert granted - {each.action for each in CALLS} == {"iam:PutRolePermissionsBoundary"}


WIDER = {"kms:CreateKey", "ec2:CreateNetworkInterface"}
"""Multi-Region keys are a parameter of the released templates, and so are the subnets."""


@pytest.mark.parametrize("made", [each for each in REFUSED if each.action not in WIDER], ids=str)
def test_what_cloudformation_must_never_do_is_refused(made: Call) -> None:
    region = "us-west-2" if "us-west-2" in str(made) else REGION
    for name in ("both", "cmek", "private-link"):
        found = policies("fleet-execution-role", Deploys=name, Fleet="search", Regions=REGION)
        assert not allowed(found, in_a_fleet(made), region=region)


def test_the_execution_role_deploys_what_it_was_made_for_in_its_regions() -> None:
    key, endpoint = (
        next(each for each in CALLS if each.action == name) for name in ("kms:CreateKey", "ec2:CreateTags")
    )
    for name, answers in (("both", (True, True)), ("cmek", (True, False)), ("private-link", (False, True))):
        found = policies("fleet-execution-role", Deploys=name)
        assert (allowed(found, key), allowed(found, endpoint)) == answers
        assert not allowed(found, key, region="sa-east-1")
        assert not allowed(found, endpoint, region="sa-east-1")


def test_the_execution_role_manages_the_stacks_of_fleets_alone() -> None:
    found = policies("fleet-execution-role")
    for name in ("CreateStack", "UpdateStack", "DeleteStack", "DescribeStacks", "DetectStackDrift"):
        assert allowed(found, on(f"cloudformation:{name}", (FLEET_STACK, {})))
        for stack in ("payroll", "Pinekeep-search-Cmek", "StackSet-payroll-296a3360"):
            assert not allowed(found, on(f"cloudformation:{name}", (STACK.format(stack), {})))
    for owner, answer in ((ACCOUNT, False), (ADMINISTRATOR, True)):
        assert allowed(found, on("sns:Publish", (f"arn:aws:sns:{REGION}:{owner}:StackSets", {}))) is answer
    (read,) = (each for each in found[0]["Statement"] if each.get("Action") == ["s3:GetObject"])
    assert read["Condition"] == {"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}}


ROLE = f"arn:aws:iam::{ACCOUNT}:role/pinekeep-search"


@pytest.mark.parametrize(
    ("boundary", "asked", "answer"), [("", None, True), (BOUNDARY, None, False), (BOUNDARY, BOUNDARY, True)]
)
def test_the_execution_role_creates_roles_with_the_boundary(boundary: str, asked: str | None, answer: bool) -> None:
    found = policies("fleet-execution-role", PermissionsBoundary=boundary)
    keys = {} if asked is None else {"iam:PermissionsBoundary": asked}
    assert allowed(found, on("iam:CreateRole", (ROLE, keys))) is answer
    policy = f"arn:aws:iam::{ACCOUNT}:policy/pinekeep-search-keys-1"
    assert allowed(found, on("iam:AttachRolePolicy", (ROLE, {**keys, "iam:PolicyARN": policy}))) is answer
    assert allowed(found, on("iam:PutRolePermissionsBoundary", (ROLE, keys))) is (answer and bool(boundary))


@pytest.mark.parametrize("key", TEMPLATES)
def test_no_policy_exceeds_a_quota_whatever_the_values(key: str) -> None:
    longest = {
        "Fleet": "a" * 40,
        "Regions": ",".join(["ap-northeast-1"] * 8),
        "PineconeRoles": "a" * aws.ROLE_NAME_MAX,
        "RolePath": f"/{'a' * (PATH_MAX - 2)}/",
        "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/{'a' * (2 * PATH_MAX - 34)}",
        "KeyAliases": "a" * PATH_MAX,
        "ExecutionRoleName": "a" * aws.ROLE_NAME_MAX,
        "TargetAccounts": ",".join(f"{100000000000 + number}" for number in range(315)),
    }
    declared = TEMPLATES[key]["Parameters"]
    values = {name: value for name, value in longest.items() if name in declared}
    found = resources(key, **values)
    assert sum(size(each["PolicyDocument"]) for each in found["Role"]["Properties"]["Policies"]) <= INLINE_MAX
    managed = [each["Properties"]["PolicyDocument"] for name, each in found.items() if name != "Role"]
    assert [each for each in managed if size(each) > aws.MANAGED_POLICY_MAX] == []
    assert len(managed) <= aws.MANAGED_POLICIES_PER_ROLE


INLINE_MAX = 10_240
"""The characters of all inline policies of a role ("IAM and AWS STS quotas", docs.aws.amazon.com)."""


def test_whom_the_execution_role_trusts() -> None:
    assert trust("fleet-execution-role")["Principal"] == {"AWS": ADMINISTRATION_ROLE}


# --- Administration ---


@pytest.mark.parametrize(
    ("account", "role", "answer"),
    [
        (ACCOUNT, "AWSCloudFormationStackSetExecutionRole", True),
        ("777788889999", "AWSCloudFormationStackSetExecutionRole", True),
        ("999988887777", "AWSCloudFormationStackSetExecutionRole", False),
        (ACCOUNT, "Administrator", False),
        (ACCOUNT, "path/AWSCloudFormationStackSetExecutionRole", False),
        ("999988887777", "Administrator", False),
    ],
)
def test_the_administration_role_assumes_the_execution_role_in_the_accounts(
    account: str, role: str, answer: bool
) -> None:
    assume = on("sts:AssumeRole", (f"arn:aws:iam::{account}:role/{role}", {}))
    assert allowed(policies("fleet-administration-role"), assume) is answer
    everywhere = policies("fleet-administration-role", TargetAccounts="*")
    assert allowed(everywhere, assume) is (role == "AWSCloudFormationStackSetExecutionRole")


def test_the_administration_role_does_nothing_else_and_trusts_the_stack_sets_of_fleets() -> None:
    assert actions(policies("fleet-administration-role")) == {"sts:AssumeRole"}
    found = trust("fleet-administration-role", Fleet="search")
    assert found["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    sets = f"arn:aws:cloudformation:*:{ACCOUNT}:stackset/Pinekeep-search-"
    assert found["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": [f"{sets}Cmek:*", f"{sets}PrivateLink:*"]},
    }
