"""Whom ``pinekeep revoke`` cuts off, and whom it refuses to."""

import json
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pinekeep.model.arns import role_arn
from pinekeep.operations.revocation import revoke as module
from pinekeep.operations.revocation.methods import Method
from tests.command_support import Run
from tests.operations.revocation.conftest import ACCOUNT, PINECONE, MakeWorld, World
from tests.operations.revocation.support import DENIED, require_cut_off, revocation_of

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
    assert "destroy --only private_link --deployment" in result.err.replace("\n", " ")


# --- Several roles ---


def test_every_role_is_cut_off_and_one_that_failed_is_told_and_done_the_next_time(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(customers=200, own_key=False)
    iam = world.client("iam")
    trust = iam.get_role(RoleName=world.role)["Role"]["AssumeRolePolicyDocument"]
    iam.create_role(RoleName=f"{world.role}-2", AssumeRolePolicyDocument=json.dumps(trust))
    world.roles.append(f"{world.role}-2")
    original = BaseClient._make_api_call  # pyrefly: ignore[missing-attribute] # private

    def call(self: Any, operation: str, parameters: Any) -> Any:
        if operation == "PutRolePolicy" and parameters["RoleName"] == world.roles[1]:
            raise ClientError({"Error": {"Code": "ServiceFailure", "Message": "try later"}}, operation)
        return original(self, operation, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        patched.setattr(module, "LOOKS", 1)
        half = revocation_of(world, Method.ROLE, policies_per_role=1).plan().carry_out()
    statuses = [(step.target, step.status) for step in half.steps]
    assert statuses[:2] == [(f"role {world.roles[0]}", "done"), (f"role {world.roles[1]}", "failed")]
    assert half.cut_off is False
    whole = revocation_of(world, Method.ROLE, policies_per_role=1).plan().carry_out()
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
