"""Reading each value once, however many need it, from threads side by side."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.calls import ask
from pinekeep.account.reads.permissions import permission_of
from pinekeep.model.config import Deployment


class Reader:
    """Reads each value once, in the thread that needs it first; others wait for it there.

    A value may need others: those never need it in turn, so the waiting ends however few threads there are.
    How a value is read says the method that is named after it, with ``_`` before.

    Args:
        fields: the values that will be read.
        known: values that are not to be asked for.
    """

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
        self._values: dict[str, Any] = dict(known or {})
        self._locks = {field: Lock() for field in fields}

    def read(self, field: str) -> Any:
        """Return a value, asking AWS for it the first time."""
        with self._locks[field]:
            if field not in self._values:
                method: Callable[[], Any] = getattr(self, f"_{field}")
                self._values[field] = method()
            return self._values[field]

    def reads(self, field: str) -> bool:
        """Whether a value is among those that will be read."""
        return field in self._locks

    def _ask(self, field: str, **arguments: Any) -> Any:
        """Make the call that a field's permission is named after."""
        return self.call(permission_of(field), **arguments)

    def call(self, permission: str, **arguments: Any) -> Any:
        """Make the call that a permission is named after.

        Returns:
            The answer; None where there is no such thing; Unreadable where it is not allowed.
        """
        return ask(self._clients, permission, **arguments)
