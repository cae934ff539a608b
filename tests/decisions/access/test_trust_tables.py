"""The tables of every form of trust policy: ours, Pinecone's own, and wrong ones."""

from typing import Any

import pytest

from pinekeep.decisions.access.policies import PolicySet
from tests.decisions.access.worlds import (
    ACCOUNT,
    CONFIGURED,
    ID,
    PINECONE,
    REGIONS,
    Document,
    access_role,
    allowed,
    document,
    effects,
    table,
    with_trust,
    world,
)

ON = "role/pinekeep-prod"
RIGHT = "the agreed external ID"
WRONG_IDS = {
    "another external ID",
    "the agreed ID in other case",
    "an ID that begins alike",
    "an ID that ends alike",
    "a longer ID",
}
EMPTY = "an empty external ID"
NONE = "no external ID"
ANY = {RIGHT, *WRONG_IDS, EMPTY, NONE}
ANY_WITHOUT = {NONE, "another external ID", EMPTY}
PINECONE_REGIONS = {f"pinecone/{region}" for region in REGIONS}


def assuming(policies: PolicySet) -> set[tuple[str, str]]:
    return allowed(table(policies), ON, "assume")


def each(who: set[str], ids: set[str]) -> set[tuple[str, str]]:
    return {(principal, external_id) for principal in who for external_id in ids}


# --- Ours ---


def test_explicit_regions_with_an_external_id_let_in_those_regions_with_that_id() -> None:
    assert assuming(world()) == each({"pinecone/us-east-1", "pinecone/us-west-2"}, {RIGHT})


def test_explicit_regions_without_an_external_id_let_in_those_regions_with_any_or_none() -> None:
    assert assuming(world(external_id=None)) == each({"pinecone/us-east-1", "pinecone/us-west-2"}, ANY_WITHOUT)


@pytest.mark.parametrize("form", ["documented", "account-root"])
def test_all_regions_with_an_external_id_let_in_every_access_role_also_of_regions_to_come(form: Any) -> None:
    assert assuming(world(regions="all", form=form)) == each(PINECONE_REGIONS, {RIGHT})


@pytest.mark.parametrize("form", ["documented", "account-root"])
def test_all_regions_without_an_external_id_let_in_every_access_role_with_any_or_none(form: Any) -> None:
    policies = world(regions="all", form=form, external_id=None)
    assert assuming(policies) == each(PINECONE_REGIONS, ANY_WITHOUT)


@pytest.mark.parametrize("external_id", [ID, None])
def test_both_forms_of_all_regions_decide_the_same_over_the_whole_table(external_id: str | None) -> None:
    documented = world(regions="all", external_id=external_id)
    hardened = world(regions="all", external_id=external_id, form="account-root")
    assert documented.roles[0].trust != hardened.roles[0].trust
    assert effects(table(documented)) == effects(table(hardened))


# --- Pinecone's own, as its page "Configure customer-managed encryption keys" gives them ---

EXPLICIT = {"AWS": [access_role(region) for region in CONFIGURED]}
PATTERN = {"aws:PrincipalArn": access_role("*")}
THEIRS: dict[str, tuple[Document, dict[str, Any]]] = {
    "explicit regions and an external ID": (
        {"Principal": EXPLICIT, "Condition": {"StringEquals": {"sts:ExternalId": ID}}},
        {"regions": CONFIGURED, "external_id": ID},
    ),
    "explicit regions": ({"Principal": EXPLICIT}, {"regions": CONFIGURED, "external_id": None}),
    "all regions and an external ID": (
        {
            "Principal": {"AWS": "*"},
            "Condition": {"StringEquals": {"sts:ExternalId": ID}, "StringLike": PATTERN},
        },
        {"regions": "all", "external_id": ID},
    ),
    "all regions": (
        {"Principal": {"AWS": "*"}, "Condition": {"StringLike": PATTERN}},
        {"regions": "all", "external_id": None},
    ),
}


@pytest.mark.parametrize("form", ["documented", "account-root"])
@pytest.mark.parametrize("variant", THEIRS)
def test_pinecones_documented_trust_policy_decides_as_ours_over_the_whole_table(variant: str, form: Any) -> None:
    theirs, settings = THEIRS[variant]
    trust = document({"Effect": "Allow", "Action": "sts:AssumeRole", **theirs})
    assert effects(table(world(**settings, trust=trust))) == effects(table(world(**settings, form=form)))


# --- Wrong ones ---


def condition(**operators: Any) -> Any:
    return lambda statement: statement.update(Condition=operators)


BOTH = {"pinecone/us-east-1", "pinecone/us-west-2"}


def test_if_exists_lets_in_whoever_presents_no_external_id() -> None:
    changed = with_trust(condition(StringEqualsIfExists={"sts:ExternalId": ID}))
    assert assuming(changed) == each(BOTH, {RIGHT, NONE})


def test_a_wildcard_external_id_lets_in_whoever_presents_any() -> None:
    changed = with_trust(condition(StringLike={"sts:ExternalId": "*"}))
    assert assuming(changed) == each(BOTH, ANY - {NONE})


def test_a_wildcard_at_the_end_of_the_external_id_lets_in_what_begins_alike() -> None:
    changed = with_trust(condition(StringLike={"sts:ExternalId": f"{ID[:8]}*"}))
    fitting = "the external ID 8c2b1c4e…"
    assert assuming(changed) == each(BOTH, {RIGHT, "an ID that begins alike", "a longer ID", fitting})


def test_a_wildcard_at_the_beginning_of_the_external_id_lets_in_what_ends_alike() -> None:
    changed = with_trust(condition(StringLike={"sts:ExternalId": f"*{ID[-6:]}"}))
    assert assuming(changed) == each(BOTH, {RIGHT, "an ID that ends alike", f"the external ID *{ID[-6:]}"})


def test_string_like_without_a_wildcard_lets_in_no_more() -> None:
    changed = with_trust(condition(StringLike={"sts:ExternalId": ID}))
    assert assuming(changed) == assuming(world())


def test_ignoring_case_lets_in_the_external_id_in_other_case() -> None:
    changed = with_trust(condition(StringEqualsIgnoreCase={"sts:ExternalId": ID}))
    assert assuming(changed) == each(BOTH, {RIGHT, "the agreed ID in other case"})


def test_a_negated_external_id_lets_in_all_others_and_none() -> None:
    changed = with_trust(condition(StringNotEquals={"sts:ExternalId": ID}))
    assert assuming(changed) == each(BOTH, ANY - {RIGHT})


def test_for_all_values_lets_in_whoever_presents_no_external_id() -> None:
    changed = with_trust(condition(**{"ForAllValues:StringEquals": {"sts:ExternalId": ID}}))
    assert assuming(changed) == each(BOTH, {RIGHT, NONE})


def test_a_second_external_id_is_a_column_of_its_own() -> None:
    changed = with_trust(condition(StringEquals={"sts:ExternalId": [ID, "somebody-elses-id"]}))
    assert assuming(changed) == each(BOTH, {RIGHT, "the external ID somebody…"})


def test_two_more_external_ids_that_begin_alike_are_two_columns() -> None:
    changed = with_trust(condition(StringEquals={"sts:ExternalId": ["somebody-1", "somebody-2"]}))
    assert assuming(changed) == each(BOTH, {"the external ID somebody…", "the external ID somebody… (2)"})


def test_without_its_condition_any_external_id_or_none_will_do() -> None:
    assert assuming(with_trust(lambda statement: statement.pop("Condition"))) == each(BOTH, ANY)


@pytest.mark.parametrize("principal", [PINECONE, f"arn:aws:iam::{PINECONE}:root"])
def test_a_whole_account_trusted_lets_in_its_other_roles(principal: str) -> None:
    changed = with_trust(lambda statement: statement.update(Principal={"AWS": principal}))
    assert assuming(changed) == each(PINECONE_REGIONS | {"pinecone/other-role"}, {RIGHT})


def test_everyone_trusted_lets_in_a_stranger_and_every_principal_of_the_account_but_no_root_user() -> None:
    changed = with_trust(lambda statement: statement.update(Principal="*"))
    inside = {ON, "administrator/role/KeyAdmins", "account/user"}
    assert assuming(changed) == each(PINECONE_REGIONS | {"pinecone/other-role", "stranger"} | inside, {RIGHT})


@pytest.mark.parametrize(
    ("pattern", "let_in"),
    [
        (f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access*", {"pinecone/other-role"}),
        (f"arn:aws:iam::{PINECONE}:role/*", {"pinecone/other-role"}),
        ("arn:aws:iam::*:role/pinecone_cmek_access_*", {"stranger"}),
        ("*", {"pinecone/other-role", "stranger", ON, "administrator/role/KeyAdmins", "account/user"}),
    ],
)
def test_a_widened_pattern_shows_whom_it_lets_in_besides(pattern: str, let_in: set[str]) -> None:
    changed = with_trust(
        condition(StringEquals={"sts:ExternalId": ID}, StringLike={"aws:PrincipalArn": pattern}),
        with_trust(lambda statement: statement.update(Principal="*"), world(regions="all")),
    )
    standing = {who for who, _ in assuming(changed) if not who.startswith("arn:")}
    assert standing - PINECONE_REGIONS == let_in


def test_a_pattern_of_another_name_has_a_row_of_its_own() -> None:
    pattern = "arn:aws:iam::*:role/audit?-*"
    changed = with_trust(
        lambda statement: statement.update(Principal="*", Condition={"StringLike": {"aws:PrincipalArn": pattern}})
    )
    found = table(changed)
    assert {who for who, _ in allowed(found, ON, "assume")} == {"arn:aws:iam::210987654321:role/audita-ap-south-1"}
    assert "a principal that fits arn:aws:iam::*:role/audit?-*" in {each.words for each in found.principals}


def test_a_widened_action_shows_what_goes_along() -> None:
    changed = table(with_trust(lambda statement: statement.update(Action="sts:*")))
    assert allowed(changed, ON, "session") == each(BOTH, {"sts:TagSession", "sts:SetSourceIdentity"})
    assert allowed(table(world()), ON, "session") == set()


def test_our_own_account_trusted_leaves_it_to_its_iam_policies() -> None:
    changed = table(with_trust(lambda statement: statement.update(Principal={"AWS": ACCOUNT})))
    user = changed.of("account/user", f"{ON} {RIGHT}")
    assert (user.effect, str(user.through_iam)) == (
        "deny",
        "statement AllowPineconeToAssumeTheRole of the trust policy",
    )
    assert allowed(changed, ON, "assume") == set()


@pytest.mark.parametrize(
    ("principal", "row"),
    [
        ("arn:aws:iam::555566667777:role/deploy", "arn:aws:iam::555566667777:role/deploy"),
        ("arn:aws:iam::555566667777:user/somebody", "arn:aws:iam::555566667777:user/somebody"),
        ("555566667777", "arn:aws:iam::555566667777:role/any-role"),
        (f"arn:aws:iam::{ACCOUNT}:user/insider", f"arn:aws:iam::{ACCOUNT}:user/insider"),
    ],
)
def test_whoever_a_policy_names_has_a_row(principal: str, row: str) -> None:
    changed = with_trust(lambda statement: statement.update(Principal={"AWS": principal}))
    assert assuming(changed) == {(row, RIGHT)}


def test_the_role_of_a_session_that_a_policy_names_has_a_row() -> None:
    session = "arn:aws:sts::555566667777:assumed-role/deploy/one"
    found = table(with_trust(lambda statement: statement.update(Principal={"AWS": session})))
    assert found.of("arn:aws:iam::555566667777:role/deploy", f"{ON} {RIGHT}").effect == "undecided"


def test_whoever_a_condition_names_has_a_row() -> None:
    named = "arn:aws:iam::555566667777:role/deploy"
    changed = with_trust(
        lambda statement: statement.update(
            Principal="*",
            Condition={
                "ArnLike": {"aws:PrincipalArn": named},
                "StringEquals": {"aws:PrincipalAccount": "888877776666"},
            },
        )
    )
    rows = {each.id for each in table(changed).principals}
    assert {named, "arn:aws:iam::888877776666:role/any-role"} <= rows


def test_a_deny_in_the_trust_policy_wins() -> None:
    changed = world(
        trust=document(
            {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
            {
                "Sid": "OnlyWithId",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sts:AssumeRole",
                "Condition": {"StringNotEquals": {"sts:ExternalId": ID}},
            },
        )
    )
    found = table(changed)
    assert {external_id for _, external_id in allowed(found, ON, "assume")} == {RIGHT}
    denied = found.of("stranger", f"{ON} {NONE}")
    assert (denied.explicit, denied.reason) == (True, "statement OnlyWithId of the trust policy denies it")


def test_a_deleted_principal_matches_nobody_and_is_noted() -> None:
    changed = table(with_trust(lambda statement: statement.update(Principal={"AWS": "AROAEXAMPLEEXAMPLE"})))
    assert allowed(changed, ON, "assume") == set()
    assert changed.notes() == [
        "the trust policy names AROAEXAMPLEEXAMPLE (a deleted role; one made again under the same name is not the "
        "same): it matches no principal"
    ]


def test_a_service_that_a_policy_names_is_noted() -> None:
    changed = table(with_trust(lambda statement: statement.update(Principal={"Service": "ec2.amazonaws.com"})))
    assert allowed(changed, ON, "assume") == set()
    assert changed.notes() == ["the trust policy names Service:ec2.amazonaws.com, which has no row in the table"]
