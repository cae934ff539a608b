"""``pinekeep restore``, tried: Pinecone is let in again, and nothing else is touched."""

import json

import pytest

from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.demonstration.actors import require_refusal
from pinekeep.operations.revocation import revoke as revoke_module
from tests.command_support import Run
from tests.operations.revocation.conftest import MakeWorld, World
from tests.operations.revocation.support import failing, used


@pytest.mark.parametrize("how", ["role", "key", "both"])
def test_what_was_revoked_is_given_back_and_pinecone_can_work_again(world: World, pinekeep: Run, how: str) -> None:
    session = world.assume()
    assert pinekeep("revoke", "--how", how, "--yes").code == 0
    result = pinekeep("restore", "--yes", "--json")
    assert result.code == 0, result.err
    said = result.require_schema("restore")
    (one,) = said["deployments"]
    assert (said["changed"], one["let_in"]) == (True, True)
    assert len(one["steps"]) == (2 if how == "both" else 1)
    used(session, world)
    used(world.assume(), world)
    note = world.parameter()
    assert (note["roles"], note.get("key_arn")) == ([], None)


def test_a_revocation_in_two_goes_is_given_back_in_one(world: World, pinekeep: Run) -> None:
    pinekeep("revoke", "--how", "key", "--yes")
    pinekeep("revoke", "--how", "role", "--yes")
    assert pinekeep("restore", "--yes").code == 0
    used(world.assume(), world)


def test_where_nothing_is_revoked_nothing_is_done_and_nothing_asked(world: World, pinekeep: Run) -> None:
    result = pinekeep("restore")
    assert result.code == 0
    assert result.out == f"{world.name}: nothing of a revocation is in force\n"
    said = pinekeep("restore", "--json").require_schema("restore")
    assert (said["changed"], said["deployments"][0]["steps"], said["deployments"][0]["let_in"]) == (False, [], True)
    require_refusal(world.parameter, "ParameterNotFound")


def test_a_dry_run_tells_what_is_in_force_and_changes_nothing(world: World, pinekeep: Run) -> None:
    pinekeep("revoke", "--yes")
    before = world.parameter()
    result = pinekeep("restore", "--dry-run")
    assert result.code == 0
    assert result.out.splitlines() == [
        f"{world.name}: access would be restored",
        f"  role {world.role}: to be freed of the inline policy PinekeepRevoked",
        f"  key {world.key_arn}: to be enabled",
    ]
    assert world.is_cut_off_by_role
    assert world.key_state == "Disabled"
    assert world.parameter() == before


def test_nobody_at_the_terminal_to_say_yes_changes_nothing(world: World, pinekeep: Run) -> None:
    pinekeep("revoke", "--yes")
    result = pinekeep("restore")
    assert result.code == 2
    assert "there is no terminal to confirm at" in result.err
    assert world.key_state == "Disabled"


def test_a_key_that_somebody_else_disabled_is_left_until_it_is_said(world: World, pinekeep: Run) -> None:
    world.client("kms").disable_key(KeyId=world.key_arn)
    for verb in (("revoke", "--yes"), ("restore", "--yes")):
        result = pinekeep(*verb)
    assert result.code == 1
    assert f"key {world.key_arn}: not enabled" in result.out
    assert "--enable-key" in result.out
    assert f"role {world.role}: freed of" in result.out
    assert world.key_state == "Disabled"
    assert pinekeep("restore", "--enable-key", "--yes").code == 0
    assert world.key_state == "Enabled"


def test_a_key_that_is_to_be_deleted_is_kept_only_when_that_is_said(world: World, pinekeep: Run) -> None:
    pinekeep("revoke", "--yes")
    world.client("kms").schedule_key_deletion(KeyId=world.key_arn, PendingWindowInDays=7)
    left = pinekeep("restore", "--yes")
    assert left.code == 1
    assert "it is to be deleted on 20" in left.out
    assert "--cancel-deletion" in left.out
    assert world.key_state == "PendingDeletion"
    kept = pinekeep("restore", "--cancel-deletion", "--yes")
    assert kept.code == 0, kept.out
    assert world.key_state == "Enabled"
    used(world.assume(), world)


def test_a_policy_of_that_name_that_is_not_ours_is_left(world: World, pinekeep: Run) -> None:
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    world.client("iam").put_role_policy(
        RoleName=world.role, PolicyName=REVOKED_POLICY_NAME, PolicyDocument=json.dumps(other)
    )
    result = pinekeep("restore", "--yes")
    assert result.code == 1
    assert "is not the one that `pinekeep revoke` writes" in result.out
    assert world.inline_policies() == [REVOKED_POLICY_NAME]


def test_other_inline_policies_of_the_role_are_left(world: World, pinekeep: Run) -> None:
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    world.client("iam").put_role_policy(RoleName=world.role, PolicyName="other", PolicyDocument=json.dumps(other))
    pinekeep("revoke", "--yes")
    assert pinekeep("restore", "--yes").code == 0
    assert world.inline_policies() == ["other"]


def test_half_a_revocation_is_given_back(world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revoke_module, "LOOKS", 1)
    with monkeypatch.context() as patched:
        failing(patched, "PutRolePolicy")
        assert pinekeep("revoke", "--yes").code == 3
    assert pinekeep("restore", "--yes").code == 0
    used(world.assume(), world)


def test_what_fails_is_told_and_stays_noted_until_it_is_done(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinekeep("revoke", "--yes")
    with monkeypatch.context() as patched:
        failing(patched, "EnableKey")
        result = pinekeep("restore", "--yes")
    assert result.code == 3
    assert f"key {world.key_arn}: NOT enabled" in result.out
    assert f"{world.name}: Pinecone's access is NOT restored" in result.out
    assert world.parameter()["key_arn"] == world.key_arn
    assert pinekeep("restore", "--yes").code == 0
    used(world.assume(), world)


def test_killed_after_the_note_and_before_the_key_a_revocation_is_still_given_back(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note is written first, so that a key which was disabled is always one that is noted."""

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(revoke_module, "carry_out", die)
        with pytest.raises(Killed):
            pinekeep("revoke", "--yes")
    assert world.parameter()["key_arn"] == world.key_arn
    world.client("kms").disable_key(KeyId=world.key_arn)
    assert pinekeep("restore", "--yes").code == 0
    assert world.key_state == "Enabled"


def test_an_adopted_key_is_enabled_again_only_if_revoke_disabled_it(make_world: MakeWorld, pinekeep: Run) -> None:
    world = make_world(adopt=True)
    pinekeep("revoke", "--how", "key", "--adopted-key", "--yes")
    assert pinekeep("restore", "--yes").code == 0
    assert world.key_state == "Enabled"


def test_a_note_that_is_none_is_refused_and_not_guessed_at(world: World, pinekeep: Run) -> None:
    pinekeep("revoke", "--yes")
    world.client("ssm").put_parameter(Name=f"/pinekeep/{world.name}/revocation", Value="{}", Overwrite=True)
    result = pinekeep("restore", "--yes")
    assert result.code == 1
    assert "is not the note of what was revoked" in result.err
    assert world.key_state == "Disabled"
