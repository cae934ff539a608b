"""The indexes of a deployment's project.

The Admin API lists no indexes: they belong to the control plane, which takes an API key of the project and no token
of a service account (facts.pinecone_api.CONTROL_PLANE_API).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinekeep.account.client.clients import Clients
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import PineconeProject
from pinekeep.model.facts import pinecone_api as api
from pinekeep.pinecone.client import ControlPlane, PineconeAdmin
from pinekeep.pinecone.credentials import Connection, ServiceAccount
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Index, Key, find_project
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.secrets import Secrets, SecretsManager


@dataclass(frozen=True)
class IndexLeft:
    """An index that remains in a project. ``cmek_id`` is None for Pinecone's own key, or if unreadable."""

    name: str
    cmek_id: str | None
    state: str


def indexes_left(
    name: str, deployment: Deployment, *, clients: Clients, environment: Mapping[str, str]
) -> list[IndexLeft]:
    """Return the indexes in a deployment's Pinecone project. Reads only.

    Needs the service account of the environment, to find the project by name, and the secret of one of the deployment's
    API keys that may list indexes: the Admin API lists none. The key is used only if it is one of this project.
    ``clients``: the AWS clients of the deployment's account and Region, for Secrets Manager. Raises WrongInputError if
    the environment has no service account; PineconeStateError if the deployment has no ``pinecone`` section, the
    project is missing or ambiguous, or no stored API key may list its indexes; AwsRefusedError if AWS or Pinecone
    refused a call, or cannot be reached.
    """
    if deployment.pinecone is None:
        raise PineconeStateError(
            f"deployment {name} has no pinecone section, so its project is not known",
            hint="add pinecone: {project: NAME, api_keys: […]} with a key that has the role ControlPlaneViewer",
        )
    account = ServiceAccount.of_the_environment(environment)
    with PineconeAdmin(account) as admin:
        project = find_project(admin.projects(), deployment.pinecone.project)
        if project is None:
            raise PineconeStateError(
                f"there is no project {deployment.pinecone.project} that this service account can see",
                hint="see whether the name is right, and whether the service account is of the right organization",
            )
        keys = admin.api_keys(project.id)
    secrets = SecretsManager(clients, deployment=name, tags=deployment.tags)
    value = key_that_lists(deployment.pinecone, keys, secrets)
    return [IndexLeft(each.name, each.cmek_id, each.state) for each in list_indexes(value, account.connection)]


def list_indexes(api_key: Secret, connection: Connection) -> list[Index]:
    """Return every index of an API key's project. Raises PineconeRefusedError, if Pinecone refuses."""
    with ControlPlane(api_key, connection) as control_plane:
        return control_plane.indexes()


def key_that_lists(wanted: PineconeProject, keys: Sequence[Key], secrets: Secrets) -> Secret:
    """Return an API key that may list the indexes. Raises PineconeStateError if there is none; AwsRefusedError."""
    ids = {key.id: key for key in keys}
    for each in wanted.api_keys:
        state = secrets.look(each.secret)
        for key in ids.values():
            if state.gives(key.id) and set(key.roles) & set(api.CONTROL_PLANE_ROLES):
                return secrets.read(each.secret, key.id)
    raise PineconeStateError(
        f"no stored API key of project {wanted.project} may list its indexes, and Pinecone's Admin API lists none",
        hint="add an API key with the role ControlPlaneViewer to the deployment, then `pinekeep pinecone apply`",
    )
