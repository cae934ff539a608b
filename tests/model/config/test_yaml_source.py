import time
from pathlib import Path
from typing import Any

import pytest

from pinekeep.model.config import ConfigurationError
from pinekeep.model.config.problems import MAX_PROBLEMS, Position
from pinekeep.model.config.yaml_source import MAX_DEPTH, MAX_VALUES, YamlSource, read_yaml

SOON = 5  # seconds; each takes a tenth of that on an idle machine


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def run(text: str) -> YamlSource:
        path = tmp_path / "pinekeep.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        return read_yaml(path)

    return run


@pytest.fixture
def refused(read: Any) -> Any:
    def run(text: str) -> list[str]:
        started = time.process_time()
        with pytest.raises(ConfigurationError) as error:
            read(text)
        assert time.process_time() - started < SOON
        return [problem.code for problem in error.value.problems]

    return run


def test_every_value_and_name_has_its_place(read: Any) -> None:
    source = read("a: 1\nb:\n  - x\n  - {c: y}\n")
    assert source.data == {"a": 1, "b": ["x", {"c": "y"}]}
    assert source.position_of_key(("b",)) == Position(2, 1)
    assert source.position_of_value(("b",)) == Position(3, 3)
    assert source.position_of_value(("b", 1, "c")) == Position(4, 9)
    assert source.position_of_key(("b", 1, "c")) == Position(4, 6)


def test_what_is_missing_stands_where_the_name_of_its_holder_stands(read: Any) -> None:
    source = read("a:\n  b: 1\n")
    assert source.position_of_value(("a", "c", "d")) == Position(1, 1)


def test_scalars_are_kept_as_written(read: Any) -> None:
    assert read("a: 0o17\nb: 011\nc: 'x'\n").raw == {("a",): "0o17", ("b",): "011", ("c",): "x"}


@pytest.mark.parametrize("name", ["no", "on", "1", "~", "2027-01-01", "0x1", "null", ".inf", "true"])
def test_names_are_text_whatever_yaml_takes_them_for(read: Any, name: str) -> None:
    assert read(f"{name}: x\n").data == {name: "x"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system_count(read: Any, line_end: str) -> None:
    assert read(f"a: 1{line_end}b: 2{line_end}").position_of_value(("b",)) == Position(2, 4)


def test_a_byte_order_mark_is_no_matter(read: Any) -> None:
    assert read("\ufeffa: 1\n").data == {"a": 1}


def test_what_a_mapping_sets_itself_wins_over_what_it_merges(read: Any) -> None:
    source = read("base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\nmine: {<<: [*base, *other], a: 0}\n")
    assert source.data["mine"] == {"a": 0, "b": 2, "c": 4}
    assert source.position_of_value(("mine", "b")) == Position(1, 23), "a merged value stands where it is written"


def test_a_merge_of_a_merge_is_followed(read: Any) -> None:
    assert read("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n").data["c"] == {"x": 1, "y": 2}


def test_the_same_alias_may_stand_in_many_places(read: Any) -> None:
    assert read("a: &a [1]\nb: *a\nc: [*a, *a]\n").data == {"a": [1], "b": [1], "c": [[1], [1]]}


def test_a_mapping_that_merges_itself_is_refused(refused: Any) -> None:
    assert refused("a: &a {<<: *a}\n") == ["endless-alias"]


def test_nesting_is_bounded_exactly(read: Any, refused: Any) -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert refused("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ["too-deep"]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000, "[[[{a: " * 50_000, "!t [" * 50_000],
    ids=["lists", "mappings", "items", "names", "mixed", "tags"],
)
def test_very_deep_nesting_ends_neither_the_process_nor_the_patience(refused: Any, text: str) -> None:
    assert refused(text) in (["too-deep"], ["not-yaml"])


def test_a_chain_of_merges_is_as_bounded_as_nesting(refused: Any) -> None:
    chain = "".join(f"a{n + 1}: &a{n + 1} {{<<: *a{n}}}\n" for n in range(5_000))
    assert refused("a0: &a0 {x: 1}\n" + chain) == ["too-deep"]


def test_merges_that_explode_are_stopped(refused: Any) -> None:
    levels = "".join(f"a{n + 1}: &a{n + 1} {{<<: [{', '.join([f'*a{n}'] * 9)}]}}\n" for n in range(14))
    assert refused("a0: &a0 {x: 1}\n" + levels) == ["too-many-values"]


def test_a_nest_of_aliases_is_as_bounded_as_nesting(refused: Any) -> None:
    chain = "".join(f"- &a{n + 1} [*a{n}]\n" for n in range(200))
    assert refused("- &a0 [x]\n" + chain) == ["too-deep"]


@pytest.mark.parametrize(
    "text",
    ["- a\n" * (2 * MAX_VALUES + 1), "[" + "a," * (2 * MAX_VALUES + 1) + "]"],
    ids=["lines", "one line"],
)
def test_too_many_values_are_refused(refused: Any, text: str) -> None:
    assert refused(text) == ["too-many-values"]


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "x " * 400_000,
        'a: "' + "\\n" * 400_000 + '"',
        "a:\n" + "  x\n" * 200_000,
        "# " + "x" * 900_000 + "\na: 1\n",
        "".join(f"- &a{n} x\n" for n in range(60_000)),
        "a: |\n" + " x\n" * 300_000,
    ],
    ids=["one line", "escapes", "many lines", "comment", "anchors", "block"],
)
def test_a_megabyte_of_right_yaml_is_read_soon(read: Any, text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < SOON


def test_a_name_set_twice_very_often_fills_no_screen(refused: Any) -> None:
    codes = refused("a: 1\n" * 20_000)
    assert len(codes) == MAX_PROBLEMS + 1
    assert codes[-1] == "more-problems"


@pytest.mark.parametrize(
    "scalar", ["!!bool maybe", "!!int ''", "!!timestamp soon", "!!float x", "=", "!!int 1.5", "2027-99-99", "!!null x"]
)
def test_a_scalar_that_is_not_what_it_says_is_told(read: Any, scalar: str) -> None:
    source = read(f"a: {scalar}\n")
    assert [problem.code for problem in source.problems] in (["not-a-value"], [])
    assert source.data == {"a": None}
    assert source.unread == (frozenset({("a",)}) if source.problems else frozenset())


@pytest.mark.parametrize(
    "tag", ["!!binary aGk=", "!!set {a}", "!!omap [a: 1]", "!local x", "!!python/name:os.system x"]
)
def test_tags_are_refused(read: Any, tag: str) -> None:
    assert [problem.code for problem in read(f"a: {tag}\n").problems] == ["tag"]


def test_nothing_is_executed(read: Any, tmp_path: Path) -> None:
    read(f"a: !!python/object/apply:pathlib.Path.touch [{tmp_path / 'proof'}]\n")
    assert not (tmp_path / "proof").exists()
