"""Asking Pinecone which indexes are left, where it can be asked."""

from collections.abc import Mapping, Sequence

from pinekeep.aws.clients import Clients
from pinekeep.config import Deployment
from pinekeep.facts import pinecone_api
from pinekeep.offboarding.setting import CannotAskError, IndexLook


def index_look(name: str, deployment: Deployment, *, clients: Clients, environment: Mapping[str, str]) -> IndexLook:
    """Return what asks Pinecone for a deployment's indexes.

    Where it could be asked and refuses, that is an error and no reason to go by the user's word.

    Args:
        name: the deployment's name.
        deployment: its settings.
        clients: of its account and Region.
        environment: the environment variables, in which Pinecone's service account may be.
    """

    def look() -> Sequence[str]:
        from pinekeep.pinecone_side.errors import PineconeStateError  # noqa: PLC0415 - slow to import
        from pinekeep.pinecone_side.indexes import indexes_left  # noqa: PLC0415

        if not environment.get(pinecone_api.CLIENT_ID_VARIABLE):
            raise CannotAskError(f"there is no service account in {pinecone_api.CLIENT_ID_VARIABLE}")
        try:
            return [each.name for each in indexes_left(name, deployment, clients=clients, environment=environment)]
        except PineconeStateError as error:
            raise CannotAskError(error.message) from error

    return look
