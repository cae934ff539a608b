import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from bench.fleet_accounts import FleetAws, stack_arn
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.config.handover.file import Handover, digest
from pinekeep.operations.fleet.verification.engine import EndedError
from pinekeep.operations.fleet.verification.results import TargetResult
from pinekeep.operations.fleet.verification.subject import FLEET_CHECKS, LEFT_OUT
from pinekeep.operations.verification.verify import CHECKS
from tests.operations.fleet.verification.conftest import ABROAD, FIRST, HOME, SECOND, THIRD

if TYPE_CHECKING:
    from tests.operations.fleet.verification.conftest import Verify

CALLS_MAX = 14
ROLE_CALLS = {"GetRole", "ListRolePolicies", "ListAttachedRolePolicies"}


def failing(result: TargetResult) -> dict[str, str]:
    return {each.check: each.found for each in result.findings if each.status == "failed"}


def fix_of(result: TargetResult, check: str) -> str:
    return next(str(each.fix) for each in result.findings if each.check == check)


def test_a_fleet_that_is_as_configured_passes_in_every_region(verify: "Verify", aws: FleetAws) -> None:
    found = verify()
    assert list(found) == [(FIRST, HOME), (FIRST, ABROAD), (SECOND, HOME), (THIRD, HOME)]
    assert {each.status for each in found.values()} == {"passed"}
    assert aws.keys == {"ASIA111122223333", *(f"ASIA{each}" for each in (FIRST, SECOND, THIRD))}


def test_an_account_takes_at_most_fourteen_calls_and_its_role_is_read_once(verify: "Verify", aws: FleetAws) -> None:
    verify()
    by_target = Counter((account, region) for account, region, _ in aws.calls)
    assert by_target[SECOND, HOME] <= CALLS_MAX
    of_first = Counter(operation for account, _, operation in aws.calls if account == FIRST)
    assert {operation: of_first[operation] for operation in ROLE_CALLS} == dict.fromkeys(ROLE_CALLS, 1)
    assert of_first["AssumeRole"] == 1
    assert of_first["GetKeyPolicy"] == 2
    assert {region for account, region, operation in aws.calls if operation == "AssumeRole"} == {HOME}


def test_every_check_is_made_or_left_out_for_a_reason(verify: "Verify") -> None:
    assert set(LEFT_OUT) <= {each.id for each in CHECKS}
    assert {each.id for each in FLEET_CHECKS} | set(LEFT_OUT) == {each.id for each in CHECKS}
    assert not {each.check for result in verify().values() for each in result.findings} & set(LEFT_OUT)


def test_a_disabled_key_fails_alone_with_its_region_in_the_fix(verify: "Verify", aws: FleetAws) -> None:
    aws.changes[FIRST, "DescribeKey"] = lambda answer: answer["KeyMetadata"].update(KeyState="Disabled")
    found = verify()
    assert {place: each.status for place, each in found.items() if not each.passes} == {
        (FIRST, HOME): "failed",
        (FIRST, ABROAD): "failed",
    }
    assert failing(found[FIRST, ABROAD]) == {
        "key-state": "Disabled: the key is disabled, so KMS refuses every use of it"
    }
    assert f"--region {ABROAD}" in fix_of(found[FIRST, ABROAD], "key-state")


def test_a_wrong_role_is_told_once_in_the_region_that_has_it(verify: "Verify", aws: FleetAws) -> None:
    def trust_everyone(answer: dict[str, Any]) -> None:
        policy = answer["Role"]["AssumeRolePolicyDocument"]
        policy["Statement"][0]["Principal"] = {"AWS": "*"}

    aws.changes[FIRST, "GetRole"] = trust_everyone
    found = verify()
    assert "trust-policy-principals" in failing(found[FIRST, HOME])
    told = failing(found[FIRST, ABROAD])
    assert "trust-policy-principals" not in told
    assert found[FIRST, ABROAD].findings  # what the key's policy and the role let happen together is still looked at


def test_a_revert_names_the_stack_and_keeps_its_parameters(verify: "Verify", aws: FleetAws) -> None:
    def with_parameters(answer: dict[str, Any]) -> None:
        answer["Stacks"][0]["Parameters"] = [{"ParameterKey": "ExternalId", "ParameterValue": "****"}]

    def open_policy(answer: dict[str, Any]) -> None:
        policy = json.loads(answer["Policy"])
        policy["Statement"].append({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})
        answer["Policy"] = json.dumps(policy)

    aws.changes[SECOND, "DescribeStacks"] = with_parameters
    aws.changes[SECOND, "GetKeyPolicy"] = open_policy
    fix = fix_of(verify()[SECOND, HOME], "key-policy-nothing-wider")
    assert "--deployment-mode REVERT_DRIFT" in fix
    assert f"--stack-name {stack_arn(SECOND, HOME)}" in fix
    assert "ParameterKey=ExternalId,UsePreviousValue=true" in fix


def test_an_account_without_the_role_is_not_readable_and_stops_no_other(verify: "Verify", aws: FleetAws) -> None:
    aws.changes[SECOND, "AssumeRole"] = "AccessDenied"
    found = verify()
    assert {each.account: each.status for each in found.values()} == {
        FIRST: "passed",
        SECOND: "unreadable",
        THIRD: "passed",
    }
    assert f"{SECOND}:role/PinekeepFleetVerification cannot be assumed" in str(found[SECOND, HOME].reason)
    assert "fleet-verification-role" in str(found[SECOND, HOME].fix)


@pytest.mark.parametrize("operation", ["DescribeStacks", "GetRole", "DescribeKey", "GetParameters"])
def test_an_answer_that_is_none_makes_that_target_unreadable(verify: "Verify", aws: FleetAws, operation: str) -> None:
    aws.changes[SECOND, operation] = "ValidationException"
    found = verify()
    assert found[SECOND, HOME].status == "unreadable"
    assert operation in str(found[SECOND, HOME].reason)
    assert found[THIRD, HOME].passes


def test_a_read_that_is_denied_is_unreadable_by_the_check_that_needs_it(verify: "Verify", aws: FleetAws) -> None:
    aws.changes[SECOND, "GetKeyPolicy"] = "AccessDeniedException"
    found = verify()[SECOND, HOME]
    assert found.status == "unreadable"
    told = {each.check: each.found for each in found.findings if each.status == "unreadable"}
    assert told["key-policy-root"] == "not readable without kms:GetKeyPolicy"


def test_an_unforeseen_failure_is_a_result(verify: "Verify", aws: FleetAws) -> None:
    aws.changes[SECOND, "GetRole"] = lambda answer: answer["Role"].update(AssumeRolePolicyDocument={"Statement": 7})
    found = verify()
    assert not found[SECOND, HOME].passes
    assert found[THIRD, HOME].passes


def test_the_administrators_expired_credentials_end_the_run_and_keep_what_is_done(
    verify: "Verify", aws: FleetAws, store: Any
) -> None:
    aws.changes[SECOND, "AssumeRole"] = "ExpiredToken"
    with pytest.raises(EndedError, match="expired"):
        verify()
    assert store.unfinished("search").targets == 4


def test_a_target_without_a_stack_is_missing_and_is_not_asked(verify: "Verify", aws: FleetAws) -> None:
    aws.missing = frozenset({(SECOND, HOME), (FIRST, ABROAD)})
    aws.instances[THIRD, HOME] = {"StackId": "", "Status": "INOPERABLE", "StatusReason": "the account is suspended"}
    found = verify()
    assert {place for place, each in found.items() if each.status == "missing"} == {
        (FIRST, ABROAD),
        (SECOND, HOME),
        (THIRD, HOME),
    }
    assert found[SECOND, HOME].reason == "stack set Pinekeep-search-Cmek has no instance here"
    assert "the account is suspended" in str(found[THIRD, HOME].reason)
    assert not [call for call in aws.calls if call[0] in {SECOND, THIRD}]


def test_an_outdated_instance_fails_and_drift_is_noted(verify: "Verify", aws: FleetAws) -> None:
    aws.instances[SECOND, HOME] = {"Status": "OUTDATED", "StatusReason": "update failed", "DriftStatus": "DRIFTED"}
    found = verify()[SECOND, HOME]
    assert failing(found) == {"fleet-instance": "OUTDATED: update failed"}
    assert next(each.status for each in found.findings if each.check == "fleet-instance-drift") == "note"


def handover(account: str, **changes: Any) -> Handover:
    given: dict[str, Any] = {
        "account": account,
        "region": HOME,
        "role_arn": f"arn:aws:iam::{account}:role/pinekeep-search",
        "recorded_at": "2026-11-30T12:00:00Z",
    }
    return Handover(**{**given, **changes})


def test_what_pinecone_was_given_is_held_against_what_is_live(verify: "Verify", fleet: FleetTargets) -> None:
    right = {each.account: each.deployment.cmek.trust.external_id for each in fleet.targets if each.deployment.cmek}
    other_key = f"arn:aws:kms:us-east-1:{SECOND}:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
    handovers = {
        (FIRST, HOME): handover(FIRST, external_id=digest(right[FIRST])),
        (SECOND, HOME): handover(SECOND, external_id=digest("another"), key_arn=other_key),
    }
    found = verify(handovers=handovers)
    assert found[FIRST, HOME].passes
    told = {each.what: each.status for each in found[SECOND, HOME].findings if each.check == "fleet-handed-over"}
    assert told == {"What Pinecone was given: key ARN": "failed", "What Pinecone was given: external ID": "failed"}
    assert {each.status for each in found[THIRD, HOME].findings if each.check == "fleet-handed-over"} == {"note"}


def test_no_fix_names_a_command_for_single_deployments(verify: "Verify", aws: FleetAws) -> None:
    aws.changes[SECOND, "GetRole"] = "NoSuchEntity"
    aws.changes[THIRD, "DescribeKey"] = "NotFoundException"
    told = [each.fix for result in verify().values() for each in result.findings if each.fix]
    assert told
    assert not [each for each in told if "--deployment " in each]
