"""What holds for any file at all."""

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pinekeep.model.config import Configuration, ConfigurationError, load
from pinekeep.model.config.schema import json_schema
from tests.model.config.bad_files import FILE, RIGHT

EXAMPLES = Path(__file__).parents[3] / "examples"
PATHS = sorted([*EXAMPLES.glob("*.yaml"), *EXAMPLES.glob("*/pinekeep.yaml")])
FILES = [RIGHT, *(path.read_text(encoding="utf-8") for path in PATHS)]
SCHEMA = Draft202012Validator(json_schema())
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(content: bytes) -> Configuration | ConfigurationError:
    """Load the content. Anything but the two, and the test fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_bytes(content)
        try:
            return load(path)
        except ConfigurationError as error:
            assert error.problems
            # YAML ends a line at more characters than bytes have.
            lines = content.decode(errors="replace").splitlines()
            for problem in error.problems:
                assert all(line.isprintable() for line in problem.render(FILE).splitlines())
                assert len(problem.render(FILE)) < 2_000
                assert problem.position is None or 1 <= problem.position.line <= len(lines) + 1
            return error


@quick
@given(st.binary(max_size=400))
def test_any_bytes_are_loaded_or_refused(content: bytes) -> None:
    outcome(content)


@quick
@given(st.text(st.characters(codec="utf-8"), max_size=400))
@example(text="\x85\x85'")
def test_any_text_is_loaded_or_refused(text: str) -> None:
    outcome(text.encode())


@quick
@given(st.text(st.sampled_from("abc:-?[]{}&*!|>'\"%@`#,<~.0 \n\t"), max_size=120))
def test_any_text_of_yamls_own_characters_is_loaded_or_refused(text: str) -> None:
    outcome(text.encode())


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates(), st.binary(max_size=5)
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10) | st.integers(), inner, max_size=4)
    ),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, each in inner for place in places(each, (*path, name)))]


@quick
@given(st.data())
def test_any_value_in_any_place_is_loaded_or_refused(data: st.DataObject) -> None:
    content = yaml.safe_load(data.draw(st.sampled_from(FILES)))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([place for place in places(content) if place]))
        holder = content
        for part in path[:-1]:
            holder = holder[part]
        if data.draw(st.booleans()):
            holder[path[-1]] = data.draw(values)
        else:
            del holder[path[-1]]
        if not content:
            break
    outcome(yaml.safe_dump(content).encode())


@quick
@given(st.data())
def test_a_right_file_with_some_characters_changed_is_loaded_or_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(FILES))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.text(st.characters(codec="utf-8"), max_size=6)) + text[end:]
    outcome(text.encode())


@quick
@given(st.data())
def test_a_right_file_with_lines_moved_is_loaded_or_refused(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(FILES)).splitlines(keepends=True)
    source = data.draw(st.integers(0, len(lines) - 1))
    lines.insert(data.draw(st.integers(0, len(lines))), lines[source])
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    outcome("".join(lines).encode())


@quick
@given(st.data())
def test_what_loads_fits_the_schema(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(FILES))
    lines = text.splitlines(keepends=True)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    content = "".join(lines)
    if isinstance(outcome(content.encode()), Configuration):
        assert SCHEMA.is_valid(yaml.safe_load(content))


@quick
@given(st.sampled_from(FILES))
def test_a_right_file_comes_back_the_same(text: str) -> None:
    configuration = outcome(text.encode())
    assert isinstance(configuration, Configuration)
    again = outcome(configuration.content.model_dump_json().encode())
    if isinstance(again, ConfigurationError):
        # An adopted key is refused beside settings for a new one, and a full dump has them.
        again = outcome(configuration.content.model_dump_json(exclude_unset=True).encode())
    assert isinstance(again, Configuration)
    assert again.content == configuration.content
