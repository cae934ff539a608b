"""Which indexes a deployment's project has.

The Admin API lists no indexes: they belong to the control plane, which takes an API key of the project and no token
of a service account (facts.pinecone_api.CONTROL_PLANE_API).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinekeep.account.client.clients import Clients
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import PineconeProject
from pinekeep.model.facts import pinecone_api as api
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.control_plane import ControlPlane
from pinekeep.pinecone.credentials import ServiceAccount, Way
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Index, Key
from pinekeep.pinecone.projects import find_project
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.secrets import Secrets, SecretsManager


@dataclass(frozen=True)
class IndexLeft:
    """An index that is in a deployment's project.

    Attributes:
        name: its name.
        cmek_id: the key it is encrypted with; None where that is Pinecone's own, or it cannot be read.
        state: Pinecone's word for how it is.
    """

    name: str
    cmek_id: str | None
    state: str


def indexes_left(
    name: str, deployment: Deployment, *, clients: Clients, environment: Mapping[str, str]
) -> list[IndexLeft]:
    """Return the indexes in a deployment's Pinecone project. Reads only.

    Needs the service account of the environment, which tells the project by its name, and one of the deployment's
    API keys that may list indexes, from its secret: the Admin API lists none. The key is used only after Pinecone
    has said that it is a key of this very project.

    Args:
        name: the deployment's name.
        deployment: the deployment.
        clients: the AWS clients of its account and Region, for Secrets Manager.
        environment: the environment variables.

    Raises:
        WrongInputError: there is no service account in the environment.
        PineconeStateError: the deployment has no ``pinecone`` section, there is no such project or several, or no
            stored API key may list its indexes.
        PineconeRefusedError: Pinecone, or the way to it, said no.
        AwsRefusedError: AWS did.
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
    return [IndexLeft(each.name, each.cmek_id, each.state) for each in list_indexes(value, account.way)]


def list_indexes(api_key: Secret, way: Way) -> list[Index]:
    """Return every index of the project that an API key opens.

    Raises:
        PineconeRefusedError: Pinecone, or the way to it, said no.
    """
    control_plane = ControlPlane(api_key, way)
    try:
        return control_plane.indexes()
    finally:
        control_plane.close()


def key_that_lists(wanted: PineconeProject, keys: Sequence[Key], secrets: Secrets) -> Secret:
    """Return the value of an API key that may list the project's indexes.

    Args:
        wanted: what the file says of the project.
        keys: the project's API keys.
        secrets: where the values are.

    Raises:
        PineconeStateError: there is none.
        AwsRefusedError: AWS, or the way to it, said no.
    """
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
