"""The rules of the Guard Hook, run by the engine of CloudFormation Guard, and the template of the Hook."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cfnlint.decode import decode_str

from pinekeep.model.facts import aws
from pinekeep.model.policies.guard import HOOK_ALIAS, TARGETS, guard_hook_template, guard_rules
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.trust import trust_policy
from tests.model.policies.test_fence import ACCOUNT, FENCED, ROLE
from tests.stacks.test_cfn_lint import IGNORED, linter

cfn_guard_rs = pytest.importorskip("cfn_guard_rs", reason="the engine has wheels for some versions of Python only")

STACK = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/Pinekeep-search-Cmek/0f1e2d3c-aaaa-bbbb-cccc-1234567890ab"
OTHER_STACK = STACK.replace("Pinekeep-search-Cmek", "Pinekeep-search-2-Cmek")
RULES = guard_rules([FENCED])
KEY, ALIAS, IAM_ROLE = "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::IAM::Role"
NAME = ROLE.rpartition("/")[2]
KEY_PROPERTIES = {
    "KeyPolicy": key_policy(account=ACCOUNT, administrators=[], role=ROLE, multi_region=False),
    "EnableKeyRotation": True,
    "PendingWindowInDays": 30,
}
TRUST = trust_policy(pinecone_account="740000000001", regions=["eu-west-1"], external_id="x", form="documented")
WIDER = trust_policy(
    pinecone_account="740000000001", regions=["eu-west-1", "us-east-1"], external_id="x", form="documented"
)
ROLE_PROPERTIES = {"RoleName": NAME, "AssumeRolePolicyDocument": TRUST}


def result(
    action: str,
    target: str,
    now: dict[str, Any],
    *,
    before: dict[str, Any] | None = None,
    stack: str | None = STACK,
    rules: str = RULES,
) -> str:
    """Return what the engine says of an input in the form that the Hooks user guide documents."""
    hook = {
        "AWSAccountID": ACCOUNT,
        "HookTypeName": HOOK_ALIAS,
        "HookTypeVersion": "00000001",
        "InvocationPoint": f"{action}_PRE_PROVISION",
        "TargetName": target,
        "TargetType": "RESOURCE",
        "TargetLogicalId": "Resource",
        "ChangeSetId": "",
    }
    if stack is not None:
        hook["StackId"] = stack
    data: dict[str, Any] = {
        "HookContext": hook,
        "Resources": {"Resource": {"ResourceType": target, "ResourceProperties": now}},
    }
    if before is not None:
        data["Previous"] = {"Resource": {"ResourceType": target, "ResourceProperties": before}}
    return str(cfn_guard_rs.run_checks(data, rules).status)


def updated(target: str, before: dict[str, Any], **changes: Any) -> str:
    now = {name: value for name, value in {**before, **changes}.items() if value is not None}
    return result("UPDATE", target, now, before=before)


@pytest.mark.parametrize("target", [KEY, ALIAS, IAM_ROLE, "AWS::IAM::ManagedPolicy"])
@pytest.mark.parametrize("properties", [{}, KEY_PROPERTIES])
def test_the_deletion_of_what_the_stack_keeps_is_refused_whatever_the_input_says(
    target: str, properties: dict[str, Any]
) -> None:
    assert result("DELETE", target, properties) == "FAIL"
    assert result("DELETE", target, properties, stack=OTHER_STACK) in ("PASS", "SKIP")


def test_the_first_deployment_and_an_update_without_a_change_pass() -> None:
    for target, properties in (
        (KEY, KEY_PROPERTIES),
        (IAM_ROLE, ROLE_PROPERTIES),
        (ALIAS, {"AliasName": FENCED.alias}),
    ):
        assert result("CREATE", target, properties) == "PASS"
        assert result("UPDATE", target, properties, before=properties) == "PASS"
    assert updated(KEY, KEY_PROPERTIES, EnableKeyRotation=False, Tags=[{"Key": "team", "Value": "search"}]) == "PASS"
    assert updated(IAM_ROLE, ROLE_PROPERTIES, Tags=[{"Key": "team", "Value": "search"}]) == "PASS"


@pytest.mark.parametrize(("days", "expected"), [(7, "FAIL"), (29, "FAIL"), (30, "PASS")])
def test_a_short_waiting_period_is_refused(days: int, expected: str) -> None:
    assert updated(KEY, KEY_PROPERTIES, PendingWindowInDays=days) == expected
    assert result("CREATE", KEY, {**KEY_PROPERTIES, "PendingWindowInDays": days}) == expected


def test_a_key_without_these_properties_has_the_defaults() -> None:
    assert updated(KEY, KEY_PROPERTIES, PendingWindowInDays=None) == "PASS"


@pytest.mark.parametrize(
    ("target", "before", "change"),
    [
        (KEY, KEY_PROPERTIES, {"Enabled": False}),
        (KEY, KEY_PROPERTIES, {"KeyPolicy": {**KEY_PROPERTIES["KeyPolicy"], "Statement": []}}),
        (IAM_ROLE, ROLE_PROPERTIES, {"AssumeRolePolicyDocument": WIDER}),
        (IAM_ROLE, ROLE_PROPERTIES, {"AssumeRolePolicyDocument": {**TRUST, "Statement": []}}),
        (IAM_ROLE, ROLE_PROPERTIES, {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSDenyAll"]}),
        (IAM_ROLE, ROLE_PROPERTIES, {"Policies": [{"PolicyName": "p", "PolicyDocument": {}}]}),
        (IAM_ROLE, ROLE_PROPERTIES, {"PermissionsBoundary": "arn:aws:iam::aws:policy/AWSDenyAll"}),
        (IAM_ROLE, {**ROLE_PROPERTIES, "PermissionsBoundary": "b"}, {"PermissionsBoundary": None}),
        (IAM_ROLE, {**ROLE_PROPERTIES, "ManagedPolicyArns": ["a", "b"]}, {"ManagedPolicyArns": ["a"]}),
        ("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"a": "1"}}, {"PolicyDocument": {"a": "2"}}),
    ],
)
def test_a_change_of_policy_trust_or_state_is_refused(
    target: str, before: dict[str, Any], change: dict[str, Any]
) -> None:
    assert updated(target, before) == "PASS"
    assert updated(target, before, **change) == "FAIL"


def test_an_input_without_the_previous_properties_is_refused() -> None:
    assert result("UPDATE", IAM_ROLE, ROLE_PROPERTIES) == "FAIL"


@pytest.mark.parametrize("stack", [OTHER_STACK, "", None])
@pytest.mark.parametrize("action", ["CREATE", "UPDATE", "DELETE"])
def test_role_and_alias_are_refused_in_other_stacks_and_in_cloud_control(action: str, stack: str | None) -> None:
    for target, properties, near in (
        (IAM_ROLE, {"RoleName": NAME}, {"RoleName": f"{NAME}-eu"}),
        ("AWS::IAM::RolePolicy", {"RoleName": NAME, "PolicyName": "p"}, {"RoleName": "other", "PolicyName": "p"}),
        ("AWS::IAM::Policy", {"Roles": ["other", NAME]}, {"Roles": ["other"]}),
        ("AWS::IAM::ManagedPolicy", {"Roles": [NAME]}, {"Users": [NAME]}),
        (ALIAS, {"AliasName": FENCED.alias}, {"AliasName": f"{FENCED.alias}-2"}),
    ):
        assert result(action, target, properties, stack=stack) == "FAIL", target
        assert result(action, target, near, stack=stack) in ("PASS", "SKIP"), target


def test_without_a_key_of_its_own_there_are_no_rules_about_key_and_alias() -> None:
    rules = guard_rules([replace(FENCED, alias=None)])
    assert result("CREATE", KEY, {"PendingWindowInDays": 7}, rules=rules) in ("PASS", "SKIP")
    assert result("DELETE", IAM_ROLE, {}, rules=rules) == "FAIL"


def test_the_rules_of_several_deployments_hold_together() -> None:
    other = replace(FENCED, name="search-2", alias="alias/pinecone/search-2", waiting_days=7)
    rules = guard_rules([FENCED, other])
    for stack, days, expected in ((STACK, 29, "FAIL"), (OTHER_STACK, 29, "PASS"), (OTHER_STACK, 6, "FAIL")):
        properties = {**KEY_PROPERTIES, "PendingWindowInDays": days}
        assert result("CREATE", KEY, properties, stack=stack, rules=rules) == expected


def test_the_engine_refuses_rules_that_are_none() -> None:
    with pytest.raises(cfn_guard_rs.errors.ParseError):
        result("DELETE", KEY, {}, rules=RULES.replace("rule ", "rules "))


def test_cfn_lint_finds_nothing_in_the_template_of_the_hook() -> None:
    template, errors = decode_str(json.dumps(guard_hook_template()))
    found = errors or linter().validate_template(template or {})
    assert [str(each) for each in found if each.rule.id not in IGNORED] == []


def test_the_hook_fails_closed_and_its_role_may_read_its_rules_alone() -> None:
    resources = guard_hook_template()["Resources"]
    hook, role = resources["Hook"]["Properties"], resources["ExecutionRole"]["Properties"]
    assert (hook["FailureMode"], hook["Alias"]) == ("FAIL", HOOK_ALIAS)
    assert not HOOK_ALIAS.lower().startswith("aws")
    assert hook["TargetOperations"] == ["RESOURCE", "CLOUD_CONTROL"]
    assert hook["TargetFilters"]["TargetNames"] == list(TARGETS)
    assert "StackFilters" not in hook  # ignored beside CLOUD_CONTROL, and they know no caller
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": aws.HOOKS_SERVICE}
    (read, _) = role["Policies"]
    assert read["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${RulesBucket}"},
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${RulesBucket}/${RulesKey}"},
        },
    ]
