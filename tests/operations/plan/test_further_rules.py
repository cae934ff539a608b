"""The rules about the audit bucket and the notifications, each made to happen."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.naming import Output
from pinekeep.operations.plan.changes import Action, Change, Replacement
from pinekeep.operations.plan.classify import classify
from pinekeep.operations.plan.gate import reason_to_accept, require_deployable, to_be_accepted, unacceptable
from pinekeep.operations.plan.monitoring_rules import MONITORING_RULES
from pinekeep.operations.plan.planning import DeploymentPlan, Plan
from pinekeep.operations.plan.protection import Protection, protection_of
from pinekeep.operations.plan.rules import Kind
from pinekeep.operations.plan.storage_rules import BUCKET_LOGICAL_ID, STORAGE_COMPARISONS, STORAGE_RULES
from pinekeep.operations.plan.subject import Subject
from tests.operations.plan.subjects import DEPLOYMENT, NAME, STATE, change, record, subject
from tests.operations.plan.test_gate import plan as plan_of

STORAGE, MONITORING = naming.storage_stack(NAME), naming.monitoring_stack(NAME)
BUCKET, KEY, ROLE, POLICY = "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::IAM::Role", "AWS::S3::BucketPolicy"
RULE, TOPIC, ALARM = "AWS::Events::Rule", "AWS::SNS::Topic", "AWS::CloudWatch::Alarm"
REMOVE, ADD, MODIFY = Action.REMOVE, Action.ADD, Action.MODIFY
ALWAYS = Replacement.ALWAYS
DENIES = {"Sid": "DenyWithoutTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*"}
ALLOWS = {"Sid": "Reader", "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject"}


def template(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    bucket = {
        "BucketName": "search-audit-logs",
        "ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}},
        "VersioningConfiguration": {"Status": "Enabled"},
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        **properties,
    }
    policy = {"Bucket": "search-audit-logs", "PolicyDocument": {"Statement": list(statements or [DENIES])}}
    return {
        "Resources": {
            BUCKET_LOGICAL_ID: {"Type": BUCKET, "Properties": bucket},
            "Policy": {"Type": POLICY, "Properties": policy},
        }
    }


def protected(*statements: dict[str, Any], **properties: Any) -> Subject:
    """A deployment whose audit bucket changes from the template above."""
    before = replace(STATE, protection=protection_of(template()))
    return subject(before=before, after=replace(STATE, protection=protection_of(template(*statements, **properties))))


def retention(mode: str, days: int) -> dict[str, Any]:
    return {"Rule": {"DefaultRetention": {"Mode": mode, "Days": days}}}


def of_storage(kind: str, action: Action = MODIFY, *names: str, **others: Any) -> Subject:
    return subject(change(kind, action, *names, stack=STORAGE, **others), existing=frozenset({STORAGE}))


def of_bucket(action: Action = MODIFY, *names: str, **others: Any) -> Subject:
    return of_storage(BUCKET, action, *names, logical_id=BUCKET_LOGICAL_ID, **others)


def of_monitoring(kind: str, action: Action = MODIFY, *names: str, **others: Any) -> Subject:
    others.setdefault("stack", MONITORING)
    return subject(change(kind, action, *names, **others), existing=frozenset({others["stack"]}))


LOCATED = replace(STATE, audit={Output.AUDIT_LOCATION: "search-audit-logs"})

HAPPENING: dict[str, Subject] = {
    "retention-weakened": protected(ObjectLockConfiguration=retention("GOVERNANCE", 365)),
    "bucket-weakened": protected(VersioningConfiguration={"Status": "Suspended"}),
    "bucket-policy-loosened": protected(DENIES, ALLOWS),
    "audit-destination": subject(
        before=LOCATED, after=replace(LOCATED, audit={Output.AUDIT_LOCATION: "search-audit-logs/pinecone"})
    ),
    "audit-bucket-removed": of_bucket(REMOVE, retained=True),
    "audit-bucket-replaced": of_bucket(MODIFY, "BucketName", replacement=ALWAYS),
    "audit-key-removed": of_storage(KEY, REMOVE),
    "audit-key-replaced": of_storage(KEY, replacement=ALWAYS),
    "audit-key-switched-off": of_storage(KEY, MODIFY, "Enabled"),
    "audit-key-policy": of_storage(KEY, MODIFY, "KeyPolicy"),
    "storage-role-removed": of_storage(ROLE, REMOVE),
    "storage-role-replaced": of_storage(ROLE, MODIFY, "RoleName", replacement=ALWAYS),
    "storage-trust-policy": of_storage(ROLE, MODIFY, "AssumeRolePolicyDocument"),
    "storage-permissions": of_storage("AWS::IAM::ManagedPolicy", MODIFY, "PolicyDocument"),
    "bucket-policy-removed": of_storage(POLICY, REMOVE),
    "bucket-policy-replaced": of_storage(POLICY, replacement=ALWAYS),
    "bucket-policy-changed": of_storage(POLICY, MODIFY, "PolicyDocument"),
    "bucket-encryption": of_bucket(MODIFY, "BucketEncryption"),
    "bucket-protection": of_bucket(MODIFY, "ObjectLockConfiguration"),
    "bucket-lifecycle": of_bucket(MODIFY, "LifecycleConfiguration"),
    "bucket-logging": of_bucket(MODIFY, "LoggingConfiguration"),
    "audit-queries": of_storage("AWS::Athena::NamedQuery", REMOVE),
    "topic-removed": of_monitoring(TOPIC, REMOVE),
    "topic-replaced": of_monitoring(TOPIC, MODIFY, "TopicName", replacement=ALWAYS),
    "topic-key-removed": of_monitoring(KEY, REMOVE),
    "topic-key-replaced": of_monitoring(KEY, replacement=ALWAYS),
    "topic-key-switched-off": of_monitoring(KEY, MODIFY, "Enabled"),
    "topic-key-policy": of_monitoring(KEY, MODIFY, "KeyPolicy"),
    "topic-policy": of_monitoring("AWS::SNS::TopicPolicy", MODIFY, "PolicyDocument"),
    "notification-removed": of_monitoring(RULE, REMOVE),
    "notification-changed": of_monitoring(RULE, MODIFY, "EventPattern"),
    "forwarding": of_monitoring(ROLE, REMOVE, stack=naming.global_monitoring_stack(NAME)),
    "subscription-removed": of_monitoring("AWS::SNS::Subscription", REMOVE),
    "subscription-replaced": of_monitoring("AWS::SNS::Subscription", replacement=ALWAYS),
    "subscription-made": of_monitoring("AWS::SNS::Subscription", ADD),
    "alarm-removed": of_monitoring(ALARM, REMOVE),
    "alarm-replaced": of_monitoring(ALARM, replacement=ALWAYS),
    "alarm-changed": of_monitoring(ALARM, MODIFY, "Threshold"),
    "denied-use": of_monitoring("AWS::Logs::MetricFilter", REMOVE),
}
"""What makes a rule find something, by the rule's ID."""


def test_every_rule_is_made_to_happen() -> None:
    rules = (*STORAGE_RULES, *STORAGE_COMPARISONS, *MONITORING_RULES)
    assert list(HAPPENING) == sorted(HAPPENING, key=[each.id for each in (*STORAGE_COMPARISONS, *rules)].index)
    assert set(HAPPENING) == {each.id for each in rules}


@pytest.mark.parametrize("rule", HAPPENING)
def test_a_rule_finds_what_it_is_about(rule: str) -> None:
    found = classify(HAPPENING[rule])
    assert [each.rule.id for each in found] == [rule]
    assert all(each.what for each in found)


@pytest.mark.parametrize("kind", [KEY, ROLE])
def test_keys_and_roles_of_other_stacks_are_not_those_that_pinecone_was_given_for_the_project(kind: str) -> None:
    for stack in (STORAGE, MONITORING):
        found = classify(subject(change(kind, REMOVE, stack=stack), record=record()))
        assert not {each.rule.id for each in found} & {"key-removed", "role-removed", "key-lost"}
        lost = Change(stack=stack, logical_id="Thing", type=kind, action=ADD, lost=True)
        assert "key-lost" not in {each.rule.id for each in classify(subject(lost, record=record()))}


def test_other_buckets_of_the_stack_may_go() -> None:
    (found,) = classify(of_storage(BUCKET, REMOVE, logical_id="AccessLogs"))
    assert found.rule.id == "removed"


# --- How much is protected ---


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        (
            {"ObjectLockConfiguration": retention("GOVERNANCE", 365)},
            ["Object Lock changes from compliance to governance mode"],
        ),
        ({"ObjectLockConfiguration": retention("COMPLIANCE", 30)}, ["the retention is shortened from 365 to 30 days"]),
        (
            {"ObjectLockConfiguration": retention("GOVERNANCE", 1)},
            [
                "Object Lock changes from compliance to governance mode",
                "the retention is shortened from 365 to 1 days",
            ],
        ),
        ({"ObjectLockConfiguration": None}, ["Object Lock loses its retention (compliance, 365 days)"]),
        ({"VersioningConfiguration": {"Status": "Suspended"}}, ["versioning is turned off"]),
        (
            {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": False}},
            ["BlockPublicPolicy is turned off"],
        ),
        ({"OwnershipControls": None}, ["BucketOwnerEnforced is turned off"]),
        ({"ObjectLockConfiguration": retention("COMPLIANCE", 366)}, []),
        ({"ObjectLockConfiguration": retention("COMPLIANCE", 365)}, []),
    ],
)
def test_what_protects_the_files_is_compared(properties: dict[str, Any], words: list[str]) -> None:
    assert [each.what for each in classify(protected(**properties))] == words


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ([ALLOWS], ["the statement DenyWithoutTls no longer denies", "a statement is added that allows"]),
        ([{**DENIES, "Action": "s3:PutObject"}], ["the denying statement DenyWithoutTls changes"]),
        ([DENIES, {**DENIES, "Sid": "More"}], []),
    ],
)
def test_a_policy_that_allows_more_is_told(statements: list[dict[str, Any]], words: list[str]) -> None:
    found = classify(protected(*statements))
    assert len(found) == len(words)
    assert all(each.what.startswith(said) for each, said in zip(found, words, strict=True))


def test_a_bucket_without_object_lock_can_only_gain() -> None:
    before = replace(STATE, protection=replace(Protection(), mode=None))
    assert classify(subject(before=before, after=replace(STATE, protection=protection_of(template())))) == ()


@pytest.mark.parametrize("found", [None, {}, {"Resources": {BUCKET_LOGICAL_ID: {"Type": "AWS::SNS::Topic"}}}])
def test_without_a_bucket_of_its_own_there_is_nothing_to_compare(found: Any) -> None:
    assert protection_of(found) is None
    assert classify(subject(before=replace(STATE, protection=protection_of(template())))) == ()


# --- What it takes to deploy it ---


def one(found: Subject) -> DeploymentPlan:
    (plan,) = plan_of(found).deployments
    return plan


@pytest.mark.parametrize("rule", ["retention-weakened", "notification-removed", "storage-role-removed"])
def test_a_name_is_enough_though_the_key_was_handed_over(rule: str) -> None:
    made = plan_of(replace(HAPPENING[rule], record=record()))
    require_deployable(made)
    assert [each.name for each in to_be_accepted(made, ())] == [NAME]
    assert to_be_accepted(made, (NAME,)) == []
    (plan,) = made.deployments
    assert unacceptable(plan) == []
    why, when = reason_to_accept(plan)
    assert when == "if that is intended"
    assert plan.findings[0].what in why
    assert why.startswith("this breaks Pinecone" if plan.kind is Kind.BREAKS else "this weakens a protection")


@pytest.mark.parametrize("rule", ["audit-bucket-removed", "audit-bucket-replaced", "audit-key-removed"])
def test_a_bucket_and_its_key_never_leave_by_a_deployment(rule: str) -> None:
    made = plan_of(HAPPENING[rule])
    with pytest.raises(PinekeepError) as refused:
        require_deployable(made)
    assert f"pinekeep destroy --only storage --deployment {NAME}" in str(refused.value.hint)


def test_a_deletion_of_the_key_beside_it_keeps_its_own_hint() -> None:
    both = replace(
        HAPPENING["audit-bucket-removed"], changes=(change(KEY, REMOVE), change(BUCKET, REMOVE, stack=STORAGE))
    )
    with pytest.raises(PinekeepError) as refused:
        require_deployable(Plan(deployments=(one(both),), review=plan_of(both).review))
    assert "key, role and alias are never removed" in str(refused.value.hint)


def test_protections_are_read_as_the_template_has_them() -> None:
    found = protection_of(template())
    assert found is not None
    assert (found.mode, found.days) == ("COMPLIANCE", 365)
    assert found.settings == {"versioning", "BlockPublicAcls", "BlockPublicPolicy", "BucketOwnerEnforced"}
    assert found.denied == {"DenyWithoutTls": json.dumps(DENIES, sort_keys=True)}
    assert DEPLOYMENT.audit_logs is None
