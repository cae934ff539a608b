"""The service control policy of the fence, decided by an evaluator: who may still do what while it is attached."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import pytest

from pinekeep.decisions.access.evaluator import ALLOW, EVERYTHING, library
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy, policy
from pinekeep.model.policies.fence import (
    ACCOUNT_ACTIONS,
    ALIAS_ACTIONS,
    GRANT_ACTION,
    KEY_ACTIONS,
    POLICY_ACTIONS,
    ROLE_ACTIONS,
    ROLE_TAKEOVER_ACTIONS,
    USER_TAKEOVER_ACTIONS,
    Fenced,
    fence_policy,
    fits,
    packed,
    policy_text,
)
from pinekeep.model.policies.key import ADMINISTRATION_ACTIONS, GRANT_ACTIONS, USE_ACTIONS

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
KMS = f"arn:aws:kms:eu-west-1:{ACCOUNT}"
ALIAS = "alias/pinecone/search"
KEY, OTHER_KEY = f"{KMS}:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9", f"{KMS}:key/99999999-4b5a-4978-8695-a4b3c2d1e0f9"
ADOPTED = f"{KMS}:key/11111111-2222-4333-8444-555555555555"
ROLE, ROLE_WITH_SAME_PREFIX = f"{IAM}:role/pinekeep-search", f"{IAM}:role/pinekeep-search-eu"
POLICY = f"{IAM}:policy/pinekeep-search-keys-1"
NAMED, NAMED_USER = f"{IAM}:role/sso/KeyAdmin_0123", f"{IAM}:user/jane"
PRINCIPALS = {
    "an administrator of the account": f"{IAM}:role/Administrator",
    "the root user": f"{IAM}:root",
    "the execution role": f"{IAM}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-eu-west-1",
    "a key administrator": f"{IAM}:role/KeyOperators",
    "a name that only begins like a named one": f"{IAM}:role/KeyAdmin_0123",
    "Pinecone's role": ROLE,
}
FENCED = Fenced(
    name="search",
    account=ACCOUNT,
    region="eu-west-1",
    stack="Pinekeep-search-Cmek",
    alias=ALIAS,
    adopted=None,
    roles=(ROLE,),
    policies=(f"{IAM}:policy/pinekeep-search-keys-*",),
    administrators=(f"{IAM}:role/sso/KeyAdmin_*", NAMED_USER),
    waiting_days=30,
)
WINDOW = "kms:schedulekeydeletionpendingwindowindays"
TO = "iam:passedtoservice"
OF_THE_KEY = {"kms:resourcealiases": [ALIAS]}


def is_allowed(
    who: str, action: str, resource: str, scp: Policy | None = None, *, context: Mapping[str, Any] = NOTHING
) -> bool:
    """Return whether somebody whom an IAM policy allows everything still may, with the SCP beside FullAWSAccess."""
    known = OF_THE_KEY if resource == KEY else NOTHING
    evaluator = library()
    asked = evaluator.EvalContext(
        principal_arn=who,
        principal_type="Account" if who.endswith(":root") else "AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region="eu-west-1",
        source_ip="",
        secure_transport=True,
        service_context={**known, **context},
    )
    allowed = evaluator.parse_policy_document(policy(EVERYTHING))
    document = evaluator.parse_policy_document(fence_policy([FENCED]) if scp is None else scp)
    return str(evaluator.evaluate(asked, [allowed], [allowed, document]).decision) == ALLOW


FENCED_CALLS = [
    *((action, KEY) for action in KEY_ACTIONS),
    *((action, ROLE) for action in ROLE_ACTIONS),
    *((action, POLICY) for action in POLICY_ACTIONS),
    *((action, NAMED) for action in ROLE_TAKEOVER_ACTIONS),
    *((action, NAMED_USER) for action in USER_TAKEOVER_ACTIONS),
    *((action, "*") for action in ACCOUNT_ACTIONS),
    ("iam:PassRole", NAMED),
    ("iam:CreateRole", f"{IAM}:role/sso/KeyAdmin_new"),
]


@pytest.mark.parametrize("who", PRINCIPALS)
def test_everyone_but_the_named_is_denied_what_is_fenced(who: str) -> None:
    assert [call for call in FENCED_CALLS if is_allowed(PRINCIPALS[who], *call)] == []


@pytest.mark.parametrize("who", [NAMED, NAMED_USER])
def test_the_named_are_denied_none_of_it(who: str) -> None:
    assert [call for call in FENCED_CALLS if not is_allowed(who, *call)] == []


@pytest.mark.parametrize("who", [*PRINCIPALS.values(), NAMED])
def test_other_keys_roles_and_policies_are_left_alone(who: str) -> None:
    calls = [
        *((action, OTHER_KEY) for action in (*KEY_ACTIONS, GRANT_ACTION)),
        *((action, f"{KMS}:alias/pinecone/search-2") for action in ALIAS_ACTIONS),
        *((action, each) for action in ROLE_ACTIONS for each in (ROLE_WITH_SAME_PREFIX, f"{IAM}:role/other")),
        *((action, f"{IAM}:policy/pinekeep-search-1") for action in POLICY_ACTIONS),
        ("iam:CreateRole", f"{IAM}:role/KeyAdmin_new"),
        ("iam:CreateAccessKey", f"{IAM}:user/janet"),
        ("iam:PassRole", f"{IAM}:role/other"),
    ]
    assert [call for call in calls if not is_allowed(who, *call)] == []


@pytest.mark.parametrize("who", [*PRINCIPALS.values(), NAMED])
def test_use_and_what_brings_the_key_back_are_never_denied(who: str) -> None:
    calls = [
        *((action.replace("*", "From"), KEY) for action in USE_ACTIONS),
        *((action, KEY) for action in ("kms:CreateGrant", "kms:ListGrants", "kms:RetireGrant", "kms:EnableKey")),
        *((action, KEY) for action in ("kms:CancelKeyDeletion", "kms:GetKeyPolicy", "kms:GetKeyLastUsage")),
        ("sts:AssumeRole", ROLE),
        ("iam:PassRole", ROLE),
        ("iam:GetRole", ROLE),
    ]
    assert [call for call in calls if not is_allowed(who, *call)] == []


def test_pinecones_role_keeps_all_that_the_key_policy_gives_it() -> None:
    actions = [*USE_ACTIONS, *GRANT_ACTIONS]
    assert GRANT_ACTION in actions
    assert [each for each in actions if not is_allowed(ROLE, each.replace("*", "From"), KEY)] == []
    assert not is_allowed(PRINCIPALS["a key administrator"], GRANT_ACTION, KEY)
    assert is_allowed(NAMED, GRANT_ACTION, KEY)


@pytest.mark.parametrize("who", [*PRINCIPALS.values(), NAMED, NAMED_USER])
def test_nobody_shortens_the_waiting_period_or_takes_the_alias(who: str) -> None:
    assert not is_allowed(who, "kms:ScheduleKeyDeletion", KEY, context={WINDOW: "29"})
    assert not is_allowed(who, "kms:ScheduleKeyDeletion", KEY, context={WINDOW: "7"})
    assert [action for action in ALIAS_ACTIONS if is_allowed(who, action, f"{KMS}:{ALIAS}")] == []
    assert is_allowed(who, "kms:ScheduleKeyDeletion", OTHER_KEY, context={WINDOW: "7"})


@pytest.mark.parametrize("days", ["30", None])
def test_the_named_may_schedule_a_deletion_with_the_whole_waiting_period(days: str | None) -> None:
    assert is_allowed(NAMED, "kms:ScheduleKeyDeletion", KEY, context={WINDOW: days} if days else NOTHING)


def test_the_shortest_waiting_period_is_the_setting() -> None:
    scp = fence_policy([replace(FENCED, waiting_days=14)])
    assert is_allowed(NAMED, "kms:ScheduleKeyDeletion", KEY, scp, context={WINDOW: "14"})
    assert not is_allowed(NAMED, "kms:ScheduleKeyDeletion", KEY, scp, context={WINDOW: "13"})


def test_cloudformation_may_still_be_passed_a_named_role_and_no_other_service() -> None:
    deployer = f"{IAM}:role/cdk-deploy"
    assert is_allowed(deployer, "iam:PassRole", NAMED, context={TO: "cloudformation.amazonaws.com"})
    assert not is_allowed(deployer, "iam:PassRole", NAMED, context={TO: "lambda.amazonaws.com"})


def test_the_execution_role_is_exempt_where_it_is_named() -> None:
    execution = PRINCIPALS["the execution role"]
    scp = fence_policy([replace(FENCED, administrators=(*FENCED.administrators, execution))])
    assert is_allowed(execution, "iam:UpdateAssumeRolePolicy", ROLE, scp)
    assert not is_allowed(PRINCIPALS["an administrator of the account"], "iam:UpdateAssumeRolePolicy", execution, scp)


def test_without_administrators_nobody_is_exempt() -> None:
    scp = fence_policy([replace(FENCED, administrators=())])
    for who in (NAMED, NAMED_USER, f"{IAM}:root"):
        assert not is_allowed(who, "kms:DisableKey", KEY, scp)
        assert not is_allowed(who, "iam:DeleteRole", ROLE, scp)
        assert not is_allowed(who, "organizations:LeaveOrganization", "*", scp)
    assert is_allowed(ROLE, GRANT_ACTION, KEY, scp)
    assert not any(each["Sid"].startswith(("Named", "PassNamed")) for each in scp["Statement"])


def test_an_adopted_key_is_known_by_its_arn_with_its_replicas() -> None:
    scp = fence_policy([replace(FENCED, alias=None, adopted=ADOPTED)])
    who = PRINCIPALS["an administrator of the account"]
    assert [each for each in (*KEY_ACTIONS, GRANT_ACTION) if is_allowed(who, each, ADOPTED, scp)] == []
    assert [each for each in (*KEY_ACTIONS, GRANT_ACTION) if not is_allowed(NAMED, each, ADOPTED, scp)] == []
    assert not is_allowed(NAMED, "kms:ScheduleKeyDeletion", ADOPTED, scp, context={WINDOW: "7"})
    assert is_allowed(who, "kms:DisableKey", OTHER_KEY, scp)
    shared = f"{KMS}:key/mrk-0123456789abcdef0123456789abcdef"
    scp = fence_policy([replace(FENCED, alias=None, adopted=shared)])
    assert not is_allowed(who, "kms:DisableKey", shared.replace("eu-west-1", "us-east-1"), scp)


def test_a_multi_region_key_is_protected_in_every_region() -> None:
    replica = KEY.replace("eu-west-1", "us-east-1")
    call = (PRINCIPALS["the root user"], "kms:DisableKey", replica)
    assert is_allowed(*call, context=OF_THE_KEY)
    assert not is_allowed(*call, fence_policy([replace(FENCED, multi_region=True)]), context=OF_THE_KEY)


def test_a_second_alias_of_the_key_lifts_nothing() -> None:
    aliases = {"kms:resourcealiases": ["alias/another", ALIAS]}
    assert not is_allowed(PRINCIPALS["the root user"], "kms:DisableKey", OTHER_KEY, context=aliases)


def test_each_deployment_has_its_own_administrators() -> None:
    other = replace(
        FENCED, name="b", alias="alias/b", roles=(f"{IAM}:role/b",), administrators=(f"{IAM}:role/b-admin",)
    )
    scp = fence_policy([FENCED, other])
    assert is_allowed(NAMED, "iam:DeleteRole", ROLE, scp)
    assert not is_allowed(NAMED, "iam:DeleteRole", f"{IAM}:role/b", scp)
    assert not is_allowed(f"{IAM}:role/b-admin", "iam:DeleteRole", ROLE, scp)
    assert is_allowed(f"{IAM}:role/b-admin", "account:CloseAccount", "*", scp)
    assert not is_allowed(ROLE, "account:CloseAccount", "*", scp)


def test_nothing_of_the_key_administrators_in_the_key_policy_ends_the_use_unfenced() -> None:
    """Every action of the key policy's administrators that changes the key is fenced, or harmless by decision."""
    harmless = {"Create", "Describe", "Enable", "List", "Get", "Tag", "Untag", "Cancel", "Rotate"}
    verbs = {each.split(":")[1].rstrip("*") for each in ADMINISTRATION_ACTIONS}
    changing = {each for each in verbs if not each.startswith(tuple(harmless))}
    fenced = {each.split(":")[1] for each in (*KEY_ACTIONS, *ALIAS_ACTIONS, GRANT_ACTION)}
    assert {each for each in changing if not any(action.startswith(each) for action in fenced)} == set()


def test_the_document_is_an_scp() -> None:
    text = policy_text(fence_policy([FENCED]))
    document = json.loads(text)
    assert document == fence_policy([FENCED])
    assert text == policy_text(fence_policy([FENCED]))
    sids = [each["Sid"] for each in document["Statement"]]
    assert len(sids) == len(set(sids))
    for each in document["Statement"]:
        assert each["Effect"] == "Deny"
        assert each.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert each["Sid"].isalnum()
    assert len(text) <= aws.SCP_MAX


def test_many_deployments_are_spread_over_policies_within_the_quota() -> None:
    many = [
        replace(FENCED, name=f"d{i}", alias=f"alias/pinecone/d{i}", roles=(f"{IAM}:role/pinekeep-d{i}-eu-west-1",))
        for i in range(40)
    ]
    groups = packed(many)
    assert [each.name for group in groups for each in group] == [each.name for each in many]
    assert 1 < len(groups) < len(many)
    assert all(len(policy_text(fence_policy(group))) <= aws.SCP_MAX for group in groups)
    assert not fits([*groups[0], groups[1][0]])


def test_one_that_is_too_large_by_itself_is_refused() -> None:
    large = replace(FENCED, name="large", administrators=tuple(f"{IAM}:role/administrator-{i}" for i in range(60)))
    with pytest.raises(ValueError, match="large"):
        packed([FENCED, large])


def test_deployments_of_two_accounts_have_no_policy_together() -> None:
    with pytest.raises(ValueError, match="one account"):
        fence_policy([FENCED, replace(FENCED, account="444455556666")])
