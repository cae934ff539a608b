"""Comparing policies: the sentences, and what only a second value shows."""

from typing import Any

import pytest

from pinekeep.model.policies.compare import PolicyFormatError, Statement, covers, differences, pair, parse, shortened

ONE = "arn:aws:iam::111122223333:role/A"
TWO = "arn:aws:iam::111122223333:role/B"
BASE: dict[str, Any] = {"Sid": "S", "Effect": "Allow", "Principal": {"AWS": ONE}, "Action": "kms:Sign", "Resource": "*"}


def one(**changes: Any) -> Statement:
    return parse({"Statement": {key: value for key, value in {**BASE, **changes}.items() if value is not None}})[0]


def test_a_statement_tells_every_name_action_and_condition() -> None:
    conditions = {"Bool": {"b:b": "true"}, "Null": {"a:a": "false"}}
    told = str(one(Principal={"AWS": [TWO, ONE]}, Action=["kms:Sign", "kms:Encrypt"], Condition=conditions))
    assert told == (f"statement S (Allow kms:Encrypt, kms:Sign for {ONE}, {TWO} if Bool b:b true and Null a:a false)")
    assert str(one(Principal=None)) == "statement S (Allow kms:Sign for no principal)"
    without = one(Principal=None, NotPrincipal={"AWS": [ONE, TWO]}, Action=None, NotAction=["kms:Sign", "kms:Verify"])
    assert str(without) == f"statement S (Allow all but kms:Sign, kms:Verify for all but {ONE}, {TWO})"


def test_what_is_no_policy_is_refused_with_what_is_wrong() -> None:
    with pytest.raises(PolicyFormatError, match=r"^the policy is not JSON$"):
        parse("no")
    with pytest.raises(PolicyFormatError, match=r"^the policy has no statements$"):
        parse("{}")


def test_json_is_not_decoded_as_a_url() -> None:
    assert parse('{"Statement": {"Effect": "Allow", "Resource": "a%2Fb"}}')[0].resources == {"a%2Fb"}


def test_only_truth_values_ignore_case_in_conditions() -> None:
    def meaning(operator: str, value: str) -> object:
        return one(Condition={operator: {"a:b": value}}).meaning

    assert meaning("Null", "True") == meaning("Null", "true")
    assert meaning("StringEquals", "Search") != meaning("StringEquals", "search")


def test_eight_characters_are_shown_whole() -> None:
    assert shortened("12345678") == "12345678"
    assert shortened("123456789") == "12345678…"


def test_a_bracket_in_a_pattern_means_itself() -> None:
    assert covers("kms:[a]*", "kms:[a]b")
    assert not covers("kms:[a]*", "kms:ab")


def test_every_difference_is_told_and_nothing_else() -> None:
    assert differences(one(Action=["kms:Sign", "kms:Verify"]), one()) == ["it allows kms:Verify too"]
    assert differences(one(Effect="Deny", Action=["kms:Sign", "kms:Verify"]), one(Effect="Deny")) == [
        "it denies kms:Verify too"
    ]
    assert differences(one(Resource=["b", "a"]), one()) == ["it is for resource a, b"]
    assert differences(one(Resource=None), one()) == ["it is for resource none"]


def test_an_action_in_other_case_is_neither_lacking_nor_too_much() -> None:
    assert differences(one(Action=["KMS:SIGN", "kms:Verify"]), one()) == ["it allows kms:Verify too"]


def test_conditions_are_told_in_the_order_of_their_words() -> None:
    conditions = {"Null": {"b:b": "true", "a:a": "true"}, "Bool": {"c:c": "true"}}
    assert differences(one(Condition=conditions), one()) == [
        f"it has the condition {each} too" for each in ("Bool c:c true", "Null a:a true", "Null b:b true")
    ]


def test_a_statement_found_is_paired_once_however_often_it_would_fit() -> None:
    exact, alike = one(), one(Action=["kms:Sign", "kms:Verify"])
    found = pair(found=[exact, alike], wanted=[one(), one(Sid="T", Action=["kms:Verify"])])
    assert [match for _, match in found.pairs] == [exact, alike]
    twice = pair(found=[exact, one(Sid="S", Action="kms:Verify")], wanted=[one()])
    assert twice.pairs[0][1] == exact
    assert len(twice.others) == 1
