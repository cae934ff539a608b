"""Cloud assemblies. The only place from which the command line imports aws_cdk."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import stacks_of
from pinekeep.model.resources import STACKS
from pinekeep.operations.synthesis.expansion import (
    LEAST,
    DifferentTemplatesError,
    expand,
    remove_placeholders,
    witnesses,
)
from pinekeep.operations.synthesis.shapes import shapes_of
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

    def new_app() -> Any:
        # Node resolves paths from where it was started, which may be elsewhere by now.
        return build.new_app(outdir=str(folder.resolve()), validate=validate)

    try:
        if nag:
            if TYPE_CHECKING:
                from stacks import nag as rules  # noqa: PLC0415
            else:
                rules = stacks_module("nag")
            app = new_app()
            _add(app, build.add_stacks, configuration, deployments)
            rules.attach_nag(app)
            app.synth()
        else:
            synthesize_shapes(new_app, build.add_stacks, configuration, deployments)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise PinekeepError(f"the templates were not synthesized: {reason}", hint="see the messages above") from None
    return [f"{stack}.template.json" for name, each in deployments.items() for stack in stacks_of(name, each)]


def synthesize_shapes(
    new_app: Callable[[], Any],
    add_stacks: Callable[..., None],
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
) -> None:
    """Synthesize the stacks of deployments, those of one shape once. Raises RuntimeError if a template breaks a rule.

    The files are those of a synthesis of every stack, except that the report of a validation says nothing of
    deployments that were filled in. ``add_stacks``: :func:`stacks.build.add_stacks`.
    """
    shapes = shapes_of(deployments, least=LEAST)
    if shapes:
        filled = {name for shape in shapes for name in shape.members if name not in witnesses(shape)}
        alone = {name: each for name, each in deployments.items() if name not in filled}
        app = new_app()
        try:
            _add(app, add_stacks, configuration, {**alone, **{shape.name: shape.deployment for shape in shapes}})
            expand(Path(app.synth().directory), shapes, deployments)
        except (DifferentTemplatesError, RuntimeError):
            # Every stack is synthesized then, so that a refusal names the user's own stacks.
            remove_placeholders(Path(app.outdir), shapes)
        else:
            return
    app = new_app()
    _add(app, add_stacks, configuration, deployments)
    app.synth()


def _add(
    app: Any,
    add_stacks: Callable[..., None],
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
) -> None:
    account, places = configuration.content.pinecone_account, configuration.rosters.packings
    add_stacks(app, deployments, pinecone_account=account, customers=places)


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
