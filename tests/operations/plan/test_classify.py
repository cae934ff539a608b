"""Each rule, made to happen."""

from dataclasses import replace
from typing import Any

import pytest

from pinekeep.account.record.handover import Value
from pinekeep.account.record.predecessors import Former
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.classify import classify, worst
from pinekeep.operations.plan.monitoring_rules import MONITORING_RULES
from pinekeep.operations.plan.resolution import Answer
from pinekeep.operations.plan.rule_table import RULES
from pinekeep.operations.plan.rules import Kind
from pinekeep.operations.plan.state import NEW, NEW_ENDPOINT, Endpoints
from pinekeep.operations.plan.storage_rules import STORAGE_COMPARISONS, STORAGE_RULES
from pinekeep.operations.plan.subject import Subject
from tests.operations.plan.subjects import (
    DEPLOYMENT,
    ENDPOINT_ID,
    KEY_ARN,
    LINK,
    NAME,
    ROLE_ARN,
    STATE,
    becoming,
    change,
    meaning,
    moved,
    record,
    resolving,
    serving,
    subject,
)

KEY, ROLE, ALIAS = "AWS::KMS::Key", "AWS::IAM::Role", "AWS::KMS::Alias"
ENDPOINT, GROUP, ZONE = "AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroup", "AWS::Route53::HostedZone"
REMOVE, ADD, MODIFY = Action.REMOVE, Action.ADD, Action.MODIFY
ALWAYS, MAYBE = Replacement.ALWAYS, Replacement.MAYBE
OWN = "vpc-0a1b2c3d4e5f60718"
OTHER_ENDPOINT = "vpce-0a1b2c3d4e5f60719"
OTHER_ID = "4f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"

ANOTHER_ENDPOINT = replace(STATE, values={**STATE.values, Value.ENDPOINT_ID: NEW[Value.ENDPOINT_ID]})
ENABLED_AGAIN = PropertyChange(attribute="Properties", name="Enabled", before="false", after="true")


def lost(kind: str, **others: Any) -> Change:
    """A resource that was deleted by hand, and is made again."""
    return replace(change(kind, ADD, **others), lost=True)


HAPPENING: dict[str, Subject] = {
    "record-differs": becoming(Value.EXTERNAL_ID, OTHER_ID, record=record()),
    "role-arn": becoming(Value.ROLE_ARN, f"{ROLE_ARN}-2"),
    "key-arn": becoming(Value.KEY_ARN, NEW[Value.KEY_ARN]),
    "external-id": becoming(Value.EXTERNAL_ID, OTHER_ID),
    "trust-region": meaning(dropped=("Pinecone's access role of us-east-1",)),
    "pinecone-account": subject(pinecone_account="740000000002"),
    "renamed": subject(former=(Former(name="before", region="us-east-1", same_external_id=True),)),
    "moved": subject(former=(Former(name=NAME, region="eu-west-1", same_external_id=True, key_arn=KEY_ARN),)),
    "unnamed": subject(former=(Former(name="other", region="us-east-1", same_external_id=False),)),
    "endpoint-in-use": subject(record=record(), after=serving(NEW_ENDPOINT)),
    "endpoint-not-registered": subject(record=record(), after=serving(OTHER_ENDPOINT, standby=ENDPOINT_ID)),
    "endpoint-gone-changed": subject(
        change(ENDPOINT, MODIFY, "PrivateDnsEnabled", stack=LINK, physical_id=ENDPOINT_ID),
        record=record(),
        gone_endpoints=frozenset({ENDPOINT_ID}),
    ),
    "endpoint-name-taken": subject(
        before=replace(STATE, endpoints=Endpoints(serving=ENDPOINT_ID, name_taken_in='"vpc"')),
        after=replace(STATE, endpoints=Endpoints(serving=NEW_ENDPOINT, name_taken_in='"vpc"')),
    ),
    "resolution-conflict": subject(before=resolving(OWN, Answer.ZONE), after=resolving(OWN, Answer.PRIVATE_DNS)),
    "resolution-lost": subject(before=resolving(OWN, Answer.PRIVATE_DNS), after=resolving(OWN)),
    "resolution-moved": subject(
        deployment=moved(DEPLOYMENT), before=resolving(OWN, Answer.PRIVATE_DNS), after=resolving(OWN)
    ),
    "endpoint-elsewhere": subject(record=record(), before=None, after=serving(NEW_ENDPOINT)),
    "endpoint-gone": subject(record=record(), gone_endpoints=frozenset({ENDPOINT_ID})),
    "endpoint-made": subject(record=record(), after=serving(ENDPOINT_ID, standby=NEW_ENDPOINT)),
    "endpoint-unrecorded": subject(record=record(endpoint_id=OTHER_ENDPOINT)),
    "spare-endpoint-removed": subject(
        change(ENDPOINT, REMOVE, stack=LINK, physical_id=OTHER_ENDPOINT),
        before=serving(ENDPOINT_ID, standby=OTHER_ENDPOINT),
    ),
    "spare-endpoint-replaced": subject(
        change(ENDPOINT, MODIFY, "VpcId", replacement=ALWAYS, stack=LINK, physical_id=OTHER_ENDPOINT),
        before=serving(ENDPOINT_ID, standby=OTHER_ENDPOINT),
    ),
    "key-use": meaning(forgotten=("pinekeep-search",)),
    "recorded-already-gone": subject(record=record(key_arn=f"{KEY_ARN[:-1]}0")),
    "brought-back": becoming(Value.EXTERNAL_ID, OTHER_ID, record=record(external_id=OTHER_ID)),
    "key-state": subject(key_state="PendingDeletion"),
    "access": meaning(access=("a stranger can now use the key",)),
    "administrators": subject(after=replace(STATE, administrators=("arn:aws:iam::111122223333:role/Admins",))),
    "customer-keys": subject(after=replace(STATE, customer_keys=("arn:aws:kms:*:444455556666:key/*",))),
    "client-list": subject(after=replace(STATE, clients=("10.1.0.0/16",))),
    "drift": meaning(drift=("a stranger can now use the key",)),
    "grants": meaning(grants=("a stranger can now use the key: grant 01234567…",)),
    "left-alone": subject(left_alone=(LINK,)),
    "not-compared": meaning(unknown=("the key policy could not be read",)),
    "key-removed": subject(change(KEY, REMOVE)),
    "key-replaced": subject(change(KEY, MODIFY, replacement=MAYBE)),
    "role-removed": subject(change(ROLE, REMOVE)),
    "role-replaced": subject(change(ROLE, MODIFY, "RoleName", replacement=ALWAYS)),
    "alias-removed": subject(change(ALIAS, REMOVE)),
    "alias-replaced": subject(change(ALIAS, MODIFY, "AliasName", replacement=ALWAYS)),
    "key-nature": subject(change(KEY, MODIFY, "MultiRegion")),
    "endpoint-removed": subject(change(ENDPOINT, REMOVE, stack=LINK)),
    "endpoint-replaced": subject(change(ENDPOINT, MODIFY, "VpcId", replacement=ALWAYS, stack=LINK)),
    "key-switched-on": subject(replace(change(KEY, MODIFY), details=(ENABLED_AGAIN,))),
    "key-switched-off": subject(change(KEY, MODIFY, "Enabled")),
    "key-lost": subject(lost(KEY)),
    "role-made-again": subject(lost(ROLE)),
    "made-again": subject(lost(ALIAS)),
    "synced": subject(change(ROLE, Action.SYNC, "Description")),
    "permissions": subject(change("AWS::IAM::ManagedPolicy", MODIFY, "PolicyDocument")),
    "dns": subject(change(ZONE, ADD, stack=LINK)),
    "removed": subject(change("AWS::EC2::FlowLog", REMOVE, stack=LINK)),
    "replaced": subject(change("AWS::EC2::VPC", MODIFY, "CidrBlock", replacement=ALWAYS, stack=LINK)),
    "made": subject(change(KEY, ADD), existing=frozenset()),
    "trust-policy": subject(change(ROLE, MODIFY, "AssumeRolePolicyDocument")),
    "key-policy": subject(change(KEY, MODIFY, "KeyPolicy")),
    "rotation": subject(change(KEY, MODIFY, "RotationPeriodInDays")),
    "boundary": subject(change(ROLE, MODIFY, "PermissionsBoundary")),
    "clients": subject(change(GROUP, MODIFY, "SecurityGroupIngress", stack=LINK)),
    "endpoint-dns": subject(change(ENDPOINT, MODIFY, "PrivateDnsEnabled", stack=LINK)),
    "endpoint-network": subject(change(ENDPOINT, MODIFY, "SubnetIds", stack=LINK)),
    "retention": subject(change(KEY, MODIFY, "DeletionPolicy:")),
    "labels": subject(change(KEY, MODIFY, "Tags", "Tags:", "Description")),
    "deletion-window": subject(change(KEY, MODIFY, "PendingWindowInDays")),
    "other": subject(change(KEY, MODIFY, "BypassPolicyLockoutSafetyCheck")),
}
"""For each rule something that makes it speak, and nothing else of its kind or graver."""

ALSO = {
    "record-differs": {"external-id"},
    "key-lost": {"made-again"},
    "endpoint-gone-changed": {"endpoint-gone", "endpoint-dns"},
    "endpoint-in-use": {"endpoint-made"},
    "endpoint-elsewhere": {"endpoint-made"},
}
"""Which rules speak besides."""


def test_every_rule_is_made_to_happen() -> None:
    further = {each.id for each in (*STORAGE_RULES, *STORAGE_COMPARISONS, *MONITORING_RULES)}
    assert set(HAPPENING) == {each.id for each in RULES} - further, "test_further_rules.py makes the others happen"
    assert len({each.id for each in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", HAPPENING)
def test_a_rule_speaks_of_what_it_is_about(rule: str) -> None:
    found = classify(HAPPENING[rule])
    assert {each.rule.id for each in found} == {rule} | ALSO.get(rule, set())
    wanted = next(each.kind for each in RULES if each.id == rule)
    assert worst(found) is wanted
    assert all(each.what for each in found)


def test_another_key_for_one_that_is_gone_is_never_made() -> None:
    found = classify(subject(lost(KEY)))
    assert found[0].what.startswith(f"the key {KEY_ARN} is gone or pending deletion")


def test_where_nothing_changes_there_is_nothing_to_say() -> None:
    assert classify(subject(record=record())) == ()
    assert worst([]) is Kind.SAFE


def test_the_gravest_comes_first_and_what_differs_from_the_record_before_all_else_of_its_kind() -> None:
    found = classify(
        replace(
            becoming(Value.EXTERNAL_ID, OTHER_ID, record=record()),
            changes=(change(KEY, MODIFY, "Tags"), change(KEY, REMOVE)),
        )
    )
    assert [each.rule.id for each in found] == ["key-removed", "record-differs", "external-id", "labels"]


@pytest.mark.parametrize(
    ("value", "now", "words"),
    [
        (Value.EXTERNAL_ID, "none", "the external ID changes from"),
        (Value.KEY_ARN, None, f"the key ARN {KEY_ARN} is removed from the outputs"),
        (Value.KEY_ARN, NEW[Value.KEY_ARN], f"the key ARN {KEY_ARN} is replaced by that of a new key"),
    ],
)
def test_a_value_that_changes_is_told_with_what_becomes_of_it(value: Value, now: str | None, words: str) -> None:
    (found,) = classify(becoming(value, now))
    assert found.kind is Kind.BREAKS
    assert found.what.startswith(words)


def test_an_external_id_that_comes_where_there_was_none_breaks_as_well() -> None:
    without = replace(STATE, values={**STATE.values, Value.EXTERNAL_ID: "none"})
    (found,) = classify(subject(before=without))
    assert found.rule.id == "external-id"


def test_a_first_deployment_has_no_value_that_could_change() -> None:
    assert classify(subject(before=None, existing=frozenset())) == ()


def test_a_key_made_anew_after_one_was_handed_over_differs_from_the_record() -> None:
    anew = replace(STATE, values={**STATE.values, Value.KEY_ARN: NEW[Value.KEY_ARN]})
    (found,) = classify(subject(before=None, after=anew, existing=frozenset(), record=record()))
    assert found.rule.id == "record-differs"
    assert found.what == f"Pinecone was given the key ARN {KEY_ARN}; it would be a new key"


def test_what_differs_already_and_is_made_worse_is_told_as_such() -> None:
    found = classify(becoming(Value.EXTERNAL_ID, OTHER_ID, record=record(external_id="none")))
    assert [each.rule.id for each in found] == ["record-differs", "external-id"]


def test_what_is_brought_back_is_no_breakage() -> None:
    found = classify(becoming(Value.EXTERNAL_ID, OTHER_ID, record=record(external_id=OTHER_ID)))
    assert worst(found) is Kind.ATTENTION


def test_roles_of_the_endpoints_stack_are_not_those_that_pinecone_assumes() -> None:
    (found,) = classify(subject(change(ROLE, REMOVE, stack=LINK)))
    assert (found.rule.id, found.kind) == ("removed", Kind.ATTENTION)


def test_a_first_hosted_zone_is_safe_and_a_later_one_wants_attention() -> None:
    (found,) = classify(subject(change(ZONE, ADD, stack=LINK), existing=frozenset()))
    assert found.kind is Kind.SAFE


def test_things_of_one_resource_are_sorted_apart() -> None:
    found = classify(subject(change(KEY, MODIFY, "Tags", "KeyPolicy", "Description")))
    assert [(each.rule.id, each.what) for each in found] == [
        ("key-policy", "AWS::KMS::Key Thing (thing-1): KeyPolicy changes"),
        ("labels", "AWS::KMS::Key Thing (thing-1): Tags, Description changes"),
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (change(KEY, REMOVE, retained=True), "leaves the stack and stays in the account"),
        (change(KEY, REMOVE), "leaves the stack and is deleted"),
        (
            change(KEY, MODIFY, replacement=ALWAYS, retained=True),
            "AWS::KMS::Key Thing (thing-1) is replaced; the old one stays",
        ),
        (change(KEY, MODIFY, replacement=MAYBE), "AWS::KMS::Key Thing (thing-1) may be replaced"),
        (change(KEY, ADD), "AWS::KMS::Key Thing is created"),
        (change(KEY, Action.IMPORT), "is imported into the stack as it is"),
    ],
)
def test_what_happens_to_a_resource_is_told(changed: Change, words: str) -> None:
    (found,) = classify(subject(changed))
    assert words in found.what


def test_values_are_told_where_they_are_short() -> None:
    detail = PropertyChange(attribute="Properties", name="RotationPeriodInDays", before="365", after="400")
    long = PropertyChange(attribute="Properties", name="KeyPolicy", before="{}", after="{" + "x" * 100 + "}")
    found = classify(subject(replace(change(KEY), details=(detail, long))))
    assert [each.what.partition(": ")[2] for each in found] == [
        "RotationPeriodInDays from 365 to 400 changes",
        "KeyPolicy changes",
    ]


def test_a_modification_without_a_word_wants_attention() -> None:
    (found,) = classify(subject(change(KEY)))
    assert found.rule.id == "other"
