"""Making a cloud assembly. The only place from which the command line reaches aws_cdk."""

import os
from collections.abc import Mapping
from pathlib import Path

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.operations.synthesis.toolchain import prepare_synth


def synthesize(
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
    *,
    folder: Path,
    nag: bool = False,
    to_deploy: bool = True,
) -> list[str]:
    """Write the templates of the deployments into a folder.

    Needs no credentials and no network; the same configuration gives the same bytes.

    Args:
        configuration: the file that the deployments are of.
        deployments: the deployments by name.
        folder: the cloud assembly; made where it is missing.
        nag: whether to hold the templates against the security rules too.
        to_deploy: whether somebody may deploy the templates. They are refused then where they would take from
            Pinecone what it was given, as far as the file beside the configuration tells.

    Returns:
        The names of the template files, in the order of the deployments.

    Raises:
        ConfigurationError: something is not as Pinecone was given it.
        WrongInputError: the folder cannot be written.
        PinekeepError: the templates break a rule.
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
    from stacks.build import add_stacks, new_app  # noqa: PLC0415 - imports aws_cdk, which starts Node

    # Node resolves paths from where it was started, which may be elsewhere by now.
    app = new_app(outdir=str(folder.resolve()))
    add_stacks(
        app,
        deployments,
        pinecone_account=configuration.content.pinecone_account,
        customers=configuration.rosters.packings,
    )
    if nag:
        from stacks.nag import attach_nag  # noqa: PLC0415 - imports cdk_nag

        attach_nag(app)
    try:
        assembly = app.synth()
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise PinekeepError(f"the templates were not made: {reason}", hint="what is wrong stands above") from None
    return [stack.template_file for stack in assembly.stacks]
