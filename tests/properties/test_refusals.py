"""A configuration with one thing wrong is refused, with the place of it, and nothing else happens."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinekeep.model.config import Configuration, ConfigurationError
from tests.properties.breakages import BREAKAGES, Breakage, Place
from tests.properties.configurations import Data, configurations
from tests.properties.loaded import FILE, load_text, written
from tests.properties.settings import tried


def refused(text: str) -> ConfigurationError:
    """Return how a file is refused, after making sure that it says all that a refusal has to say."""
    with pytest.raises(ConfigurationError) as caught:
        load_text(text)
    require_clean(caught.value, text)
    return caught.value


def require_clean(error: ConfigurationError, text: str) -> None:
    lines = text.split("\n")
    assert any(problem.severity == "error" for problem in error.problems)
    for problem in error.problems:
        assert problem.position is not None, problem
        assert 1 <= problem.position.line <= len(lines)
        assert 1 <= problem.position.column <= len(lines[problem.position.line - 1]) + 1
        assert problem.message
        assert problem.hint
        assert all(line.isprintable() for line in problem.render(FILE).splitlines())
    assert error.problems == tuple(sorted(error.problems, key=lambda each: (each.position, each.code)))


def of_breakage(breakage: Breakage) -> str:
    return breakage.code


@pytest.mark.parametrize("breakage", BREAKAGES, ids=of_breakage)
def test_one_thing_wrong_is_refused_by_its_name_and_with_its_place(breakage: Breakage) -> None:
    @tried(2)
    @given(configurations(everything=True, most=1), breakage.values, st.randoms(use_true_random=False))
    def hold(data: Data, value: Any, chance: Any) -> None:
        place = Place(deepcopy(data), chance.choice(list(data["deployments"])))
        breakage.write(place, value)
        error = refused(written(place.file))
        assert breakage.code in {problem.code for problem in error.problems if problem.severity == "error"}

    hold()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, each in inner for place in places(each, (*path, name)))]


odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from([[], {}, [None], {"": None}, "*", "${x}", "arn:aws:iam::111122223333:root"]),
    st.dates(),
)


@tried(50)
@given(configurations(), odd, st.randoms(use_true_random=False))
def test_any_value_in_any_place_is_taken_or_cleanly_refused(data: Data, value: Any, chance: Any) -> None:
    file = deepcopy(data)
    path = chance.choice([each for each in places(file) if each])
    holder: Any = file
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    text = written(file)
    found: Configuration | None = None
    try:
        found = load_text(text)
    except ConfigurationError as error:
        require_clean(error, text)
    if found is not None:
        assert list(found.deployments) == list(file["deployments"])
