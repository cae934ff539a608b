import gc
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pinekeep.model import config, values
from pinekeep.model.config import load
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.rules.lists import lists_of
from pinekeep.model.config.schema import json_schema
from tests.model.config.bad_files import FILE, RIGHT, Case, cases, rendered

CASES = cases()
SOURCES = (Path(config.__file__).parent, Path(values.__file__).parent)
LISTS = (*lists_of(Deployment), *lists_of(Fleet))
# What the code says about itself: `refuse("code", …`, `InvalidValueError("code", …`, `Problem("code", …`, and so on.
CALLS = r"(?:refuse|matching|InvalidValueError|[Pp]roblem)\(|(?:limit|_require_tag)\(\s*value,|refusal\(\s*file,"
CODE = re.compile(rf"""(?:{CALLS}|Claim\(\s*[^"]*?,|yield|return)\s*"([a-z0-9-]+)",""")
NAMES = ("EventBridge", "IAM", "Pinecone", "Pinecone's", "SNS", "YAML")
BOUNDED = (
    "audit-quiet",
    "concurrent-accounts",
    "endpoint-quiet",
    "expire-days",
    "failed-accounts",
    "glacier-days",
    "infrequent-access-days",
    "lock-days",
    "lock-years",
    "result-days",
    "scan-limit",
    "waiting-days",
)
MADE_CODES = {
    *(f"{name}{end}" for name in ("project-name", "api-key-name", "service-account-name") for end in ("", "-length")),
    "binding-of-nobody",
    "binding-of-two",
    *(f"{kind.code}-twice" for kind, _ in LISTS),
    *(f"{kind.code}-few" for kind, _ in LISTS if kind.least),
    "rotation-days-bounds",
    *(f"{name}-bounds" for name in BOUNDED),
    *(f"{what}-{kind}" for what in ("topic", "log-group", "topic-key", "bucket-key") for kind in ("account", "region")),
    "deletion-window-days-bounds",
    "vpc-id",
    "subnet-id",
    "sg-id",
}
TESTED_ELSEWHERE = {"more-problems"}
"""test_loading.py has it: it needs many lines."""


def of_case(case: Case) -> str:
    return case.title


def test_the_right_file_is_right(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(RIGHT, encoding="utf-8")
    assert load(tmp_path / FILE).warnings == ()


def test_titles_differ() -> None:
    assert len({case.title for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=of_case)
def test_a_wrong_file_is_told_word_for_word_and_soon(case: Case, tmp_path: Path) -> None:
    gc.freeze()  # What other tests of the worker have left is not searched for garbage on this one's time.
    started = time.process_time()
    problems = case.problems(tmp_path)
    took = time.process_time() - started
    gc.unfreeze()
    assert rendered(problems) == case.says
    assert took < 2


@pytest.mark.parametrize("case", CASES, ids=of_case)
def test_every_problem_says_how_to_mend_it_in_house_style(case: Case, tmp_path: Path) -> None:
    for problem in case.problems(tmp_path):
        assert problem.hint, f"{problem.code} has no hint"
        for text in (problem.message, problem.hint):
            assert not text.endswith("."), text
            assert "\n" not in text
            assert text.isprintable()
            assert not text[0].isupper() or text.split()[0] in NAMES, text


@pytest.mark.parametrize("case", [case for case in CASES if case.schema_says is not None], ids=of_case)
def test_the_schema_refuses_what_it_can_tell(case: Case, schema: Draft202012Validator) -> None:
    assert schema.is_valid(yaml.safe_load(case.text or "")) is not case.schema_says


def test_every_problem_that_the_code_knows_has_a_case(tmp_path: Path) -> None:
    known = {
        code
        for folder in SOURCES
        for file in folder.rglob("*.py")
        for code in CODE.findall(file.read_text(encoding="utf-8"))
    }
    shown: set[str] = set()
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        shown |= {problem.code for problem in case.problems(folder)}
    assert len(known) > 60, "the pattern finds the codes"
    assert sorted((known | MADE_CODES) - shown - TESTED_ELSEWHERE) == []


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    made: dict[str, Any] = json_schema()
    return Draft202012Validator(made)
