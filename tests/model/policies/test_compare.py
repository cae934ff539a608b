import json
from typing import Any
from urllib.parse import quote

import pytest

from pinekeep.model.policies.compare import (
    PolicyFormatError,
    Statement,
    covers,
    differences,
    is_orphan,
    named,
    pair,
    parse,
    shortened,
)

BASE: dict[str, Any] = {
    "Sid": "One",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::111122223333:role/A", "444455556666"]},
    "Action": ["kms:Encrypt", "kms:Decrypt"],
    "Resource": "*",
    "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
}


def one(**changes: Any) -> Statement:
    statement = {key: value for key, value in {**BASE, **changes}.items() if value is not None}
    return parse({"Statement": [statement]})[0]


@pytest.mark.parametrize(
    "same",
    [
        {"Sid": None},
        {"Principal": {"AWS": ["arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:role/A"]}},
        {"Action": ["KMS:decrypt", "kms:Encrypt", "kms:Encrypt"]},
        {"Resource": ["*"]},
        {"Condition": {"bool": {"KMS:grantisforawsresource": True}}},
        {"Condition": {"Bool": {"kms:GrantIsForAWSResource": ["True"]}}},
    ],
)
def test_order_shape_and_spelling_do_not_matter(same: dict[str, Any]) -> None:
    assert one(**same).meaning == one().meaning
    assert differences(one(**same), one()) == []


def test_everyone_is_everyone_however_written() -> None:
    assert one(Principal="*").meaning == one(Principal={"AWS": "*"}).meaning == one(Principal={"AWS": ["*"]}).meaning


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Effect": "Deny"}, "it says Deny, not Allow"),
        ({"Principal": {"AWS": "444455556666"}}, "it does not name arn:aws:iam::111122223333:role/A"),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, "it names Service:s3.amazonaws.com too"),
        ({"Action": "kms:Encrypt"}, "it lacks kms:Decrypt"),
        ({"Action": ["kms:Encrypt", "kms:Decrypt", "kms:Sign"]}, "it allows kms:Sign too"),
        ({"Resource": ["arn:x"]}, "it is for resource arn:x"),
        ({"Condition": None}, "it lacks the condition Bool kms:GrantIsForAWSResource true"),
        ({"Condition": {"Null": {"a:b": "true"}}}, "it has the condition Null a:b true too"),
        ({"Principal": None, "NotPrincipal": {"AWS": "444455556666"}}, "it is written with NotPrincipal"),
        ({"Action": None, "NotAction": "kms:Sign"}, "it is written with NotAction"),
        ({"Resource": None, "NotResource": "arn:x"}, "it is written with NotResource"),
    ],
)
def test_each_difference_is_told_in_words(change: dict[str, Any], words: str) -> None:
    assert words in differences(one(**change), one())
    assert one(**change).meaning != one().meaning


def test_several_values_of_a_condition_are_an_or() -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": ["2", "1"]}}
    assert "aws:PrincipalAccount 1 or 2" in differences(one(Condition=condition), one())[-1]


def test_true_is_a_text_in_every_condition() -> None:
    written, meant = ({"StringEquals": {"aws:RequestTag/x": value}} for value in (True, "true"))
    assert one(Condition=written).meaning == one(Condition=meant).meaning


def test_external_ids_are_shortened() -> None:
    condition = {"StringEquals": {"sts:ExternalId": "11112222-3333-4444-8555-666677778888"}}
    told = str(one(Condition=condition))
    assert "sts:ExternalId 11112222…" in told
    assert "3333" not in told.partition("ExternalId")[2]
    assert shortened("short") == "short"


@pytest.mark.parametrize("form", [json.dumps, lambda document: quote(json.dumps(document))])
def test_text_is_read_as_iam_and_kms_send_it(form: Any) -> None:
    assert parse(form({"Version": "2012-10-17", "Statement": BASE})) == [one()]


@pytest.mark.parametrize("text", ["", "not JSON", "[]", '"text"', "{}", '{"Statement": "x"}', '{"Statement": ["x"]}'])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(PolicyFormatError):
        parse(text)


def test_a_deleted_principal_is_known_by_its_id() -> None:
    assert is_orphan("AROA1234567890EXAMPLE")
    assert is_orphan("AIDA1234567890EXAMPLE")
    assert not is_orphan("arn:aws:iam::111122223333:role/AROA1234567890EXAMPLE")
    assert "a deleted user" in named("AIDA1234567890EXAMPLE")


def test_principals_are_called_as_people_call_them() -> None:
    assert named("*") == "* (everyone)"
    assert named("arn:aws:iam::111122223333:root") == "account 111122223333"
    assert named("arn:aws:iam::111122223333:role/A") == "arn:aws:iam::111122223333:role/A"


@pytest.mark.parametrize(
    ("pattern", "action", "takes_in"),
    [
        ("kms:ReEncrypt*", "kms:reencryptfrom", True),
        ("KMS:*", "kms:ReEncrypt*", True),
        ("kms:ReEncrypt*", "kms:ReEncrypt*", True),
        ("kms:ReEncryptFrom", "kms:ReEncrypt*", False),
        ("*", "sts:AssumeRole", True),
        ("kms:?ncrypt", "kms:Encrypt", True),
        ("kms:[E]ncrypt", "kms:Encrypt", False),
    ],
)
def test_a_pattern_takes_in_what_it_matches(pattern: str, action: str, takes_in: bool) -> None:
    assert covers(pattern, action) is takes_in


def test_statements_pair_by_meaning_before_name_and_by_name_before_likeness() -> None:
    encrypt, decrypt = one(Sid="E", Action="kms:Encrypt"), one(Sid="D", Action="kms:Decrypt")
    swapped = [one(Sid="D", Action="kms:Encrypt"), one(Sid="E", Action="kms:Decrypt")]
    assert pair(found=swapped, wanted=[encrypt, decrypt]).pairs == ((encrypt, swapped[0]), (decrypt, swapped[1]))
    named_alike = one(Sid="E", Action="kms:Sign")
    assert pair(found=[named_alike], wanted=[encrypt]).pairs == ((encrypt, named_alike),)
    alike = one(Sid="X", Action=["kms:Encrypt", "kms:Sign"])
    stranger = one(Sid="Y", Action="kms:Verify")
    found = pair(found=[stranger, alike], wanted=[encrypt])
    assert found.pairs == ((encrypt, alike),)
    assert found.others == (stranger,)
    assert pair(found=[stranger], wanted=[encrypt]).pairs == ((encrypt, None),)


def test_a_statement_tells_what_it_says() -> None:
    told = str(one(Principal={"AWS": "AROA1234567890EXAMPLE"}, Condition=None))
    assert told.startswith("statement One (Allow kms:Decrypt, kms:Encrypt for AROA1234567890EXAMPLE (a deleted role")
    other = one(Sid=None, Principal=None, NotPrincipal="*", Action=None, NotAction="kms:Sign", Condition=None)
    assert str(other) == "a statement (Allow all but kms:Sign for all but * (everyone))"
