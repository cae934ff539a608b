"""The parameters of released templates for the deployments of a configuration file.

A released template is only offered for a deployment if, with these parameters, it is the deployment's own template.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pinekeep.model.config import Configuration, Deployment
from pinekeep.operations.release.comparison import require_expressible
from pinekeep.operations.release.shapes import STACKS, parameters_of, parts_of, shape_of
from pinekeep.operations.release.templates import released_templates
from pinekeep.operations.synthesis.cache import assemble


@dataclass(frozen=True, kw_only=True)
class Filling:
    """A released template and its parameters, which together are one stack of a deployment."""

    deployment: str
    part: str
    stack: str
    shape: str
    region: str
    parameters: Mapping[str, str]


def fillings(configuration: Configuration, deployments: Mapping[str, Deployment]) -> list[Filling]:
    """Return the released templates and parameters of the deployments.

    Raises WrongInputError, for the first of them, if no released template can express a deployment.
    """
    wanted = [
        (name, deployment, part, shape_of(name, deployment, part))
        for name, deployment in deployments.items()
        for part in parts_of(deployment)
    ]
    templates = released_templates({shape.key: shape for *_, shape in wanted}.values())
    account = configuration.content.pinecone_account
    found = []
    with TemporaryDirectory() as scratch:
        assemble(configuration, deployments, folder=Path(scratch))
        for name, deployment, part, shape in wanted:
            values = parameters_of(name, deployment, pinecone_account=account, part=part)
            own = json.loads(Path(scratch, f"{STACKS[part](name)}.template.json").read_text(encoding="utf-8"))
            require_expressible(templates[shape.key], values, name=name, deployment=deployment, own_template=own)
            found.append(
                Filling(
                    deployment=name,
                    part=part,
                    stack=STACKS[part](name),
                    shape=shape.key,
                    region=deployment.region,
                    parameters=values,
                )
            )
    return found
