"""The control plane of a project: its indexes, and whether an API key works.

Source: facts.pinecone_api.CONTROL_PLANE_API, SDK.
"""

from typing import TYPE_CHECKING, Any, Final

from pinekeep.pinecone.calls import Caller
from pinekeep.pinecone.credentials import Way
from pinekeep.pinecone.errors import API_KEY, PineconeRefusedError
from pinekeep.pinecone.inventory import Index
from pinekeep.pinecone.raw_index import read_index
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.sdk import ANSWER_SECONDS, answers_of, make_client

if TYPE_CHECKING:
    from pinecone import Pinecone

UNKNOWN_KEY: Final = 401
NOT_ALLOWED: Final = 403


class ControlPlane:
    """The control plane of a project, which an API key opens.

    Args:
        api_key: the key.
        way: the way to Pinecone.
        caller: makes the calls.
        seconds: how long an answer may take.

    Raises:
        PineconeRefusedError: the text cannot be an API key.
    """

    def __init__(
        self,
        api_key: Secret,
        way: Way,
        *,
        caller: Caller | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._caller = caller or Caller(who=API_KEY)
        self._client: Pinecone = self._caller.call(
            "use an API key", lambda: make_client(api_key, way, seconds=seconds), attempts=1
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def indexes(self) -> list[Index]:
        """Return every index of the project.

        They are read from the answer itself, in whichever shape it has: the SDK knows one shape and leaves an index of
        another out, and whoever asks whether indexes are left must know of it. One of no known shape is ``unreadable``.

        Raises:
            PineconeRefusedError: the key is not known (status 401), may not list indexes (403), or there is no answer.
        """
        return [read_index(each) for each in self._caller.call("list the indexes", self._raw_indexes)]

    def _raw_indexes(self) -> list[Any]:
        with answers_of(self._client) as answers:
            list(self._client.indexes.list())
        return [each for answer in answers for each in answer["indexes"]]

    def is_known(self) -> bool:
        """Tell whether Pinecone knows the key.

        A key without a role for the control plane is refused with another status than one that is not known.

        Raises:
            PineconeRefusedError: there is no answer that says so.
        """
        try:
            self.indexes()
        except PineconeRefusedError as error:
            if error.status == UNKNOWN_KEY:
                return False
            if error.status != NOT_ALLOWED:
                raise
        return True
