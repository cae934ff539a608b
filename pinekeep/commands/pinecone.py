"""``pinekeep pinecone``: Pinecone's own side, through its API."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pinekeep.commands.common import Selection, selection_options, spinner, write, write_json

if TYPE_CHECKING:
    from pinekeep.aws.clients import Clients
    from pinekeep.config import Deployment
    from pinekeep.pinecone_side.client import PineconeAdmin


@click.group("pinecone", short_help="Look after the Pinecone project and its API keys.")
def command() -> None:
    """Look after Pinecone's own side: the project, its API keys, and who has which role.

    Signs in with the service account in PINECONE_CLIENT_ID and PINECONE_CLIENT_SECRET, and to AWS, where the
    values of API keys go, with the credentials that the AWS SDKs find.
    """


@command.command("status")
@selection_options
def status(selection: Selection) -> int:
    """Say how the project, its indexes and its API keys are. Reads only; exit code 1 when something is amiss."""
    from pinekeep.commands.pinecone_text import status_text  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.pinecone_side.status import status as status_of  # noqa: PLC0415

    deployments = _deployments(selection)
    admin, clients_for = _sign_in(deployments)
    with admin, spinner("Reading Pinecone and Secrets Manager"):
        output = status_of(deployments, admin, clients_for)
    if selection.as_json:
        write_json(output)
    else:
        write(status_text(output))
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


def _deployments(selection: Selection) -> "dict[str, Deployment]":
    """Return the deployments asked for that have a ``pinecone`` section.

    Raises:
        WrongInputError: none has.
    """
    from pinekeep.errors import WrongInputError  # noqa: PLC0415

    deployments = selection.deployments(selection.load())
    found = {name: each for name, each in deployments.items() if each.pinecone is not None}
    if not found:
        raise WrongInputError(
            f"{', '.join(deployments)} has no pinecone section, so there is nothing to look after",
            hint="add pinecone: {project: NAME} to a deployment; docs/pinecone.md tells what goes in",
        )
    return found


def _sign_in(deployments: "dict[str, Deployment]") -> "tuple[PineconeAdmin, Callable[[Deployment], Clients]]":
    """Return Pinecone's Admin API, and what gives the AWS clients of a deployment.

    Raises:
        WrongInputError: there is no service account in the environment.
        AwsRefusedError: Pinecone or AWS does not let us in.
    """
    from pinekeep.aws.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.pinecone_side.client import PineconeAdmin  # noqa: PLC0415
    from pinekeep.pinecone_side.credentials import ServiceAccount  # noqa: PLC0415

    account = ServiceAccount.of_the_environment(os.environ)
    access = Access.of_the_user()
    access.require_accounts(deployments)
    return PineconeAdmin(account), lambda deployment: access.clients_for(deployment.region)
