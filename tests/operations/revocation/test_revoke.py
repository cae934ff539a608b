"""``pinekeep revoke``, tried: what Pinecone is refused afterwards, and what is told about it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.client import BaseClient

from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME, revoked_policy
from pinekeep.operations.demonstration.actors import require_refusal
from pinekeep.operations.revocation import revoke as module
from pinekeep.operations.revocation.methods import Method
from tests.command_support import Run
from tests.faults.fault import Fault
from tests.operations.revocation.conftest import ACCOUNT, PINECONE, World
from tests.operations.revocation.support import DENIED, failing, require_cut_off, revocation_of, used


def test_by_default_the_role_and_the_key_made_for_pinecone_are_both_cut_off(world: World, pinekeep: Run) -> None:
    session = world.assume()
    used(session, world)
    result = pinekeep("revoke", "--yes", "--json")
    assert result.code == 0, result.err
    said = result.require_schema("revoke")
    (one,) = said["deployments"]
    assert said["changed"] is True
    assert (one["how"], one["cut_off"]) == ("both", True)
    assert [(step["target"], step["status"]) for step in one["steps"]] == [
        (f"role {world.role}", "done"),
        (f"key {world.key_arn}", "done"),
    ]
    assert one["proof"][0] == "the key is Disabled: KMS refuses every use of it, whatever the policies allow"
    assert "are denied" in one["proof"][1]
    assert world.is_cut_off_by_role
    assert world.key_state == "Disabled"
    require_cut_off(world, session, *DENIED, "DisabledException")


def test_the_role_alone_stops_sessions_begun_before_and_after_and_leaves_the_key_to_others(
    world: World, pinekeep: Run
) -> None:
    session = world.assume()
    result = pinekeep("revoke", "--how", "role", "--yes")
    assert result.code == 0, result.err
    assert f"{world.name}: Pinecone is cut off" in result.out
    assert "Pinecone can still assume the role, without effect" in result.out
    assert "may still lie in its memory" in result.out
    assert world.key_state == "Enabled"
    require_cut_off(world, session, *DENIED)
    world.client("kms").encrypt(KeyId=world.key_arn, Plaintext=b"ours")


def test_the_key_alone_stops_everybody_and_leaves_the_role(world: World, pinekeep: Run) -> None:
    session = world.assume()
    result = pinekeep("revoke", "--how", "key", "--yes", "--json")
    assert result.code == 0, result.err
    (one,) = result.require_schema("revoke")["deployments"]
    assert one["cut_off"] is True
    assert "are not denied" in one["proof"][1], "the policies would let it in: it is the key's state that refuses"
    assert world.inline_policies() == []
    require_cut_off(world, session, "DisabledException")
    require_refusal(lambda: world.client("kms").encrypt(KeyId=world.key_arn, Plaintext=b"ours"), "DisabledException")


def test_what_was_done_is_noted_in_the_account_with_who_did_it(world: World, pinekeep: Run) -> None:
    pinekeep("revoke", "--yes")
    note = world.parameter()
    assert (note["deployment"], note["roles"], note["key_arn"]) == (world.name, [world.role], world.key_arn)
    assert note["noted_by"].startswith(f"arn:aws:iam::{ACCOUNT}:")


def test_a_dry_run_tells_everything_and_changes_nothing(world: World, pinekeep: Run) -> None:
    result = pinekeep("revoke", "--dry-run")
    assert result.code == 0
    assert result.out.splitlines()[:3] == [
        f"{world.name}: would be cut off",
        f"  role {world.role}: to be denied everything (inline policy PinekeepRevoked)",
        f"  key {world.key_arn}: to be disabled",
    ]
    (one,) = pinekeep("revoke", "--dry-run", "--json").require_schema("revoke")["deployments"]
    assert one["cut_off"] is None
    assert (world.inline_policies(), world.key_state) == ([], "Enabled")
    require_refusal(world.parameter, "ParameterNotFound")


def test_nobody_at_the_terminal_to_say_yes_changes_nothing(world: World, pinekeep: Run) -> None:
    result = pinekeep("revoke")
    assert result.code == 2
    assert "there is no terminal to confirm at" in result.err
    assert f"{world.name}: would be cut off" in result.err
    assert (world.inline_policies(), world.key_state) == ([], "Enabled")


def test_a_second_time_nothing_is_changed_and_it_is_proven_again(world: World, pinekeep: Run) -> None:
    pinekeep("revoke", "--yes")
    before = world.parameter()
    again = pinekeep("revoke", "--json")
    assert again.code == 0, again.err
    said = again.require_schema("revoke")
    assert said["changed"] is False
    assert [step["status"] for step in said["deployments"][0]["steps"]] == ["already", "already"]
    assert said["deployments"][0]["cut_off"] is True
    assert world.parameter() == before


def test_a_policy_of_that_name_that_denies_less_is_replaced(world: World, pinekeep: Run) -> None:
    weak = {**revoked_policy()["Statement"][0], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    world.client("iam").put_role_policy(
        RoleName=world.role,
        PolicyName=REVOKED_POLICY_NAME,
        PolicyDocument=json.dumps({**revoked_policy(), "Statement": [weak]}),
    )
    session = world.assume()
    used(session, world)
    assert pinekeep("revoke", "--how", "role", "--yes").code == 0
    require_cut_off(world, session, *DENIED)


# --- What fails ---


@pytest.mark.fault(
    "AWS refuses a part of a revocation",
    sees="NOT denied everything",
    safe="Everything else of it is done all the same; run `pinekeep revoke` again for the rest.",
)
def test_if_the_role_cannot_be_cut_off_the_key_still_is_and_the_rest_is_told(
    fault: Fault, world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = failing(monkeypatch, "PutRolePolicy")
    result = pinekeep("revoke", "--yes")
    assert result.code == 3
    assert f"role {world.role}: NOT denied everything" in result.out
    fault.require_seen(result.out)
    assert "AWS does not allow PutRolePolicy" in result.out
    assert f"key {world.key_arn}: disabled" in result.out
    assert world.key_state == "Disabled"
    broken.clear()
    assert pinekeep("revoke", "--yes").code == 0
    assert world.is_cut_off_by_role


def test_if_the_key_cannot_be_disabled_the_role_still_is_cut_off(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "DisableKey")
    session = world.assume()
    result = pinekeep("revoke", "--yes", "--json")
    assert result.code == 3
    assert result.require_schema("revoke")["deployments"][0]["cut_off"] is True
    require_cut_off(world, session, *DENIED)


def test_if_it_cannot_be_noted_pinecone_is_cut_off_all_the_same(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "PutParameter")
    result = pinekeep("revoke", "--yes")
    assert result.code == 3
    assert "enables the key only with --enable-key" in result.out
    assert world.is_cut_off_by_role
    assert world.key_state == "Disabled"


def test_what_does_not_take_effect_is_told_and_not_believed(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = BaseClient._make_api_call  # pyrefly: ignore[missing-attribute] # private

    def call(self: Any, operation: str, parameters: Any) -> Any:
        return dict[str, Any]() if operation == "PutRolePolicy" else original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(module, "LOOKS", 1)
    result = pinekeep("revoke", "--how", "role", "--yes")
    assert result.code == 1
    assert f"{world.name}: Pinecone is NOT cut off" in result.out
    assert "are not denied" in result.out


def test_what_takes_effect_late_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    revocation = revocation_of(world, Method.ROLE)
    planned = revocation.plan()
    late = replace(planned, revocation=replace(revocation, wait=waited.append), tasks=())
    late = replace(late, tasks=tuple(replace(task, act=lambda: None) for task in planned.tasks))

    def arrive(seconds: float) -> None:
        waited.append(seconds)
        for task in planned.tasks:
            task.carry_out()

    late = replace(late, revocation=replace(revocation, wait=arrive))
    assert late.carry_out().cut_off is True
    assert len(waited) == 1


def test_somebody_outside_who_was_let_into_the_key_policy_is_seen(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role alone does not stop whoever was added to the key policy; disabling the key does."""
    monkeypatch.setattr(module, "LOOKS", 1)
    kms = world.client("kms")
    found = json.loads(kms.get_key_policy(KeyId=world.key_arn, PolicyName="default")["Policy"])
    found["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PINECONE}:root"}, "Action": "kms:*", "Resource": "*"}
    )
    kms.put_key_policy(KeyId=world.key_arn, PolicyName="default", Policy=json.dumps(found))
    result = pinekeep("revoke", "--how", "role", "--yes")
    assert result.code == 1
    assert "are not denied: Pinecone's access role of us-east-1: kms:Encrypt" in result.out
    assert pinekeep("revoke", "--how", "both", "--yes").code == 0
