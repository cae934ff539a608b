import re
from pathlib import Path
from uuid import UUID

import pytest

from pinekeep.model.config import load

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))
MODELINE = "# yaml-language-server: $schema=../pinekeep.schema.json"


def of_path(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", EXAMPLES, ids=of_path)
def test_an_example_loads_without_a_warning(path: Path) -> None:
    assert load(path).warnings == ()


@pytest.mark.parametrize("path", EXAMPLES, ids=of_path)
def test_an_example_says_who_takes_it_and_names_the_schema(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = lines[: lines.index(MODELINE)]
    assert 1 <= len(comments) <= 3
    assert all(line.startswith("# ") and len(line) <= 120 for line in comments)
    assert (path.parent / "../pinekeep.schema.json").resolve().is_file()


def test_examples_share_no_external_id() -> None:
    found = [
        match
        for path in EXAMPLES
        for match in re.findall(r"external_id: ([0-9a-f-]{36})", path.read_text(encoding="utf-8"))
    ]
    assert len(set(found)) == len(found)
    assert all(UUID(each).version == 4 for each in found)


def test_the_quickstart_is_both_stacks_in_a_new_vpc() -> None:
    configuration = load(EXAMPLES[0].with_name("quickstart.yaml"))
    deployment = configuration.deployments["quickstart"]
    assert deployment.cmek is not None
    assert deployment.private_link is not None
    assert deployment.private_link.vpc.model_dump() == {
        "cidr": "10.20.0.0/16",
        "availability_zones": ["us-east-1a", "us-east-1b"],
    }
