"""What holds for any rows at all: they are read or refused, and every problem has a place in its file."""

import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinekeep.model.config import ConfigurationError
from pinekeep.model.config.fleet.reading import read_targets
from tests.model.config.fleet.files import FLEET, ID_A, ID_B, A, B, put

COLUMNS = (
    "account",
    "region",
    "role_region",
    "cmek.trust.external_id",
    "cmek.key.rotation_days",
    "cmek.key.multi_region",
    "cmek.trust.regions",
    "cmek.key.administrators",
    "private_link.vpc.id",
    "cmek",
    "tags.a",
    "monitoring",
    "",
)
CELLS = (
    A,
    B,
    ID_A,
    ID_B,
    "us-east-1",
    "us-east-1 eu-west-1",
    "",
    " ",
    "=1",
    "180",
    "TRUE",
    "all",
    "${AWS::AccountId}",
    "\u202e",
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(file: str, content: bytes) -> None:
    """Read the rows. Anything but targets or problems with places, and the test fails."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = put(Path(folder), FLEET.replace("fleet.csv", file), content, file)
        try:
            found = read_targets(configuration, "search")
        except ConfigurationError as error:
            lines = content.decode(errors="replace").count("\n") + content.decode(errors="replace").count("\r") + 1
            assert error.problems
            for problem in error.problems:
                assert all(line.isprintable() for line in problem.render("pinekeep.yaml").splitlines())
                if problem.file is not None and problem.position is not None and file.endswith(".csv"):
                    assert 1 <= problem.position.line <= lines
        else:
            places = [(each.account, each.region) for each in found.targets]
            assert len(set(places)) == len(places)


@quick
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    outcome("fleet.csv", content)
    outcome("fleet.yaml", content)


@quick
@given(
    st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6),
    st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=6), max_size=4),
    st.sampled_from(("\n", "\r\n", "\r", ";")),
)
def test_any_columns_and_cells_are_read_or_refused(columns: list[str], rows: list[list[str]], end: str) -> None:
    outcome("fleet.csv", end.join(",".join(each) for each in [columns, *rows]).encode())


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.sampled_from(CELLS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from((*COLUMNS, "trust", "key", "vpc")), inner, max_size=4),
    ),
    max_leaves=8,
)


@quick
@given(st.lists(st.dictionaries(st.sampled_from((*COLUMNS, "cmek", "private_link")), values, max_size=5), max_size=4))
def test_any_rows_in_yaml_are_read_or_refused(rows: list[dict[str, object]]) -> None:
    outcome("fleet.yaml", yaml.safe_dump(rows).encode())
