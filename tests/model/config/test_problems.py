from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.model.config.partial import UNKNOWN, UnknownValueError
from pinekeep.model.config.problems import ConfigurationError, Position, Problem
from pinekeep.model.words import did_you_mean, nearest, plain, shown

PROBLEM = Problem("code", "this is so", "do that", ("deployments", "a", "regions", 0), Position(3, 7))


def test_a_problem_is_a_place_a_sentence_and_a_hint() -> None:
    assert PROBLEM.render("f.yaml") == "f.yaml:3:7: error: deployments.a.regions[0]: this is so\n  hint: do that"


def test_a_problem_of_the_whole_file_names_the_file_alone() -> None:
    assert Problem("code", "this is so").render("f.yaml") == "f.yaml: error: this is so"


def test_a_problem_is_plain_values_for_programs() -> None:
    assert PROBLEM.as_json("f.yaml") == {
        "file": "f.yaml",
        "line": 3,
        "column": 7,
        "severity": "error",
        "code": "code",
        "setting": "deployments.a.regions[0]",
        "message": "this is so",
        "hint": "do that",
    }
    assert Problem("code", "this is so").as_json("f.yaml")["setting"] is None


def test_names_that_could_do_harm_are_quoted() -> None:
    assert Problem("c", "m", path=("a", "b c", "\x1b[2J", "")).setting == "a.b c['\\x1b[2J']['']"
    assert Problem("c", "m", path=("a" * 500,)).setting == f"['{'a' * 60}'… (500 characters)]"


@pytest.mark.parametrize(("count", "said"), [(1, "f has 1 error"), (2, "f has 2 errors")])
def test_errors_are_counted_and_warnings_are_not(count: int, said: str) -> None:
    warning = Problem("code", "this is so", severity="warning")
    assert ConfigurationError("f", [PROBLEM] * count + [warning]).message == said


def test_problems_come_in_the_order_of_the_file() -> None:
    places = [Position(9, 1), Position(1, 9), None, Position(1, 2)]
    error = ConfigurationError("f", [Problem("c", str(place), position=place) for place in places])
    assert [problem.message for problem in error.problems] == [str(places[index]) for index in (2, 3, 1, 0)]


def test_values_are_shown_on_one_line_and_not_too_long() -> None:
    assert shown("a\nb\x1b") == "'a\\nb\\x1b'"
    assert shown("a" * 1_000) == f"'{'a' * 60}'… (1,000 characters)"
    assert plain("us-east-1") == "us-east-1"
    assert plain("a\tb") == "'a\\tb'"
    assert plain("") == "''"


def test_a_guess_is_made_only_where_one_is_near() -> None:
    assert did_you_mean("us-east1", ["us-east-1", "us-west-2"]) == "did you mean us-east-1?"
    assert did_you_mean("US-EAST-1", ["us-east-1"]) == "did you mean us-east-1?"
    assert did_you_mean("mars", ["us-east-1"]) is None
    assert nearest("a" * 80, ["a" * 79]) == "a" * 79
    assert nearest("a" * 81, ["a" * 79]) is None, "guessing at long text takes long"


@pytest.mark.parametrize(
    "look",
    [bool, str, len, list, hash, lambda it: it == 1, lambda it: it < 1, lambda it: f"{it}", lambda it: it[0],
     lambda it: 1 in it, lambda it: "a" + it, lambda it: it + "a", lambda it: it.name == 1, lambda it: it.lower()],
)  # fmt: skip
def test_an_unknown_value_can_be_passed_on_and_not_looked_at(look: Callable[[Any], object]) -> None:
    assert UNKNOWN.cmek.trust is UNKNOWN
    with pytest.raises(UnknownValueError):
        look(UNKNOWN)
