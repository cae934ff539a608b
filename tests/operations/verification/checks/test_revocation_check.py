"""A deployment that ``pinekeep revoke`` has cut off is told apart from one that is broken."""

from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, revoked_policy
from tests.operations.verification.conftest import KEY_ARN, REVOCATION, parameter

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

CUT = "role-cut-off"
SINCE = "2026-11-25T10:00:00+00:00"
NOTE = {
    "version": 1,
    "deployment": "prod",
    "roles": ["pinekeep-prod-us-east-1"],
    "noted_at": SINCE,
    "noted_by": "somebody",
}


def noting(world: "World", note: Any) -> "World":
    found: Any = world.live.parameters
    return world.when(parameters={**found, REVOCATION: parameter(REVOCATION, note)})


def cut_off(world: "World", **policies: Any) -> "World":
    documents = {REVOKED_POLICY_NAME: revoked_policy(), **policies}
    return world.when(inline_policies=list(documents), inline_documents=documents)


def test_a_role_that_was_cut_off_says_since_when_and_how_to_let_pinecone_in_again(world: "World") -> None:
    wrong = noting(cut_off(world), NOTE)
    assert wrong.all_failures() == {CUT}
    assert wrong.failure(CUT).startswith(f"Pinecone is cut off by pinekeep revoke since {SINCE}: ")
    found = wrong.finding(CUT)
    assert found.fix == "restore Pinecone's access: pinekeep restore --deployment prod"
    assert found.meaning == (
        "Pinecone cannot read or write the project's data until its access is restored; no data is lost."
    )
    assert wrong.finding("decisions-as-planned").found == "access is as configured, but for the cut-off"


@pytest.mark.parametrize("note", ["no JSON object", [], {"version": 1}, {**NOTE, "roles": []}])
def test_a_note_that_tells_nothing_leaves_out_since_when(world: "World", note: Any) -> None:
    assert noting(cut_off(world), note).failure(CUT).startswith("Pinecone is cut off by pinekeep revoke: ")


def test_a_further_inline_policy_of_a_role_that_was_cut_off_is_still_told(world: "World") -> None:
    more = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    wrong = cut_off(world, more=more)
    assert wrong.failures() == {CUT, "role-inline-policies"}
    assert wrong.failure("role-inline-policies") == "inline policy more, which allows s3:*"


def test_a_policy_of_that_name_that_denies_less_is_a_stray_one(world: "World") -> None:
    less = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}]}
    stray = world.when(inline_policies=[REVOKED_POLICY_NAME], inline_documents={REVOKED_POLICY_NAME: less})
    assert stray.failures() == {"role-inline-policies"}
    assert "decisions-as-planned" in stray.all_failures()


def test_a_key_that_revoke_disabled_says_so(world: "World") -> None:
    disabled = world.changed("key", KeyState="Disabled").changed("alias_key", KeyState="Disabled")
    wrong = noting(disabled, {**NOTE, "key_arn": KEY_ARN})
    assert wrong.failure("key-state") == f"Disabled: the key was disabled by pinekeep revoke since {SINCE}"
    assert wrong.finding("key-state").fix == "restore Pinecone's access: pinekeep restore --deployment prod"
    by_somebody = noting(disabled, {**NOTE, "key_arn": KEY_ARN.replace("0f1e2d3c", "11111111")})
    assert "aws kms enable-key" in str(by_somebody.finding("key-state").fix)
