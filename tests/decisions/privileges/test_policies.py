"""All policies: within IAM's quotas, and without anything that is wider than it says."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinekeep.decisions.privileges import PURPOSES, Purpose, policies_for
from pinekeep.decisions.privileges.association import IN_CLIENT_ACCOUNTS
from pinekeep.decisions.privileges.policies import pack, size
from pinekeep.decisions.privileges.types import KINDS
from pinekeep.decisions.privileges.verbs import VERBS
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment, load
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Statement
from tests.decisions.privileges.support import CMEK, FULL, NEW_VPC, VARIANTS, actions_in, deployment, documents, link
from tests.stacks.support import EXAMPLES

ALLOWED_WILDCARDS = {
    "kms:ReEncrypt*": "as the AWS console writes a key user; the boundary must include it",
    "kms:GenerateDataKey*": "the same",
}
READ_ONLY = (
    "Describe",
    "Detect",
    "Get",
    "List",
    "LookupEvents",
    "Simulate",
    "ValidatePolicy",
    "CheckNoPublicAccess",
    "CheckAccessNotGranted",
)
SELECTIONS: dict[str, Mapping[str, Deployment]] = {
    **{path.stem: load(path).deployments for path in EXAMPLES},
    **{name: {"search": each} for name, each in VARIANTS.items()},
    "all-variants": VARIANTS,
    "full": FULL,
}


def every_statement(purpose: Purpose, deployments: Mapping[str, Deployment]) -> list[Statement]:
    return [statement for document in documents(purpose, deployments) for statement in document["Statement"]]


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_every_policy_is_within_the_quotas_and_names_what_it_allows(selection: str, purpose: Purpose) -> None:
    made = policies_for(purpose, SELECTIONS[selection])
    assert all(size(each.document) <= aws.MANAGED_POLICY_MAX for each in made)
    assert len({(each.account, each.name) for each in made}) == len(made)
    reasoned = {grant.sid for grants in VERBS.values() for grant in grants if grant.wildcard}
    reasoned |= {grant.sid for grant in IN_CLIENT_ACCOUNTS if grant.wildcard}
    reasoned |= {grant.sid for kind in KINDS.values() for grant in kind.grants if grant.wildcard}
    sids: dict[str, list[str]] = {}
    for each in made:
        for statement in each.document["Statement"]:
            assert statement["Resource"], statement
            assert statement["Action"], statement
            if "*" in statement["Resource"]:
                assert statement["Sid"] in reasoned
            for action in statement["Action"]:
                assert "*" not in action or (purpose == "boundary" and action in ALLOWED_WILDCARDS), action
                assert action.partition(":")[2], action
            sids.setdefault(each.account + (each.region or ""), []).append(statement["Sid"])
    for of_one_role in sids.values():
        assert len(set(of_one_role)) == len(of_one_role)
        assert all(sid.isalnum() for sid in of_one_role)


RECORDS = ("parameter/pinekeep/", "parameter/pinekeep-records/")


@pytest.mark.parametrize("purpose", ["verify", "handoff"])
@pytest.mark.parametrize("selection", SELECTIONS)
def test_who_reads_can_only_read(selection: str, purpose: Purpose) -> None:
    for statement in every_statement(purpose, SELECTIONS[selection]):
        if purpose == "handoff" and statement["Sid"] == "WriteTheRecord":
            assert all(resource.split(":")[5].startswith(RECORDS) for resource in statement["Resource"])
            continue
        assert all(action.partition(":")[2].startswith(READ_ONLY) for action in statement["Action"])


@pytest.mark.parametrize("purpose", ["plan", "deploy", "destroy"])
def test_who_deploys_changes_things_through_the_bootstrap_roles_alone(purpose: Purpose) -> None:
    for statement in every_statement(purpose, FULL):
        changing = [each for each in statement["Action"] if not each.partition(":")[2].startswith(READ_ONLY)]
        if statement["Sid"] == "GuardStacks":
            # The bootstrap's roles may not set a stack policy.
            assert changing == ["cloudformation:SetStackPolicy"]
            assert all("-Cmek/" in resource for resource in statement["Resource"])
        elif purpose == "destroy" and statement["Sid"] == "WriteTheRecord":
            # That an endpoint is retired is noted before it is taken away.
            assert all(resource.split(":")[5].startswith(RECORDS) for resource in statement["Resource"])
        elif changing:
            assert changing == ["sts:AssumeRole"]
            assert all(arn.startswith("arn:aws:iam::111122223333:role/cdk-hnb659fds-") for arn in statement["Resource"])
            assert not any("cfn-exec" in arn for arn in statement["Resource"])


def test_whoever_destroys_reads_no_stack_of_role_and_key() -> None:
    statements = {each["Sid"]: each for each in every_statement("destroy", FULL)}
    assert set(statements) == {"ReadStacks", "ReadTheRecord", "WriteTheRecord", "ActThroughTheBootstrapRoles"}
    read, assume = statements["ReadStacks"], statements["ActThroughTheBootstrapRoles"]
    assert all(any(kind in arn for kind in ("-PrivateLink/", "-Storage/", "-Monitoring")) for arn in read["Resource"])
    assert assume["Resource"] == ["arn:aws:iam::111122223333:role/cdk-hnb659fds-deploy-role-111122223333-us-east-1"]


def test_an_endpoint_that_the_file_does_not_have_any_more_can_be_destroyed_too() -> None:
    (read, *_) = every_statement("destroy", {"search": VARIANTS["own-key"]})
    assert read["Resource"] == [
        f"arn:aws:cloudformation:us-east-1:111122223333:stack/{each}/*"
        for each in (
            "Pinekeep-search-PrivateLink",
            "Pinekeep-*-Storage",
            "Pinekeep-*-Monitoring",
            "Pinekeep-*-MonitoringGlobal",
        )
    ]


CUTTING_OFF = {
    "revoke": {"iam:PutRolePolicy", "kms:DisableKey", "kms:RevokeGrant"},
    "restore": {"iam:DeleteRolePolicy", "kms:EnableKey", "kms:CancelKeyDeletion"},
}
NOTING = {"ssm:PutParameter", "ssm:AddTagsToResource"}


@pytest.mark.parametrize("purpose", ["revoke", "restore"])
@pytest.mark.parametrize("selection", SELECTIONS)
def test_whoever_cuts_off_or_lets_in_changes_the_roles_and_keys_of_the_deployments_alone(
    selection: str, purpose: Purpose
) -> None:
    for statement in every_statement(purpose, SELECTIONS[selection]):
        changing = {each for each in statement["Action"] if not each.partition(":")[2].startswith(READ_ONLY)}
        assert changing <= CUTTING_OFF[purpose] | NOTING
        for resource in statement["Resource"] if changing else ():
            kind = resource.split(":", 5)[5]
            if kind.startswith("key/*"):
                assert set(statement["Condition"]) <= {"StringEquals", "StringLike"}
                assert "aws:ResourceTag/pinekeep:deployment" in str(statement["Condition"])
            else:
                assert kind.startswith(("role/", "key/", *RECORDS))
                assert kind != "role/*"


OFFBOARDING = {
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:CancelKeyDeletion",
    "kms:ScheduleKeyDeletion",
    "cloudformation:DeleteStack",
    "cloudformation:UpdateTerminationProtection",
}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_whoever_offboards_changes_keys_made_here_alone_and_deletes_them_with_the_longest_window(
    selection: str,
) -> None:
    for statement in every_statement("offboard", SELECTIONS[selection]):
        if not OFFBOARDING & set(statement["Action"]):
            continue
        kinds = {resource.split(":", 5)[5] for resource in statement["Resource"]}
        if any(action.startswith("kms:") for action in statement["Action"]):
            assert kinds == {"key/*"}
            assert "aws:ResourceTag/pinekeep:deployment" in str(statement["Condition"])
        else:
            assert all("-Cmek/" in kind or kind == "stack/Pinekeep-*" for kind in kinds)
        if "kms:ScheduleKeyDeletion" in statement["Action"]:
            assert statement["Condition"]["NumericEquals"] == {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}


def test_nobody_else_removes_the_keys_stack_or_schedules_a_deletion() -> None:
    for purpose in ("deploy", "verify", "handoff", "pinecone", "destroy", "revoke", "restore", "execution"):
        # CloudFormation deletes the keys of topics: test_execution.py shows that it can delete no other.
        unwatched = {name: each for name, each in SELECTIONS["all-variants"].items() if each.monitoring is None}
        found = actions_in(documents(purpose, unwatched))
        assert not found & (OFFBOARDING - {"kms:DisableKey", "kms:EnableKey", "kms:CancelKeyDeletion"})


def test_nobody_else_may_turn_keys_on_or_off() -> None:
    for purpose in PURPOSES:
        found = actions_in(documents(purpose, SELECTIONS["all-variants"])) if purpose != "boundary" else set()
        if purpose == "offboard":
            continue
        others = {action for name, actions in CUTTING_OFF.items() if name != purpose for action in actions}
        assert not found & (others - {"iam:DeleteRolePolicy", "iam:PutRolePolicy"} - CUTTING_OFF.get(purpose, set()))


def test_an_adopted_key_is_named_by_its_arn_alone() -> None:
    (key,) = [each for each in every_statement("verify", {"x": VARIANTS["adopted-key"]}) if each["Sid"] == "ReadKey"]
    cmek = VARIANTS["adopted-key"].cmek
    assert cmek is not None
    assert key["Resource"] == [cmek.key.adopt]


# --- Many deployments ---


PROJECT = {
    "project": "search",
    "api_keys": [{"name": "ingest", "roles": ["DataPlaneEditor"], "secret": "pinecone/search/ingest"}],
}


def many(number: int, **settings: Any) -> dict[str, Deployment]:
    return {f"team-{index}": deployment(**settings) for index in range(number)}


@pytest.mark.parametrize("purpose", [each for each in PURPOSES if each != "fleet"])
@pytest.mark.parametrize("number", [2, 20, 21, 1000])
def test_any_number_of_deployments_fits(purpose: Purpose, number: int) -> None:
    parts: dict[str, Any] = {"cmek": CMEK, "private_link": link(NEW_VPC, "hosted-zone"), "pinecone": PROJECT}
    if purpose == "monitoring":
        parts["monitoring"] = {"dashboard": True}
    if purpose == "audit":
        parts["audit_logs"] = {"bucket": {"name": "acme-audit", "lock": "none"}}
    made = policies_for(purpose, many(number, **parts))
    assert made
    assert len(made) <= (1 if purpose == "boundary" else aws.MANAGED_POLICIES_PER_ROLE)


def test_many_deployments_are_named_by_patterns_of_their_own_names() -> None:
    found = str(documents("execution", many(30, cmek=CMEK, private_link=link(NEW_VPC))))
    for pattern in ("role/pinekeep-*", "role/Pinekeep-*", "alias/pinecone/*", "log-group:Pinekeep-*"):
        assert pattern in found
    assert "team-7" not in found


def test_the_secrets_of_many_deployments_are_named_by_what_their_names_begin_with() -> None:
    assert "secret:pinecone/search/ingest-??????" in str(documents("pinecone", many(20, pinecone=PROJECT)))
    found = str(documents("pinecone", many(30, pinecone=PROJECT)))
    assert "secret:pinecone/*" in found
    assert "ingest" not in found


def test_more_than_a_role_can_hold_is_refused_with_the_numbers() -> None:
    named = {f"team-{index}": deployment(cmek={**CMEK, "role_name": f"{'r' * 50}-{index}"}) for index in range(600)}
    with pytest.raises(PinekeepError, match=r"the statement ReadRole takes [\d,]+ characters; a managed policy holds"):
        policies_for("verify", named)


def test_more_policies_than_a_role_takes_are_refused_with_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "MANAGED_POLICIES_PER_ROLE", 1)
    with pytest.raises(PinekeepError, match="4 deployments need 4 policies for execution in account 111122223333; a "):
        policies_for("execution", FULL)


@given(st.lists(st.integers(min_value=1, max_value=5500), max_size=30))
@settings(max_examples=100, deadline=None)
def test_packing_keeps_every_statement_once_and_in_order(lengths: list[int]) -> None:
    made = [{"Sid": f"S{number}", "Resource": "x" * length} for number, length in enumerate(lengths)]
    packed = pack(made)
    assert [statement for each in packed for statement in each["Statement"]] == made
    assert all(size(each) <= aws.MANAGED_POLICY_MAX for each in packed)
    assert all(
        size({**first, "Statement": [*first["Statement"], second["Statement"][0]]}) > aws.MANAGED_POLICY_MAX
        for first, second in pairwise(packed)
    )


def test_a_bootstrap_of_ones_own_is_acted_through() -> None:
    own = deployment(cmek=CMEK, bootstrap={"qualifier": "platform", "deploy_role_arn": DEPLOY_ROLE})
    (assume,) = [each for each in every_statement("deploy", {"x": own}) if "sts:AssumeRole" in each["Action"]]
    assert assume["Resource"] == [
        "arn:aws:iam::111122223333:role/cdk/deploy",
        "arn:aws:iam::111122223333:role/cdk-platform-file-publishing-role-111122223333-us-east-1",
        "arn:aws:iam::111122223333:role/cdk-platform-lookup-role-111122223333-us-east-1",
    ]
    (version,) = [each for each in every_statement("execution", {"x": own}) if each["Sid"] == "ReadBootstrapVersion"]
    assert version["Resource"] == ["arn:aws:ssm:us-east-1:111122223333:parameter/cdk-bootstrap/platform/version"]


DEPLOY_ROLE = "arn:aws:iam::${AWS::AccountId}:role/cdk/deploy"


def test_other_bootstraps_may_be_looked_for_before_a_deployment() -> None:
    (found,) = [each for each in every_statement("preflight", {"x": deployment(cmek=CMEK)}) if each["Sid"] == FIND]
    assert found["Action"] == ["ssm:GetParametersByPath"]
    parameter = "arn:aws:ssm:us-east-1:111122223333:parameter/cdk-bootstrap"
    assert found["Resource"] == [parameter, f"{parameter}/*"]


FIND = "FindBootstraps"


def test_a_key_for_secrets_may_be_used_through_secrets_manager_alone() -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    api_key = {"name": "ingest", "roles": ["DataPlaneEditor"], "secret": "pinecone/ingest"}
    projects = [{"project": "search", "api_keys": [each]} for each in (api_key, {**api_key, "kms_key": key})]
    without, using = (every_statement("pinecone", {"x": deployment(cmek=CMEK, pinecone=each)}) for each in projects)
    assert not [each for each in without if each["Sid"] == "UseKeysOfSecrets"]
    (found,) = [each for each in using if each["Sid"] == "UseKeysOfSecrets"]
    assert (found["Action"], found["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], [key])
    assert found["Condition"] == {"StringEquals": {"kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"]}}
