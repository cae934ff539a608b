from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World


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
    assert world.when(inline_policies=["a", "b"]).failure("role-inline-policies") == "inline policy a; inline policy b"
    assert str(world.when(inline_policies=["a", "b"]).finding("role-inline-policies").fix).endswith(
        "aws iam delete-role-policy --role-name pinekeep-prod-us-east-1 --policy-name a; "
        "aws iam delete-role-policy --role-name pinekeep-prod-us-east-1 --policy-name b"
    )


@pytest.mark.parametrize(
    ("kind", "live", "name"),
    [
        ("inline", "inline", "role-inline-policies"),
        ("attached", "attached", "role-attached-policies"),
    ],
)
def test_a_policy_that_denies_the_use_of_the_key_does_not_let_pinecone_do_more(
    world: "World", kind: str, live: str, name: str
) -> None:
    denial = {"Statement": [{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}]}
    arn = "arn:aws:iam::111122223333:policy/more"
    listed = ["more"] if live == "inline" else [{"PolicyName": "more", "PolicyArn": arn}]
    known_as = "more" if live == "inline" else arn
    wrong = world.when(**{f"{live}_policies": listed, f"{live}_documents": {known_as: denial}})
    assert wrong.failure(name) == f"{kind} policy more, which denies the role kms:*"
    assert str(wrong.finding(name).meaning).startswith("The policy denies Pinecone the use of the key")
    assert "--revert-drift" not in str([wrong.finding(name).fix, wrong.finding("decisions-as-planned").fix])


def test_a_policy_that_denies_what_pinecone_does_not_need_is_another_form_of_the_same(world: "World") -> None:
    denial = {"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    found = world.when(inline_policies=["more"], inline_documents={"more": denial}).finding("role-inline-policies")
    assert (found.status, found.meaning) == ("note", "Nobody gains or loses access.")


def test_a_missing_boundary_takes_nothing_from_pinecone(world: "World") -> None:
    bound = replace(world, settings={**world.settings, "permissions_boundary": "arn:aws:iam::111122223333:policy/B"})
    assert str(bound.finding("role-permissions-boundary").meaning).startswith("Pinecone works on")


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
