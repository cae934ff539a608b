"""Reads of values in parallel, each once."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.calls import ask
from pinekeep.account.reads.permissions import permission_of
from pinekeep.model.config import Deployment


class ReadOnce:
    """Reads each value once, in the first thread that needs it; others wait for it.

    A value may need others. These never need it in turn, so the waiting ends whatever the number of threads. A value is
    read by the method of its name, with ``_`` before. ``fields``: the values that will be read. ``known``: values that
    are known already.
    """

    def __init__(self, fields: Iterable[str], known: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, Any] = dict(known or {})
        self._locks = {field: Lock() for field in fields}

    def read(self, field: str) -> Any:
        """Return a value; the first time, call AWS."""
        with self._locks[field]:
            if field not in self._values:
                method: Callable[[], Any] = getattr(self, f"_{field}")
                self._values[field] = method()
            return self._values[field]

    def reads(self, field: str) -> bool:
        """Return whether a value is among those that will be read."""
        return field in self._locks


class Reader(ReadOnce):
    """Reads the values of a deployment's account with clients of its Region."""

    def __init__(
        self,
        name: str,
        deployment: Deployment,
        clients: Clients,
        fields: Iterable[str],
        *,
        known: Mapping[str, Any] | None = None,
    ) -> None:
        self._name = name
        self._deployment = deployment
        self._clients = clients
        super().__init__(fields, known)

    def _ask(self, field: str, **arguments: Any) -> Any:
        """Make the call of a field's permission."""
        return self.call(permission_of(field), **arguments)

    def call(self, permission: str, **arguments: Any) -> Any:
        """Make the call of a permission; see :func:`pinekeep.account.reads.calls.ask`."""
        return ask(self._clients, permission, **arguments)
