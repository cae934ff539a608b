"""The rules of the Guard Hook, run by the engine of CloudFormation Guard."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from pinekeep.model.policies.guard import HOOK_ALIAS, guard_rules
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.trust import trust_policy
from tests.model.policies.test_fence import ACCOUNT, FENCED, ROLE

engine = pytest.importorskip(
    "cfn_guard_rs.cfn_guard_rs", reason="the engine has wheels for some versions of Python only"
)

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


def refused_by(
    action: str,
    target: str,
    now: dict[str, Any],
    *,
    before: dict[str, Any] | None = None,
    stack: str | None = STACK,
    rules: str = RULES,
) -> set[str]:
    """Return the rules that an input breaks, in the form that the Hooks user guide documents.

    The engine's report is read from its end, the lists of rules that hold and that do not apply: cfn_guard_rs 0.3.3
    loses the beginning of a long one.
    """
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
    report = engine.run_checks_rs(json.dumps(data), rules, False)
    assert '"compliant": [' in report
    kept = set(re.findall(r'^ {4}"(\w+)",?$', report, re.MULTILINE))
    return set(re.findall(r"^rule (\w+)", rules, re.MULTILINE)) - kept


def updated(target: str, before: dict[str, Any], **changes: Any) -> set[str]:
    now = {name: value for name, value in {**before, **changes}.items() if value is not None}
    return refused_by("UPDATE", target, now, before=before)


@pytest.mark.parametrize("target", [KEY, ALIAS, IAM_ROLE, "AWS::IAM::ManagedPolicy"])
@pytest.mark.parametrize("properties", [{}, KEY_PROPERTIES])
def test_the_deletion_of_what_the_stack_keeps_is_refused_whatever_the_input_says(
    target: str, properties: dict[str, Any]
) -> None:
    assert refused_by("DELETE", target, properties) == {"keep_search_resources"}
    assert refused_by("DELETE", target, properties, stack=OTHER_STACK) == set()


def test_the_first_deployment_and_an_update_without_a_change_pass() -> None:
    for target, properties in (
        (KEY, KEY_PROPERTIES),
        (IAM_ROLE, ROLE_PROPERTIES),
        (ALIAS, {"AliasName": FENCED.alias}),
    ):
        assert refused_by("CREATE", target, properties) == set()
        assert refused_by("UPDATE", target, properties, before=properties) == set()
    assert updated(KEY, KEY_PROPERTIES, EnableKeyRotation=False, Tags=[{"Key": "team", "Value": "search"}]) == set()
    assert updated(IAM_ROLE, ROLE_PROPERTIES, Tags=[{"Key": "team", "Value": "search"}]) == set()


@pytest.mark.parametrize(("days", "refusing"), [(7, {"keep_search_key"}), (29, {"keep_search_key"}), (30, set())])
def test_a_short_waiting_period_is_refused(days: int, refusing: set[str]) -> None:
    assert updated(KEY, KEY_PROPERTIES, PendingWindowInDays=days) == refusing
    assert refused_by("CREATE", KEY, {**KEY_PROPERTIES, "PendingWindowInDays": days}) == refusing


def test_a_key_without_these_properties_has_the_defaults() -> None:
    assert updated(KEY, KEY_PROPERTIES, PendingWindowInDays=None) == set()


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
    assert updated(target, before) == set()
    assert len(updated(target, before, **change)) == 1


def test_an_input_without_the_previous_properties_is_refused() -> None:
    assert refused_by("UPDATE", IAM_ROLE, ROLE_PROPERTIES) == {"keep_search_role_unchanged"}


@pytest.mark.parametrize("stack", [OTHER_STACK, "", None])
@pytest.mark.parametrize("action", ["CREATE", "UPDATE", "DELETE"])
def test_role_and_alias_are_refused_in_other_stacks_and_in_cloud_control(action: str, stack: str | None) -> None:
    role, alias = {"keep_search_role_elsewhere"}, {"keep_search_alias_elsewhere"}
    for target, properties, near in (
        (IAM_ROLE, {"RoleName": NAME}, {"RoleName": f"{NAME}-eu"}),
        ("AWS::IAM::RolePolicy", {"RoleName": NAME, "PolicyName": "p"}, {"RoleName": "other", "PolicyName": "p"}),
        ("AWS::IAM::Policy", {"Roles": ["other", NAME]}, {"Roles": ["other"]}),
        ("AWS::IAM::ManagedPolicy", {"Roles": [NAME]}, {"Users": [NAME]}),
        (ALIAS, {"AliasName": FENCED.alias}, {"AliasName": f"{FENCED.alias}-2"}),
    ):
        assert refused_by(action, target, properties, stack=stack) == (alias if target == ALIAS else role)
        assert refused_by(action, target, near, stack=stack) == set(), target


def test_without_a_key_of_its_own_there_are_no_rules_about_key_and_alias() -> None:
    rules = guard_rules([replace(FENCED, alias=None)])
    assert refused_by("CREATE", KEY, {"PendingWindowInDays": 7}, rules=rules) == set()
    assert refused_by("DELETE", IAM_ROLE, {}, rules=rules) == {"keep_search_resources"}


def test_the_rules_of_several_deployments_hold_together() -> None:
    other = replace(
        FENCED, name="search-2", stack="Pinekeep-search-2-Cmek", alias="alias/pinecone/search-2", waiting_days=7
    )
    rules = guard_rules([FENCED, other])
    for stack, days, refusing in (
        (STACK, 29, {"keep_search_key"}),
        (OTHER_STACK, 29, set()),
        (OTHER_STACK, 6, {"keep_search_2_key"}),
    ):
        properties = {**KEY_PROPERTIES, "PendingWindowInDays": days}
        assert refused_by("CREATE", KEY, properties, stack=stack, rules=rules) == refusing


def test_the_engine_refuses_rules_that_are_none() -> None:
    with pytest.raises(engine.CfnGuardParseError):
        refused_by("DELETE", KEY, {}, rules=RULES.replace("rule ", "rules "))
