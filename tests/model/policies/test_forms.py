"""Statements written in another form that decide alike, and those that only look alike."""

from typing import Any

import pytest

from pinekeep.model.policies.compare import Condition, Statement, parse
from pinekeep.model.policies.forms import always_fulfilled, condition_meaning, gives, is_pattern, meanings, repeats

ROLE = "arn:aws:iam::111122223333:role/pinekeep-search"
OTHER = "arn:aws:iam::444455556666:role/other"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"


def condition(operator: str, key: str, *values: str) -> Condition:
    return Condition(operator, key, frozenset(values))


def statement(**changes: Any) -> Statement:
    """Return a statement that lets the role decrypt, changed; None takes a part out."""
    parts: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}
    parts.update(changes)
    (found,) = parse({"Statement": [{name: part for name, part in parts.items() if part is not None}]})
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (condition("StringLike", "sts:ExternalId", "abc"), condition("StringEquals", "sts:ExternalId", "abc")),
        (condition("ForAnyValue:StringEquals", "a:b", "x"), condition("stringequals", "A:B", "x")),
        (condition("ArnLike", "aws:PrincipalArn", f"{ROLE}*"), condition("StringLike", "aws:PrincipalArn", f"{ROLE}*")),
        (condition("ArnEquals", "aws:PrincipalArn", f"{ROLE}?"), condition("ArnLike", "aws:PrincipalArn", f"{ROLE}?")),
        (condition("ArnEquals", "aws:PrincipalArn", ROLE), condition("StringEquals", "aws:PrincipalArn", ROLE)),
    ],
)
def test_conditions_in_another_form_mean_the_same(one: Condition, other: Condition) -> None:
    assert condition_meaning(one) == condition_meaning(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (condition("StringLike", "a:b", "x*"), condition("StringEquals", "a:b", "x*")),
        (condition("StringLike", "a:b", "x?"), condition("StringEquals", "a:b", "x?")),
        (condition("StringEquals", "a:b", "x"), condition("StringEquals", "a:b", "y")),
        (condition("StringEquals", "a:b", "x"), condition("StringEquals", "a:c", "x")),
        (condition("StringNotEquals", "a:b", "x"), condition("StringEquals", "a:b", "x")),
        (condition("ArnLike", "aws:SourceArn", f"{ROLE}*"), condition("StringLike", "aws:SourceArn", f"{ROLE}*")),
        (condition("ForAllValues:StringEquals", "a:b", "x"), condition("StringEquals", "a:b", "x")),
    ],
)
def test_conditions_that_only_look_alike_do_not(one: Condition, other: Condition) -> None:
    assert condition_meaning(one) != condition_meaning(other)


def test_the_meaning_of_a_condition_is_written_in_one_way() -> None:
    wanted = ("stringequals", "aws:principalarn", frozenset({ROLE}))
    assert condition_meaning(condition("ForAnyValue:ArnLike", "aws:PrincipalArn", ROLE)) == wanted


@pytest.mark.parametrize(("value", "wanted"), [("a*", True), ("a?", True), ("a", False), ("", False)])
def test_a_value_with_a_wildcard_is_a_pattern(value: str, wanted: bool) -> None:
    assert is_pattern(value) is wanted


ACCOUNT = condition("StringEquals", "kms:CallerAccount", "111122223333")


@pytest.mark.parametrize(
    ("asked", "principals", "wanted"),
    [
        (ACCOUNT, {ROLE}, True),
        (condition("StringLike", "aws:PrincipalAccount", "111122223333"), {ROLE}, True),
        (condition("StringLike", "aws:PrincipalAccount", "1111*"), {ROLE}, False),
        (condition("StringEquals", "kms:CallerAccount", "111122223333", "444455556666"), {ROLE, OTHER}, True),
        (ACCOUNT, {ROLE, OTHER}, False),
        (ACCOUNT, {"*"}, False),
        (ACCOUNT, {ROLE, "*"}, False),
        (ACCOUNT, {"AROAEXAMPLEEXAMPLE123"}, False),
        (ACCOUNT, {"xarn:aws:iam::111122223333:role/x"}, False),
        (ACCOUNT, {"arn:aws:iam::111122223333"}, True),
        (ACCOUNT, {"arn:aws:iam:"}, False),
        (ACCOUNT, set(), False),
        (condition("StringNotEquals", "kms:CallerAccount", "111122223333"), {ROLE}, False),
        (condition("StringEquals", "kms:ViaService", "111122223333"), {ROLE}, False),
    ],
)
def test_a_condition_on_the_account_is_fulfilled_by_principals_of_it(
    asked: Condition, principals: set[str], wanted: bool
) -> None:
    assert always_fulfilled(asked, principals) is wanted


def test_what_the_principals_fulfil_anyway_has_no_meaning() -> None:
    by_account = {"StringEquals": {"kms:CallerAccount": "111122223333"}}
    assert meanings(statement(Condition=by_account)) == frozenset()
    assert meanings(statement(Condition=by_account, Principal="*")) == {condition_meaning(ACCOUNT)}
    also = {**by_account, "StringLike": {"sts:ExternalId": "abc"}}
    assert meanings(statement(Condition=also)) == {("stringequals", "sts:externalid", frozenset({"abc"}))}


BOTH = statement(Principal={"AWS": [ROLE, OTHER]})
NARROW = {"StringEquals": {"sts:ExternalId": "abc"}}


@pytest.mark.parametrize(
    ("there", "wanted", "result"),
    [
        ([statement()], statement(), True),
        ([], statement(), False),
        ([statement(Action="kms:*")], statement(), True),
        ([statement(Action="kms:Encrypt")], statement(), False),
        ([statement(Action=["kms:Encrypt", "kms:Decrypt"])], statement(), True),
        ([statement(Effect="Deny")], statement(), False),
        ([statement(Principal="*")], statement(), True),
        ([statement(Principal={"AWS": OTHER})], statement(), False),
        ([statement()], BOTH, False),
        ([statement(), statement(Principal={"AWS": OTHER})], BOTH, True),
        ([statement(Resource=KEY)], statement(), False),
        ([statement()], statement(Resource=KEY), True),
        ([statement(Resource=[KEY, f"{KEY}2"])], statement(Resource=KEY), True),
        ([statement(Resource=None, NotResource=f"{KEY}2")], statement(Resource=KEY), False),
        ([statement(Condition=NARROW)], statement(), False),
        ([statement()], statement(Condition=NARROW), True),
        ([statement(Condition=NARROW)], statement(Condition=NARROW), True),
    ],
)
def test_statements_give_what_is_wanted_or_more(there: list[Statement], wanted: Statement, result: bool) -> None:
    assert gives(there, "kms:Decrypt", wanted=wanted) is result


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (statement(), True),
        (statement(Action=["kms:Decrypt", "kms:Encrypt"]), True),
        (statement(Action=["kms:Decrypt", "kms:ReEncryptFrom"]), False),
        (statement(Action=None, NotAction="kms:Encrypt"), False),
        (statement(Principal=None, NotPrincipal={"AWS": OTHER}), False),
        (statement(Resource=None, NotResource=KEY), False),
        (statement(Principal={"AWS": OTHER}), False),
        (statement(Condition=NARROW), True),
    ],
)
def test_a_statement_repeats_the_wanted_ones_if_it_says_nothing_beside_them(said: Statement, result: bool) -> None:
    wanted = (each for each in (statement(), statement(Action="kms:Encrypt")))
    assert repeats(said, wanted) is result
