from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

OURS = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
OTHER = "11112222-3333-4444-8555-666677778888"
ID = "trust-policy-external-id"


def asking(world: "World", condition: Any) -> "World":
    def change(document: dict[str, Any]) -> None:
        document["Statement"][0]["Condition"] = condition

    return world.trusting(change)


def test_a_missing_external_id_is_the_confused_deputy(world: "World") -> None:
    wrong = asking(world, {})
    assert wrong.failure(ID) == (
        "no external ID is asked for, so Pinecone could be led to this key for another of its customers"
    )
    assert wrong.failures() == {ID}


def test_another_external_id_is_told_shortened(world: "World") -> None:
    wrong = asking(world, {"StringEquals": {"sts:ExternalId": OTHER}})
    assert wrong.failure(ID) == "another external ID is asked for: 11112222…"
    assert wrong.failures() == {ID}


def test_a_further_external_id_is_told_and_ours_is_not(world: "World") -> None:
    told = asking(world, {"StringEquals": {"sts:ExternalId": [OURS, OTHER]}}).failure(ID)
    assert told == "other external IDs are accepted too: 11112222…"


def test_no_finding_holds_a_whole_external_id_that_is_not_ours(world: "World") -> None:
    wrong = asking(world, {"StringEquals": {"sts:ExternalId": OTHER}, "StringLike": {"sts:ExternalId": OTHER}})
    assert OTHER not in str([each.as_json() for each in wrong.findings()])


def test_case_matters(world: "World") -> None:
    told = asking(world, {"StringEquals": {"sts:ExternalId": OURS.upper()}}).failure(ID)
    assert "differs from the configured one in upper and lower case" in told


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        ("StringEqualsIfExists", "present no external ID at all"),
        ("StringLikeIfExists", "present no external ID at all"),
        ("StringNotEquals", "anyone who presents another external ID"),
        ("StringEqualsIgnoreCase", "accepts other spellings"),
        ("ForAllValues:StringEquals", "present no external ID at all"),
        ("ArnEquals", "is not StringEquals"),
    ],
)
def test_each_other_operator_is_told_in_words(world: "World", operator: str, words: str) -> None:
    assert words in asking(world, {operator: {"sts:ExternalId": OURS}}).failure(ID)


@pytest.mark.parametrize("operator", ["StringLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike"])
def test_an_operator_that_compares_an_exact_value_alike_is_another_form_of_the_same(
    world: "World", operator: str
) -> None:
    found = asking(world, {operator: {"sts:ExternalId": OURS}}).finding(ID)
    assert (found.status, found.meaning) == ("note", "Nobody gains or loses access.")
    assert found.found == f"another form of the same: {operator} with an exact value compares as StringEquals does"


def test_a_pattern_for_every_external_id_fails(world: "World") -> None:
    told = asking(world, {"StringLike": {"sts:ExternalId": "*"}}).failure(ID)
    assert "takes the value for a pattern" in told
    assert "every external ID like * is accepted too" in told


def test_none_is_right_where_none_is_configured(world: "World") -> None:
    none = world.configured(cmek={"trust": {"external_id": "none"}})
    assert none.finding(ID).status == "ok"
    assert none.failures() == set()


def test_one_where_none_is_configured_keeps_pinecone_out(world: "World") -> None:
    none = world.configured(cmek={"trust": {"external_id": "none"}})
    wrong = asking(none, {"StringEquals": {"sts:ExternalId": OTHER}})
    assert "which Pinecone does not present (StringEquals sts:ExternalId 11112222…)" in wrong.failure(ID)
