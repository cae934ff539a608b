import re
from pathlib import Path
from uuid import UUID

import pytest

from pinekeep.model.config import load
from pinekeep.model.config.fleet.reading import read_fleets
from tools.doc_blocks.settings import settings

FOLDER = Path(__file__).parents[3] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.yaml"))
FLEETS = sorted(FOLDER.glob("*/pinekeep.yaml"))
SCHEMA = "pinekeep.schema.json"


def of_path(path: Path) -> str:
    return path.stem if path.parent == FOLDER else path.parent.name


@pytest.mark.parametrize("path", [*EXAMPLES, *FLEETS], ids=of_path)
def test_an_example_loads_without_a_warning(path: Path) -> None:
    configuration = load(path)
    assert configuration.warnings == ()
    for targets in read_fleets(configuration).values():
        assert targets.targets
        assert targets.warnings == ()


def test_the_example_of_a_fleet_shows_every_setting() -> None:
    text = (FOLDER / "fleet" / "pinekeep.yaml").read_text(encoding="utf-8")
    names = [each.path.rpartition(".")[2] for each in settings() if each.path.startswith("fleet.")]
    assert len(names) > 20
    assert [name for name in names if f"{name}:" not in text] == []
    assert max(map(len, text.splitlines())) <= 120


def test_what_the_example_of_a_fleet_comments_out_is_allowed(tmp_path: Path) -> None:
    folder = FOLDER / "fleet"
    text = (folder / "pinekeep.yaml").read_text(encoding="utf-8")
    for each in folder.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    shown = [line for line in text.splitlines() if line.strip().startswith("#   ")]
    self_managed = [line for line in shown if "self-managed" in line or "administration" in line or "execution" in line]
    for lines in [self_managed, *([line] for line in shown if line not in self_managed)]:
        changed = text
        for line in lines:
            changed = changed.replace(line, line.replace("#   ", "", 1))
        if lines == self_managed:
            for line in (
                "permissions: service-managed",
                "delegated: true",
                "units: [ou-ab12-11111111, ou-ab12-22222222]",
            ):
                changed = changed.replace(f"    {line}\n", "")
        assert changed != text
        (tmp_path / "pinekeep.yaml").write_text(changed, encoding="utf-8")
        assert read_fleets(load(tmp_path / "pinekeep.yaml")), lines
    assert (len(shown), len(self_managed)) == (7, 3)


@pytest.mark.parametrize("path", [*EXAMPLES, *FLEETS], ids=of_path)
def test_an_example_says_who_takes_it_and_names_the_schema(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    schema = f"../{SCHEMA}" if path.parent == FOLDER else f"../../{SCHEMA}"
    comments = lines[: lines.index(f"# yaml-language-server: $schema={schema}")]
    assert 1 <= len(comments) <= 3
    assert all(line.startswith("# ") and len(line) <= 120 for line in comments)
    assert (path.parent / schema).resolve().is_file()


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
