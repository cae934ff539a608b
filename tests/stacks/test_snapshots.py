"""Every example's templates, whole, as reviewed. ``make snapshots`` writes them again; review with git diff."""

import json

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.types import SerializableData, SerializedData

from tests.stacks.support import EXAMPLES, example_stacks, example_templates


class TemplateExtension(SingleFileSnapshotExtension):
    """One JSON file a template, in the template's own order, to be read by people."""

    file_extension = "json"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: SerializableData, **_: object) -> SerializedData:
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@pytest.fixture
def reviewed(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TemplateExtension)


def test_the_quickstart_is_among_the_examples() -> None:
    assert "quickstart.yaml" in [example.name for example in EXAMPLES]


@pytest.mark.parametrize(
    ("example", "stack"),
    [
        pytest.param(example, stack, id=f"{example.removesuffix('.yaml')}.{stack}")
        for example, stack in example_stacks()
    ],
)
def test_template(example: str, stack: str, reviewed: SnapshotAssertion) -> None:
    assert example_templates(example)[stack].template == reviewed, (
        "The template is not the reviewed one. If the change is wanted: `make snapshots`, then read `git diff`."
    )
