import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pinekeep.model.policies.key import root_statement
from tests.operations.preflight.conftest import ROLE, STACK, Scene, stack
from tests.operations.verification.conftest import ACCOUNT, KEY_ARN

ROOT_ONLY = json.dumps({"Statement": [root_statement(ACCOUNT)]})


def test_a_key_that_is_not_there_stands_in_the_way(adopting: Scene) -> None:
    gone = adopting.when(adopted_key=None, adopted_key_policy=None)
    assert gone.refusal("adopted-key-exists") == f"there is no key {KEY_ARN}"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"KeyState": "Disabled"}, "Disabled: the key is disabled"),
        (
            {"KeyState": "PendingDeletion", "DeletionDate": datetime(2026, 12, 20, tzinfo=UTC)},
            "PendingDeletion: the key will be deleted on 2026-12-20",
        ),
        ({"KeyState": "PendingImport"}, "PendingImport: the key has no key material"),
    ],
)
def test_a_key_that_cannot_be_used_stands_in_the_way(adopting: Scene, changes: dict[str, Any], told: str) -> None:
    assert adopting.changed("adopted_key", **changes).refusal("adopted-key-state").startswith(told)


def test_a_key_that_another_deployment_makes_stands_in_the_way(adopting: Scene) -> None:
    of_another = adopting.when(adopted_key_tags={"pinekeep:deployment": "search-dev"})
    assert of_another.refusal("adopted-key-owner").startswith("deployment search-dev makes this key")
    assert "leave cmek.key.adopt of" in str(of_another.finding("adopted-key-owner").fix)


def test_a_key_of_nobody_of_ours_may_be_adopted(adopting: Scene) -> None:
    assert adopting.when(adopted_key_tags={"team": "search"}).finding("adopted-key-owner").status == "ok"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"KeySpec": "RSA_2048"}, "its spec is RSA_2048"),
        ({"KeyUsage": "SIGN_VERIFY"}, "its usage is SIGN_VERIFY"),
        ({"Origin": "EXTERNAL"}, "its material comes from EXTERNAL"),
        ({"KeyManager": "AWS"}, "it belongs to AWS"),
    ],
)
def test_a_key_of_another_kind_stands_in_the_way(adopting: Scene, changes: dict[str, Any], told: str) -> None:
    broken = adopting.changed("adopted_key", **changes)
    assert broken.refusal("adopted-key-kind").startswith(told)
    assert "adopt another one, before Pinecone is given it" in str(broken.finding("adopted-key-kind").fix)


@pytest.mark.parametrize(
    ("configuration", "kind"), [({"MultiRegionKeyType": "REPLICA"}, "replica"), ({}, "primary"), (None, "primary")]
)
def test_a_multi_region_key_is_noted(adopting: Scene, configuration: Any, kind: str) -> None:
    scene = adopting.changed("adopted_key", MultiRegion=True, MultiRegionConfiguration=configuration)
    assert scene.blocked() == set()
    _, note = scene.of("adopted-key-kind")
    assert (note.status, note.found) == ("note", f"it is the {kind} of a multi-Region key")


def test_a_policy_that_lets_the_role_in_later_is_noted_with_the_order(adopting: Scene) -> None:
    scene = adopting.when(adopted_key_policy=ROOT_ONLY)
    assert "kms:Decrypt is not allowed" in scene.note("adopted-key-policy")
    fix = str(scene.finding("adopted-key-policy").fix)
    assert fix.index("deploy, so that there is the role") < fix.index("add the two statements that `pinekeep check`")
    assert fix.index("add the two statements") < fix.index("`pinekeep verify`") < fix.index("`pinekeep handoff`")


def test_once_the_role_is_there_the_statements_can_be_added_at_once(adopting: Scene) -> None:
    scene = adopting.when(adopted_key_policy=ROOT_ONLY, cmek_stack=stack(STACK, "CREATE_COMPLETE"))
    assert scene.finding("adopted-key-policy").fix == (
        "add the two statements that `pinekeep check` prints to the key's policy, then `pinekeep verify`"
    )


def test_a_policy_with_a_deleted_role_in_it_does_not_let_the_new_one_in(adopting: Scene) -> None:
    policy = str(adopting.seen.adopted_key_policy).replace(f"arn:aws:iam::{ACCOUNT}:role/{ROLE}", "AROAEXAMPLE12345")
    found = adopting.when(adopted_key_policy=policy).note("adopted-key-policy")
    assert "the policy names" in found
    assert "AROAEXAMPLE12345" in found


def test_a_policy_that_is_no_policy_is_noted(adopting: Scene) -> None:
    assert adopting.when(adopted_key_policy="{").note("adopted-key-policy") == "the policy is not JSON"


def test_it_is_looked_at_before_an_update_too(adopting: Scene) -> None:
    updated = adopting.changed("adopted_key", KeyState="Disabled").deployed()
    assert updated.blocked() == {"adopted-key-state"}
