"""``pinekeep revoke``, tried: what Pinecone is refused afterwards, and what is told about it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pinekeep.arns import role_arn
from pinekeep.config import load
from pinekeep.config.derived import customer_keys_of
from pinekeep.customers.packing import pack
from pinekeep.cutting_off import revoke as module
from pinekeep.cutting_off.revoke import Revocation
from pinekeep.cutting_off.ways import How
from pinekeep.demo.actors import require_refusal
from pinekeep.policies.revocation import REVOKED_POLICY_NAME, revoked_policy
from tests.command_support import Run
from tests.cutting_off.conftest import ACCOUNT, PINECONE, MakeWorld, World
from tests.cutting_off.support import DENIED, failing, require_cut_off, used


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
    assert one["proof"][0] == "the key is Disabled: KMS refuses every use of it, whatever the policies say"
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
    assert "Pinecone can still assume the role, to no avail" in result.out
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
    assert "nobody is at the terminal to say yes" in result.err
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


def test_if_the_role_cannot_be_cut_off_the_key_still_is_and_the_rest_is_told(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = failing(monkeypatch, "PutRolePolicy")
    result = pinekeep("revoke", "--yes")
    assert result.code == 3
    assert f"role {world.role}: NOT denied everything" in result.out
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
    original = BaseClient._make_api_call

    def call(self: Any, operation: str, parameters: Any) -> Any:
        return {} if operation == "PutRolePolicy" else original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(module, "LOOKS", 1)
    result = pinekeep("revoke", "--how", "role", "--yes")
    assert result.code == 1
    assert f"{world.name}: Pinecone is NOT cut off" in result.out
    assert "are not denied" in result.out


def test_what_takes_effect_late_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    revocation = revocation_of(world, How.ROLE)
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


# --- What is refused ---


def test_credentials_of_another_account_are_refused(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "444455556666")
    for verb in ("revoke", "restore"):
        result = pinekeep(verb, "--yes")
        assert result.code == 3
        assert "the current credentials are for 444455556666" in result.err
    assert world.key_state == "Enabled"


def test_of_several_deployments_none_is_cut_off_for_want_of_a_word(make_world: MakeWorld, pinekeep: Run) -> None:
    first, second = make_world(), make_world()
    for verb in ("revoke", "restore"):
        refused = pinekeep(verb, "--yes")
        assert refused.code == 2
        assert "there are 2 deployments, and none was named" in refused.err
        assert f"{first.name}, {second.name}" in refused.err
    assert pinekeep("revoke", "--yes", "--deployment", second.name).code == 0
    assert (first.key_state, second.key_state) == ("Enabled", "Disabled")
    assert pinekeep("restore", "--yes", "-d", first.name, "-d", second.name).code == 0
    assert second.key_state == "Enabled"


def test_an_adopted_key_is_left_to_its_other_users_unless_it_is_said(make_world: MakeWorld, pinekeep: Run) -> None:
    world = make_world(adopt=True)
    session = world.assume()
    for how in ("key", "both"):
        refused = pinekeep("revoke", "--how", how, "--yes")
        assert refused.code == 2
        assert "which others may use" in refused.err
    result = pinekeep("revoke", "--yes", "--json")
    assert result.json["deployments"][0]["how"] == "role"
    require_cut_off(world, session, *DENIED)
    assert world.key_state == "Enabled"
    assert pinekeep("revoke", "--how", "both", "--adopted-key", "--yes").code == 0
    assert world.key_state == "Disabled"


def test_keys_of_customers_are_cut_off_by_the_role_and_by_nothing_else(make_world: MakeWorld, pinekeep: Run) -> None:
    world = make_world(customers=2, own_key=False)
    refused = pinekeep("revoke", "--how", "key", "--yes")
    assert refused.code == 2
    assert "only their owners can disable them" in refused.err
    result = pinekeep("revoke", "--yes", "--json")
    (one,) = result.require_schema("revoke")["deployments"]
    assert (result.code, one["how"], one["cut_off"]) == (0, "role", True)
    assert one["proof"] == [
        "by the live policies all 39 requests for keys in other accounts by Pinecone's sessions are denied"
    ]
    assert world.is_cut_off_by_role


def test_a_deployment_without_a_key_has_nothing_to_cut_off(world: World, pinekeep: Run) -> None:
    text = world.file.read_text()
    link = "{vpc: {cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}, clients: {cidrs: [10.20.0.0/16]}}"
    start = text.index("    cmek:")
    world.file.write_text(
        text[:start] + f"    private_link: {link}\n    region: us-east-1\npinecone_account: '{PINECONE}'\nversion: 1\n"
    )
    result = pinekeep("revoke", "--yes")
    assert result.code == 2, result.err
    assert "has no key and no role, so there is nothing to cut off" in result.err


# --- Several roles ---


def revocation_of(world: World, how: How, *, policies_per_role: int | None = None) -> Revocation:
    deployment = load(world.file).deployments[world.name]
    customers = customer_keys_of(deployment)
    return Revocation(
        name=world.name,
        deployment=deployment,
        how=how,
        clients=world.clients,
        customers=pack(customers, policies_per_role=policies_per_role) if policies_per_role else None,
        pinecone_account=PINECONE,
        by="arn:aws:iam::111122223333:user/ops",
        wait=lambda _: None,
    )


def test_every_role_is_cut_off_and_one_that_failed_is_told_and_done_the_next_time(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(customers=200, own_key=False)
    iam = world.client("iam")
    trust = iam.get_role(RoleName=world.role)["Role"]["AssumeRolePolicyDocument"]
    iam.create_role(RoleName=f"{world.role}-2", AssumeRolePolicyDocument=json.dumps(trust))
    world.roles.append(f"{world.role}-2")
    original = BaseClient._make_api_call

    def call(self: Any, operation: str, parameters: Any) -> Any:
        if operation == "PutRolePolicy" and parameters["RoleName"] == world.roles[1]:
            raise ClientError({"Error": {"Code": "ServiceFailure", "Message": "try later"}}, operation)
        return original(self, operation, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        patched.setattr(module, "LOOKS", 1)
        half = revocation_of(world, How.ROLE, policies_per_role=1).plan().carry_out()
    statuses = [(step.target, step.status) for step in half.steps]
    assert statuses[:2] == [(f"role {world.roles[0]}", "done"), (f"role {world.roles[1]}", "failed")]
    assert half.cut_off is False
    whole = revocation_of(world, How.ROLE, policies_per_role=1).plan().carry_out()
    assert [step.status for step in whole.steps][:2] == ["already", "done"]
    assert whole.cut_off is True
    assert world.is_cut_off_by_role


def test_a_role_that_is_gone_is_told(make_world: MakeWorld, pinekeep: Run) -> None:
    world = make_world()
    world.client("iam").delete_role(RoleName=world.role)
    result = pinekeep("revoke", "--yes", "--json")
    assert result.code == 0, result.err
    assert [step["status"] for step in result.json["deployments"][0]["steps"]] == ["absent", "done"]


def test_the_role_that_was_handed_over_is_cut_off_though_the_file_names_another(world: World, pinekeep: Run) -> None:
    record = {
        "version": 1,
        "deployment": world.name,
        "role_arn": role_arn(account=ACCOUNT, role_name=world.role),
        "key_arn": world.key_arn,
        "recorded_at": "2026-11-25T12:00:00+00:00",
        "recorded_by": "somebody",
    }
    world.client("ssm").put_parameter(
        Name=f"/pinekeep/{world.name}/handed-over", Value=json.dumps(record), Type="String"
    )
    world.file.write_text(world.file.read_text().replace("    cmek:\n", "    cmek:\n      role_name: another\n"))
    result = pinekeep("revoke", "--yes", "--json")
    assert result.code == 0, result.err
    assert [(step["target"], step["status"]) for step in result.json["deployments"][0]["steps"]] == [
        ("role another", "absent"),
        (f"role {world.role}", "done"),
        (f"key {world.key_arn}", "done"),
    ]
