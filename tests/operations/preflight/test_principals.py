"""Whom and what the configuration names has to be there."""

import pytest

from pinekeep.account.reads.live import Unreadable
from tests.operations.preflight.conftest import Scene
from tests.operations.verification.conftest import ACCOUNT

ADMIN = f"arn:aws:iam::{ACCOUNT}:role/KeyAdmins"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
CHECK = "key-administrators"


def named(scene: Scene, *arns: str) -> Scene:
    return scene.configured(cmek={"key": {"administrators": list(arns)}})


def test_administrators_that_exist_are_as_they_should_be(scene: Scene) -> None:
    assert named(scene, ADMIN, USER).finding(CHECK).status == "ok"


@pytest.mark.parametrize(("arn", "told"), [(ADMIN, "role KeyAdmins"), (USER, "user ann")])
def test_an_administrator_who_does_not_exist_stands_in_the_way(scene: Scene, arn: str, told: str) -> None:
    gone = named(scene, arn).when(administrators={arn: None})
    assert gone.refusal(CHECK) == f"account {ACCOUNT} has no {told}, which {arn} names"
    assert f"aws iam list-{told.split(maxsplit=1)[0]}s" in str(gone.finding(CHECK).fix)


def test_one_of_that_name_under_a_path_is_offered(scene: Scene) -> None:
    there = f"arn:aws:iam::{ACCOUNT}:role/platform/KeyAdmins"
    moved = named(scene, ADMIN).when(administrators={ADMIN: there})
    assert moved.refusal(CHECK) == f"there is no {ADMIN}; the role KeyAdmins is {there}"
    assert moved.finding(CHECK).fix == f"write {there} under cmek.key.administrators"


def test_one_who_may_not_be_looked_up_is_no_tick_and_hides_no_missing_one(scene: Scene) -> None:
    closed = Unreadable("iam:GetUser", "allow it")
    unread = named(scene, ADMIN, USER).when(administrators={ADMIN: ADMIN, USER: closed})
    found = unread.finding(CHECK)
    assert (found.status, found.found, found.fix) == ("unreadable", "not readable without iam:GetUser", "allow it")
    both = unread.when(administrators={ADMIN: None, USER: closed}).of(CHECK)
    assert [each.status for each in both] == ["failed", "unreadable"]


def test_one_of_another_account_cannot_be_looked_up(scene: Scene) -> None:
    other = "arn:aws:iam::444455556666:role/KeyAdmins"
    found = named(scene, other).when(administrators={})
    assert found.note(CHECK) == f"{other} cannot be looked up from account {ACCOUNT}"


def test_a_key_without_administrators_needs_none(scene: Scene) -> None:
    assert not scene.of(CHECK)


@pytest.mark.parametrize(
    ("arn", "told", "scope"),
    [
        ("arn:aws:iam::aws:policy/Nobody", "AWS manages no policy", "AWS"),
        (f"arn:aws:iam::{ACCOUNT}:policy/nobody", f"account {ACCOUNT} has no policy", "Local"),
    ],
)
def test_a_boundary_that_does_not_exist_stands_in_the_way(scene: Scene, arn: str, told: str, scope: str) -> None:
    bounded = scene.configured(permissions_boundary=arn)
    assert bounded.finding("permissions-boundary").status == "ok"
    gone = bounded.when(boundary=None)
    assert gone.refusal("permissions-boundary") == f"{told} {arn}"
    assert f"--scope {scope} " in str(gone.finding("permissions-boundary").fix)


def test_without_a_boundary_or_without_roles_none_is_looked_for(scene: Scene) -> None:
    bounded = scene.configured(permissions_boundary="arn:aws:iam::aws:policy/PowerUserAccess")
    assert not scene.of("permissions-boundary")
    assert not bounded.configured(cmek=None).of("permissions-boundary")
