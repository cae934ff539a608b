from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.checks.conftest import World


def test_a_missing_role_fails_once_and_not_for_each_thing_it_lacks(world: "World") -> None:
    missing = world.when(role=None, inline_policies=None, attached_policies=None)
    assert missing.failures() == {"role-exists"}
    found = missing.finding("role-exists")
    assert (found.what, found.found) == ("role pinekeep-prod-us-east-1", "there is no such role")
    assert found.wanted == "arn:aws:iam::111122223333:role/pinekeep-prod-us-east-1"
    assert not [each for each in missing.findings() if each.check.startswith("trust-policy")]


def test_a_role_in_a_path_is_another_role(world: "World") -> None:
    arn = "arn:aws:iam::111122223333:role/team/pinekeep-prod-us-east-1"
    assert arn in world.changed("role", Arn=arn).failure("role-exists")
    assert "write iam_path: /team/;" in str(world.changed("role", Arn=arn).finding("role-exists").fix)
    pathed = replace(world, settings={**world.settings, "iam_path": "/team/"})
    assert pathed.changed("role", Arn=arn).finding("role-exists").status == "ok"


def test_an_inline_policy_is_named(world: "World") -> None:
    assert world.when(inline_policies=["a", "b"]).failure("role-inline-policies") == "inline policies a, b"
    assert "--policy-name a" in str(world.when(inline_policies=["a"]).finding("role-inline-policies").fix)


def test_an_attached_policy_is_named(world: "World") -> None:
    policy = {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    wrong = world.when(attached_policies=[policy])
    assert wrong.failure("role-attached-policies") == "attached policy AdministratorAccess"
    assert wrong.failures() == {"role-attached-policies"}


def test_a_permissions_boundary_is_named(world: "World") -> None:
    boundary = {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Boundary"}
    wrong = world.changed("role", PermissionsBoundary=boundary)
    assert "policy/Boundary" in wrong.failure("role-permissions-boundary")
    assert wrong.failures() == {"role-permissions-boundary"}


def test_a_configured_permissions_boundary_must_be_the_one_there_is(world: "World") -> None:
    arn = "arn:aws:iam::111122223333:policy/Boundary"
    bound = replace(world, settings={**world.settings, "permissions_boundary": arn})
    assert bound.failure("role-permissions-boundary") == "no permissions boundary"
    assert bound.changed("role", PermissionsBoundary={"PermissionsBoundaryArn": arn}).failures() == set()
    other = bound.changed("role", PermissionsBoundary={"PermissionsBoundaryArn": f"{arn}2"})
    assert other.failure("role-permissions-boundary") == f"the permissions boundary {arn}2"
    assert other.finding("role-permissions-boundary").wanted == f"the permissions boundary {arn}"
