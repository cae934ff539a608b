import re
from typing import Any

import pytest

from pinekeep.account.reads.live import Unreadable
from pinekeep.cli.root import VERBS
from tests.operations.preflight.conftest import ROLE, STACK, TAGS, Scene, right_key, stack
from tests.operations.verification.conftest import KEY_ARN

OTHER_KEY = KEY_ARN.replace("/0f1e", "/1f1e")
OURS = {"pinekeep:deployment": "prod"}
MY_ROLE = {ROLE: {"RoleName": ROLE, "Tags": TAGS}}


def left(scene: Scene, *, role: bool = False, alias: bool = False, tagged: tuple[str, ...] = ()) -> Scene:
    changes: dict[str, Any] = {"roles": MY_ROLE if role else {}, "tagged_keys": list(tagged)}
    if alias:
        changes |= {"alias_key": right_key(KEY_ARN), "alias_key_tags": OURS}
    return scene.when(**changes)


# --- Somebody else's ---


@pytest.mark.parametrize("tags", [[], [{"Key": "pinekeep:deployment", "Value": "other"}]])
def test_a_role_of_somebody_else_stands_in_the_way(scene: Scene, tags: object) -> None:
    taken = scene.when(roles={ROLE: {"RoleName": ROLE, "Tags": tags}})
    assert taken.refusal("role-name") == f"the role {ROLE} exists already and does not belong to stack {STACK}"


def test_every_role_of_many_customers_is_looked_at(scene: Scene) -> None:
    customers = [{"name": f"c{each}", "account": f"{600000000000 + each}"} for each in range(2000)]
    saas = scene.configured(cmek={"customer_keys": customers})
    assert f"{ROLE}-2" in saas.finding("role-name").found
    taken = saas.when(roles={f"{ROLE}-2": {"RoleName": f"{ROLE}-2"}})
    assert f"the role {ROLE}-2 exists already" in taken.refusal("role-name")


@pytest.mark.parametrize("tags", [{}, {"pinekeep:deployment": "other"}, Unreadable("kms:ListResourceTags", "allow it")])
def test_an_alias_of_another_key_stands_in_the_way_with_the_key(scene: Scene, tags: Any) -> None:
    taken = scene.when(alias_key=right_key(OTHER_KEY), alias_key_tags=tags)
    found = taken.finding("key-alias-name")
    assert found.status == "failed"
    assert found.found == f"alias/pinecone/prod exists already, for key {OTHER_KEY}"
    assert "name it under cmek.key.adopt" in str(found.fix)
    assert taken.blocked() == {"key-alias-name"}


# --- Our own, without a stack ---


def test_a_key_alias_and_role_without_their_stack_are_never_made_a_second_time(scene: Scene) -> None:
    kept = left(scene, role=True, alias=True, tagged=(KEY_ARN,))
    assert kept.refusal("left-behind") == (
        f"stack {STACK} is gone, and its retained resources are still there: role {ROLE}, key {KEY_ARN}"
    )
    fix = str(kept.finding("left-behind").fix)
    assert "pinekeep recover --deployment prod" in fix
    assert f"adopt the key (cmek.key.adopt: {KEY_ARN})" in fix


def test_a_change_set_that_nobody_executed_does_not_hide_what_was_kept(scene: Scene) -> None:
    review = stack(STACK, "REVIEW_IN_PROGRESS", tags=[])
    assert left(scene, role=True, alias=True).when(cmek_stack=review).blocked() == {"left-behind"}


def test_the_fix_names_no_verb_that_there_is_not(scene: Scene) -> None:
    fixes = [
        str(left(scene, role=role, alias=alias, tagged=tagged).finding("left-behind").fix)
        for role in (True, False)
        for alias in (True, False)
        for tagged in ((), (KEY_ARN,), (KEY_ARN, OTHER_KEY))
        if role or alias or tagged
    ]
    named = {verb for fix in fixes for verb in re.findall(r"pinekeep ([a-z-]+)", fix)}
    assert named <= set(VERBS)
    assert len(fixes) == 11


def test_a_key_alone_can_be_adopted(scene: Scene) -> None:
    kept = left(scene, alias=True)
    assert kept.refusal("left-behind").endswith(f"key {KEY_ARN}")
    assert str(kept.finding("left-behind").fix).startswith(f"adopt the key: cmek.key.adopt: {KEY_ARN}; or import")


def test_a_key_whose_alias_is_gone_is_found_by_its_tag(scene: Scene) -> None:
    assert left(scene, tagged=(KEY_ARN,)).refusal("left-behind").endswith(f"key {KEY_ARN}")


def test_the_aliass_key_is_ours_by_the_tag_search_too(scene: Scene) -> None:
    kept = scene.when(
        alias_key=right_key(KEY_ARN),
        alias_key_tags=Unreadable("kms:ListResourceTags", "allow it"),
        tagged_keys=[KEY_ARN],
    )
    assert kept.refusal("left-behind").count(KEY_ARN) == 1


def test_of_several_keys_the_one_that_pinecone_knows_is_to_be_found_out(scene: Scene) -> None:
    kept = left(scene, alias=True, tagged=(OTHER_KEY,))
    found = kept.refusal("left-behind")
    assert KEY_ARN in found
    assert OTHER_KEY in found
    assert "find out which of the keys Pinecone was given" in str(kept.finding("left-behind").fix)


def test_a_key_that_is_being_deleted_is_told(scene: Scene) -> None:
    dying = scene.when(alias_key={**right_key(KEY_ARN), "KeyState": "PendingDeletion"}, alias_key_tags=OURS)
    assert dying.refusal("left-behind").endswith(f"key {KEY_ARN} (it is in state PendingDeletion)")


def test_a_role_alone_is_taken_back_in_too(scene: Scene) -> None:
    kept = left(scene, role=True)
    assert kept.refusal("left-behind").endswith(f"role {ROLE}")
    assert "If Pinecone was never given the role, delete it instead" in str(kept.finding("left-behind").fix)


def test_an_adopted_key_is_not_one_that_was_left(adopting: Scene) -> None:
    assert adopting.finding("left-behind").status == "ok"
    assert not adopting.of("key-alias-name")


def test_what_could_not_be_looked_for_is_not_called_absent(scene: Scene) -> None:
    found = scene.when(tagged_keys=Unreadable("tag:GetResources", "allow it")).finding("left-behind")
    assert (found.status, found.found) == ("unreadable", "not readable without tag:GetResources")
