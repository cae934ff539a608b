"""Asking Pinecone which indexes are left, where it can be asked."""

from collections.abc import Mapping, Sequence

from pinekeep.account.client.clients import Clients
from pinekeep.model.config import Deployment
from pinekeep.model.facts import pinecone_api
from pinekeep.operations.offboarding.gate import CannotAskError, IndexLook


def index_look(name: str, deployment: Deployment, *, clients: Clients, environment: Mapping[str, str]) -> IndexLook:
    """Return what asks Pinecone for a deployment's indexes.

    Where it could be asked and refuses, that is an error and no reason to go by the user's word.
    """

    def look() -> Sequence[str]:
        from pinekeep.pinecone.errors import PineconeStateError  # noqa: PLC0415 - slow to import
        from pinekeep.pinecone.indexes import indexes_left  # noqa: PLC0415

        if not environment.get(pinecone_api.CLIENT_ID_VARIABLE):
            raise CannotAskError(f"there is no service account in {pinecone_api.CLIENT_ID_VARIABLE}")
        try:
            return [each.name for each in indexes_left(name, deployment, clients=clients, environment=environment)]
        except PineconeStateError as error:
            raise CannotAskError(error.message) from error

    return look
