"""What `verify` says of each breakage: what is so, what it means, and a fix that can be pasted."""

import re
from functools import cache
from typing import Any, Final

import pytest

from pinekeep.operations.verification.checks.finding import Finding
from tests.operations.verification.checks.breakages import rows, world

ROWS: Final = list(rows())
_COMMAND: Final = re.compile(r"\baws ([a-z0-9]+) [a-z0-9-]+[^;]*")
_WITHOUT_REGION: Final = ("iam", "route53")
_PLACEHOLDER: Final = re.compile(
    r"(?<![\w'=:/])[A-Z]{2,}(?:-[A-Z]{2,})+\b|\b(?:KEY|VPC|ROLE|STACK|ZONE|NAME|REGION)-?ID\b"
)


@cache
def findings(number: int) -> list[Finding]:
    """Return what is found where a breakage is so."""
    return ROWS[number].change(world()).findings()


def each_row() -> list[Any]:
    return [pytest.param(number, id=f"{row.check}: {row.what}") for number, row in enumerate(ROWS)]


def test_there_are_at_least_forty_breakages_and_none_twice() -> None:
    assert len({each.what + each.check for each in ROWS}) == len(ROWS) >= 40


@pytest.mark.parametrize("number", each_row())
def test_a_finding_says_what_is_so_and_nothing_that_contradicts_it(number: int) -> None:
    row = ROWS[number]
    (found,) = [each for each in findings(number) if each.check == row.check and row.among in each.what]
    said = f"{found.found} | {found.meaning} | {found.fix}"
    assert found.status == row.status, said
    assert row.found in found.found, said
    assert row.meaning in (found.meaning or ""), said
    assert (found.fix is None) == (row.fix is None), said
    assert (row.fix or "") in (found.fix or ""), said
    assert not [each for each in row.never if each in said], said


@pytest.mark.parametrize("number", each_row())
def test_what_is_harmless_fails_no_check_at_all(number: int) -> None:
    if ROWS[number].status == "note":
        assert {each.check for each in findings(number) if each.status == "failed"} == set()


@pytest.mark.parametrize("number", each_row())
def test_every_fix_can_be_pasted(number: int) -> None:
    for found in findings(number):
        fix = found.fix or ""
        assert not _PLACEHOLDER.search(fix), fix
        for command in _COMMAND.finditer(fix):
            if command[1] not in _WITHOUT_REGION:
                assert "--region us-" in command[0], command[0]
        for verb in re.finditer(r"pinekeep (?:deploy|verify|restore|handoff)\b[^;`]*", fix):
            assert "--deployment prod" in verb[0], verb[0]
        assert "None" not in fix, fix
