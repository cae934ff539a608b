"""Cloud assemblies. The only place from which the command line imports aws_cdk."""

import os
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.resources import STACKS
from pinekeep.operations.synthesis.toolchain import prepare_synth

_STACKS: Final = "pinekeep.stacks"
"""The name of the package of the stacks, wherever its folder is."""
_PACKAGE_CACHE: Final = re.compile(r"Cannot use the jsii package cache in (?P<folder>.+?): (?P<reason>.+?)\. Fix")
"""How jsii says that it cannot unpack a library."""


def synthesize(
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
    *,
    folder: Path,
    validate: bool = False,
    nag: bool = False,
    to_deploy: bool = True,
) -> list[str]:
    """Write the templates into a new or existing folder; return their file names in the order of the deployments.

    Needs no credentials and no network; the same configuration gives the same bytes. ``validate``: the CDK checks the
    templates with its own rules and writes a report into the folder, as `cdk synth` does; that takes longer than
    everything else, and changes no template. ``nag``: check them with cdk-nag too. ``to_deploy``: refuse
    (ConfigurationError) what differs from what Pinecone was given, as recorded beside the file. Raises WrongInputError
    if the folder cannot be written, PinekeepError if the templates break a rule.
    """
    if to_deploy:
        configuration.require_as_handed_over(deployments)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(None, "permission denied")
    except OSError as error:
        raise WrongInputError(f"{folder} cannot be written: {error.strerror}") from None
    prepare_synth(os.environ)
    if TYPE_CHECKING:
        from stacks import build  # noqa: PLC0415
    else:
        build = stacks_module("build")
    # Node resolves paths from where it was started, which may be elsewhere by now.
    app = build.new_app(outdir=str(folder.resolve()), validate=validate)
    account, places = configuration.content.pinecone_account, configuration.rosters.packings
    build.add_stacks(app, deployments, pinecone_account=account, customers=places)
    if nag:
        if TYPE_CHECKING:
            from stacks import nag as rules  # noqa: PLC0415
        else:
            rules = stacks_module("nag")
        rules.attach_nag(app)
    try:
        assembly = app.synth()
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise PinekeepError(f"the templates were not synthesized: {reason}", hint="see the messages above") from None
    return [stack.template_file for stack in assembly.stacks]


def stacks_module(name: str) -> ModuleType:
    """Import a module of the stacks, which are inside the package in a wheel, and beside it in a checkout.

    Another package ``stacks`` on ``sys.path``, such as in the user's folder, has no part in it. Starts Node: call
    ``prepare_synth`` first. Raises WrongInputError if there is no folder to unpack aws-cdk-lib in.
    """
    try:
        return _imported(name)
    except Exception as error:
        if found := _PACKAGE_CACHE.search(str(error)):
            raise WrongInputError(
                f"the CDK library cannot be unpacked in {found['folder']}: {found['reason']}",
                hint="set JSII_RUNTIME_PACKAGE_CACHE_ROOT to a folder that you can write to",
            ) from None
        raise


def _imported(name: str) -> ModuleType:
    if _STACKS not in sys.modules:
        spec = spec_from_file_location(_STACKS, STACKS / "__init__.py")
        if spec is None or spec.loader is None:
            raise ImportError(f"{STACKS} is no package")
        package = sys.modules[_STACKS] = module_from_spec(spec)
        spec.loader.exec_module(package)
    return import_module(f"{_STACKS}.{name}")
