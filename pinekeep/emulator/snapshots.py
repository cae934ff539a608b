"""Snapshots of all that an embedded AWS keeps: from one state that took long to make, many tries can begin.

The emulator keeps its state in containers at the top of its service modules. A snapshot is a copy of all of them, held
in the server's process; restoring puts the copies back into the same containers. Restore only while nothing runs there.
"""

import copy
import json
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any, Final

from pinekeep.emulator.control import OK, App, ask, reply
from pinekeep.emulator.errors import LocalAwsError

PATH: Final = "/_pinekeep/snapshots/"
_MODULES: Final = ("ministack.services.", "pinekeep.emulator.extensions.")
_SCOPED: Final = " by account"

Store = MutableMapping[Any, Any] | list[Any] | set[Any]


def take_snapshot(port: int, name: str) -> None:
    """Have the server on a loopback port keep a copy of its state under a name. Raises LocalAwsError if it did not."""
    _ask("PUT", port, name)


def restore_snapshot(port: int, name: str) -> None:
    """Have the server on a loopback port restore a snapshot. Raises LocalAwsError if there is none of that name."""
    _ask("POST", port, name)


def _ask(method: str, port: int, name: str) -> None:
    status, said = ask(port, method, PATH + name)
    if status != OK:
        raise LocalAwsError(f"the embedded AWS has no snapshot {name!r}: {said.decode(errors='replace')}")


def with_snapshots(app: App) -> App:
    """Return the ASGI application with the paths that take and restore snapshots."""
    kept: dict[str, dict[str, Any]] = {}

    async def wrapped(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        path = str(scope.get("path"))
        if not path.startswith(PATH):
            await app(scope, receive, send)
            return
        status, name = OK, path.removeprefix(PATH)
        if scope["method"] == "PUT":
            kept[name] = _copy(_stores())
        elif name in kept:
            _put_back(_copy(kept[name]))
        else:
            status = 404
        await reply(send, status, json.dumps({"snapshots": sorted(kept)}).encode())

    return wrapped


def _stores() -> dict[str, Any]:
    """Return every container that a service module keeps state in, by module and name; each once."""
    from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict  # noqa: PLC0415

    def found() -> Iterator[tuple[str, Any]]:
        for module_name, module in sorted(sys.modules.items()):
            if module_name.startswith(_MODULES):
                for name, value in sorted(vars(module).items()):
                    if isinstance(value, AccountScopedDict | AccountRegionScopedDict):
                        yield f"{module_name}:{name}{_SCOPED}", value._data
                    elif isinstance(value, (dict, list, set)) and not name.isupper() and not name.startswith("__"):
                        yield f"{module_name}:{name}", value

    seen: dict[int, str] = {}
    return {key: store for key, store in found() if seen.setdefault(id(store), key) == key}


def _copy(stores: dict[str, Any]) -> dict[str, Any]:
    """Copy containers together, so that what two of them share stays shared; leave out what cannot be copied."""
    copies: dict[str, Any] = {}
    memo: dict[int, Any] = {}
    for key, store in stores.items():
        try:
            copies[key] = copy.deepcopy(store, memo)
        except TypeError:
            continue  # holds locks, threads or modules: not state of an account
    return copies


def _put_back(copies: dict[str, Any]) -> None:
    modules = {key.partition(":")[0] for key in copies}
    for key, store in _stores().items():
        if key not in copies and (key.partition(":")[0] in modules or not key.endswith(_SCOPED)):
            continue  # could not be copied, or is a table of a service that was not loaded yet
        kept = copies.get(key, ())  # what a service holds for accounts that was not loaded yet: nothing
        if isinstance(store, list):
            store[:] = kept
        else:
            store.clear()
            store.update(kept)
