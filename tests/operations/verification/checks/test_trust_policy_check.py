from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

PINECONE = "444455556666"
EAST = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_us-east-1"
WEST = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_us-west-2"
PATTERN = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_*"
ORPHAN = "AROA1234567890EXAMPLE"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"

STATEMENT = "trust-policy-statement"
PRINCIPALS = "trust-policy-principals"
CONDITIONS = "trust-policy-conditions"
ID = "trust-policy-external-id"


def only(**changes: Any) -> Any:
    """Change the one statement; None takes a part out."""

    def change(document: dict[str, Any]) -> None:
        statement = document["Statement"][0]
        statement.update(changes)
        for key in [key for key, value in statement.items() if value is None]:
            del statement[key]

    return change


def further(**statement: Any) -> Any:
    """Add a statement."""
    return lambda document: document["Statement"].append(statement)


def everywhere(world: "World", **changes: Any) -> "World":
    return world.configured(cmek={"trust": {"regions": "all", **changes}})


@pytest.mark.parametrize("form", ["documented", "account-root"])
def test_all_regions_are_right_in_both_forms(world: "World", form: str) -> None:
    right = everywhere(world, form=form)
    assert right.failures() == set()
    assert right.finding(CONDITIONS).wanted == f"StringLike aws:PrincipalArn {PATTERN}"
    assert world.finding(CONDITIONS).wanted == "no condition besides the external ID's"


@pytest.mark.parametrize("form", ["documented", "account-root"])
@pytest.mark.parametrize("live", [{"AWS": "*"}, "*", {"AWS": PINECONE}, {"AWS": f"arn:aws:iam::{PINECONE}:root"}])
def test_the_two_forms_let_in_the_same_callers(world: "World", form: str, live: Any) -> None:
    assert everywhere(world, form=form).trusting(only(Principal=live)).failures() == set()


def test_order_and_shape_do_not_matter(world: "World") -> None:
    def reshape(document: dict[str, Any]) -> dict[str, Any]:
        statement = document["Statement"][0]
        return {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": [WEST, EAST]},
                "Action": ["STS:assumerole"],
                "Condition": {
                    "StringEquals": {"sts:externalid": [statement["Condition"]["StringEquals"]["sts:ExternalId"]]}
                },
            }
        }

    assert world.trusting(reshape).failures() == set()


def test_a_further_principal_is_named(world: "World") -> None:
    wrong = world.trusting(only(Principal={"AWS": [EAST, WEST, "999988887777"]}))
    assert wrong.failure(PRINCIPALS) == "account 999988887777 is allowed too"
    assert wrong.failures() == {PRINCIPALS}


def test_a_missing_principal_is_named(world: "World") -> None:
    assert world.trusting(only(Principal={"AWS": EAST})).failure(PRINCIPALS) == f"{WEST} is missing"


def test_everyone_is_too_wide_and_nobody_is_missing(world: "World") -> None:
    told = world.trusting(only(Principal="*")).failure(PRINCIPALS)
    assert told == "* (everyone) is allowed too"


def test_a_service_is_another_principal(world: "World") -> None:
    told = world.trusting(only(Principal={"AWS": [EAST, WEST], "Service": "ec2.amazonaws.com"})).failure(PRINCIPALS)
    assert told == "Service:ec2.amazonaws.com is allowed too"


def test_a_principal_that_was_deleted_is_explained(world: "World") -> None:
    wrong = world.trusting(only(Principal={"AWS": [EAST, ORPHAN]}))
    told = wrong.failure(PRINCIPALS)
    assert f"{ORPHAN} (a deleted role; one made again under the same name is not the same)" in told
    assert f"{WEST} is missing" in told
    assert "re-created" in str(wrong.finding(PRINCIPALS).fix)
    assert str(wrong.finding(PRINCIPALS).meaning).startswith("Pinecone cannot assume the role: the trust policy")


def test_everyone_without_the_condition_on_the_caller_fails(world: "World") -> None:
    wrong = everywhere(world).trusting(only(Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}))
    assert wrong.failure(CONDITIONS) == f"the condition StringLike aws:PrincipalArn {PATTERN} is missing"


def test_a_wider_pattern_of_callers_fails(world: "World") -> None:
    condition = {
        "StringEquals": {"sts:ExternalId": EXTERNAL_ID},
        "StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{PINECONE}:role/*"},
    }
    wrong = everywhere(world).trusting(only(Condition=condition))
    assert "role/* too" in wrong.failure(CONDITIONS)
    assert wrong.failures() == {CONDITIONS}


def test_the_arn_operator_means_the_same_for_a_principals_arn(world: "World") -> None:
    condition = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}, "ArnLike": {"aws:PrincipalArn": PATTERN}}
    assert everywhere(world).trusting(only(Condition=condition)).failures() == set()


def test_a_condition_on_the_caller_that_decides_the_same_is_another_form(world: "World") -> None:
    condition = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}, "StringLikeIfExists": {"aws:PrincipalArn": PATTERN}}
    found = everywhere(world).trusting(only(Condition=condition)).finding(CONDITIONS)
    assert (found.status, found.meaning) == ("note", "Nobody gains or loses access.")
    assert found.found.startswith("another form of the same: ")


def test_a_further_condition_fails(world: "World") -> None:
    condition = {
        "StringEquals": {"sts:ExternalId": EXTERNAL_ID},
        "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
    }
    told = world.trusting(only(Condition=condition)).failure(CONDITIONS)
    assert told == "there is the condition IpAddress aws:SourceIp 192.0.2.0/24 too"


def test_a_further_statement_fails_though_it_names_nobody_new(world: "World") -> None:
    wrong = world.trusting(further(Sid="More", Effect="Allow", Principal={"AWS": EAST}, Action="sts:AssumeRole"))
    assert "there is another statement that allows: statement More" in wrong.failure(STATEMENT)
    assert "no external ID is asked for" in wrong.failure(ID)


def test_a_statement_that_denies_fails(world: "World") -> None:
    wrong = world.trusting(further(Effect="Deny", Principal="*", Action="sts:AssumeRole"))
    assert "there is a statement that denies" in wrong.failure(STATEMENT)
    assert wrong.failures() == {STATEMENT}


@pytest.mark.parametrize("action", ["sts:*", "*", ["sts:AssumeRole", "sts:TagSession"]])
def test_further_actions_fail(world: "World", action: Any) -> None:
    assert "too" in world.trusting(only(Action=action)).failure(STATEMENT)


def test_another_action_fails(world: "World") -> None:
    told = world.trusting(only(Action="sts:AssumeRoleWithSAML")).failure(STATEMENT)
    assert told == "it does not allow sts:AssumeRole; it allows sts:AssumeRoleWithSAML too"


def test_notprincipal_fails(world: "World") -> None:
    wrong = world.trusting(only(Principal=None, NotPrincipal={"AWS": "999988887777"}))
    assert "NotPrincipal, which lets in everyone else" in wrong.failure(STATEMENT)
    assert PRINCIPALS in wrong.failures()


def test_notaction_fails(world: "World") -> None:
    assert "NotAction" in world.trusting(only(Action=None, NotAction="sts:TagSession")).failure(STATEMENT)


def test_a_policy_that_allows_nothing_fails_and_passes_nowhere(world: "World") -> None:
    empty = world.trusting(lambda _: {"Statement": []})
    assert empty.failures() == {STATEMENT, PRINCIPALS}
    assert not [each for each in empty.findings() if each.check in (CONDITIONS, ID)]


def test_a_policy_that_is_none_fails(world: "World") -> None:
    broken = world.changed("role", AssumeRolePolicyDocument="not JSON")
    assert broken.failures() == {STATEMENT, PRINCIPALS, CONDITIONS, ID}
