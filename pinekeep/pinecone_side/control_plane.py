"""The control plane of a project: its indexes, and whether an API key works.

Source: facts.pinecone_api.CONTROL_PLANE_API, SDK.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pinekeep.pinecone_side.calling import Caller
from pinekeep.pinecone_side.credentials import Way
from pinekeep.pinecone_side.errors import API_KEY, PineconeRefusedError
from pinekeep.pinecone_side.found import Index
from pinekeep.pinecone_side.redaction import Secret
from pinekeep.pinecone_side.sdk import ANSWER_SECONDS, make_client

if TYPE_CHECKING:
    from pinecone import Pinecone

UNKNOWN_KEY: Final = 401
NOT_ALLOWED: Final = 403
UNREADABLE: Final = "unreadable"
_SKIPPING_LOGGER: Final = "pinecone._internal.adapters.indexes_adapter"


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

        The SDK leaves out an index that it cannot read, and says so in its log alone. Whoever asks whether indexes
        are left must know of it, so it is in the list, as ``unreadable``.

        Raises:
            PineconeRefusedError: the key is not known (status 401), may not list indexes (403), or there is no answer.
        """
        with _skipped_indexes() as skipped:
            found = self._caller.call("list the indexes", lambda: list(self._client.indexes.list()))
        return [*(_index(each) for each in found), *(Index(name, UNREADABLE) for name in dict.fromkeys(skipped))]

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


@contextmanager
def _skipped_indexes() -> Iterator[list[str]]:
    """Collect the names of indexes that the SDK leaves out of a list."""
    names: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            arguments = record.args if isinstance(record.args, tuple) else ()
            names.append(str(arguments[0]) if arguments else "<unknown>")

    logger, listener = logging.getLogger(_SKIPPING_LOGGER), Listener(logging.WARNING)
    propagate = logger.propagate
    logger.propagate = False
    logger.addHandler(listener)
    try:
        yield names
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagate


def bare(host: str | None) -> str | None:
    """Return a host as DNS knows it: the pinned SDK puts ``https://`` in front, and people paste it into DNS tools."""
    return host and host.strip().removeprefix("https://").rstrip("/")


def _index(model: Any) -> Index:
    deployment = model.deployment
    kind = str(getattr(type(deployment), "__struct_config__").tag)  # noqa: B009 - the SDK's models name their kind so
    fields = getattr(model.schema, "fields", {}) or {}
    return Index(
        name=model.name,
        kind=kind,
        cloud=getattr(deployment, "cloud", None),
        region=getattr(deployment, "region", None) or getattr(deployment, "environment", None),
        host=bare(model.host),
        private_host=bare(model.private_host),
        cmek_id=model.cmek_id,
        state=model.status.state,
        full_text=any(getattr(each, "full_text_search", None) is not None for each in fields.values()),
    )
