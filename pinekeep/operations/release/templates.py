"""The released templates, from samples synthesized with the same constructs as every deployment."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pinekeep.model.config import load
from pinekeep.model.config.derived import stacks_of
from pinekeep.operations.release.metadata import with_metadata
from pinekeep.operations.release.parameterization import Parameterization
from pinekeep.operations.release.samples import ACCOUNT, CLIENT_VPC, NAME, PINECONE_ACCOUNT, REGION
from pinekeep.operations.release.shape import ReleasedShape
from pinekeep.operations.synthesis.cache import assemble

_CLIENT_VPC_ID: Final = re.compile(rf"(\w+?Vpc){CLIENT_VPC.replace('-', '')}([0-9]{{2}})[0-9A-F]{{8}}")
"""The logical ID of what is made for a client VPC: its ID without the hyphen, and a hash, follow."""


def released_templates(shapes: Iterable[ReleasedShape]) -> dict[str, dict[str, Any]]:
    """Return the templates by the keys of their shapes. Raises PinekeepError if a sample cannot be synthesized."""
    shapes = list(shapes)
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "samples.yaml")
        found = {}
        for shape in shapes:
            sample = {"account": ACCOUNT, "region": REGION, **shape.sample}
            content = {"version": 1, "pinecone_account": PINECONE_ACCOUNT, "deployments": {NAME: sample}}
            path.write_text(json.dumps(content), encoding="utf-8")
            configuration = load(path)
            folder = Path(scratch, shape.key)
            assemble(configuration, configuration.deployments, folder=folder)
            (stack,) = stacks_of(NAME, configuration.deployments[NAME])
            template = json.loads((folder / f"{stack}.template.json").read_text(encoding="utf-8"))
            found[shape.key] = released(shape, template)
    return found


def released(shape: ReleasedShape, template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template of a shape with parameters, from the one of its sample."""
    parameterization = Parameterization(shape.slots, shape.properties, shape.conditional)
    made = with_metadata(key=shape.key, title=shape.title, parameters=shape.parameters)
    if shape.rules:
        made["Rules"] = dict(shape.rules)
    if shape.mappings:
        made["Mappings"] = dict(shape.mappings)
    if shape.conditions:
        made["Conditions"] = dict(shape.conditions)
    sample = _with_plain_ids(template)
    for section in ("Resources", "Outputs"):
        made[section] = parameterization.section(sample[section])
    return made


def _with_plain_ids(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template in which no logical ID has a placeholder in it: a number stands for the client VPC."""
    text = json.dumps(template)
    for name in template["Resources"]:
        if found := _CLIENT_VPC_ID.fullmatch(name):
            text = text.replace(f'"{name}"', f'"{found[1]}{int(found[2])}"')
    plain: dict[str, Any] = json.loads(text)
    return plain
