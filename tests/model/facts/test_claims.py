"""What is said that Pinecone or AWS never, only or cannot do is in one table, with source and date."""

from datetime import date

import pytest

from pinekeep.model.facts.claims import CLAIMS
from tests.model.facts.sentences import NOT_CLAIMS, claims, claims_in, texts_of

KNOWN = [part for each in CLAIMS for part in each.parts]
ALLOWED = [part for parts in NOT_CLAIMS.values() for part in parts]


@pytest.fixture(scope="module")
def said() -> list[tuple[str, str]]:
    return list(claims())


def test_every_such_sentence_is_in_the_table(said: list[tuple[str, str]]) -> None:
    missing = [f"{path}: {each}" for path, each in said if not any(part in each for part in (*KNOWN, *ALLOWED))]
    assert missing == [], (
        "add a part of each to a claim in pinekeep/model/facts/claims.py, with its source, or to NOT_CLAIMS"
    )


@pytest.mark.parametrize("part", [*ALLOWED, *(part for each in CLAIMS for part in each.sentences)])
def test_every_part_of_a_sentence_in_the_table_is_said_somewhere(part: str, said: list[tuple[str, str]]) -> None:
    assert any(part in each for _, each in said), "nobody says it any more; take it out"


def test_no_part_is_so_short_that_it_would_let_anything_through() -> None:
    assert [part for part in (*KNOWN, *ALLOWED) if len(part.split()) < 3] == []


def test_each_claim_has_a_name_of_its_own_and_a_source_with_a_day() -> None:
    assert len({each.id for each in CLAIMS}) == len(CLAIMS) > 10
    for each in CLAIMS:
        assert each.says.endswith(".")
        assert each.source.checked > date(2026, 1, 1)


@pytest.mark.parametrize(
    "source",
    [
        'message = "wait. Pinecone can never do it"',
        'message = f"KMS {x} cannot {y}"',
        'message = "no key of AWS "\\\n"can do it"',
        'def f():\n    """Docs."""\n    return g("IAM only knows it")',
    ],
)
def test_a_new_sentence_is_found_in_code(source: str) -> None:
    assert [each for text in texts_of(source) for each in claims_in(text)]


@pytest.mark.parametrize(
    "source",
    ['"""Pinecone can never do it."""', 'x = "Pinecone does it. You cannot"', 'x = "a key that nobody has"'],
)
def test_docstrings_and_what_is_said_of_others_are_left_alone(source: str) -> None:
    assert not [each for text in texts_of(source) for each in claims_in(text)]
