"""Fingerprints of the parameters of stack instances, kept on this machine, so that they need not be read again.

An entry holds for one operation: the parameters of an instance cannot change without another one. Only digests are
kept, not values: an external ID has more random bits than anyone can try. The cache is optional; a file that cannot be
read, or that others could have written, is ignored.
"""

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from pinekeep.account.reads.stack_sets import Instance
from pinekeep.operations.synthesis.user_cache import is_private, user_cache

BYTES_MAX: Final = 32 * 1024 * 1024
"""Larger files are neither read nor written."""
_FORMAT: Final = 1
_SUFFIX: Final = ".json"


def fingerprint(value: str) -> str:
    """Return the fingerprint of a value."""
    return hashlib.sha256(value.encode()).hexdigest()[:32]


class Fingerprints:
    """The fingerprints of one stack set's instances, by stack and operation. ``path``: None keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, list[object]] = _read(path) if path is not None else {}
        self._changed = False

    @classmethod
    def of_stack_set(cls, stack_set_id: str) -> "Fingerprints":
        """Return those of a stack set that this machine has."""
        folder = user_cache("fleets")
        name = hashlib.sha256(stack_set_id.encode()).hexdigest()[:32]
        return cls(None if folder is None else folder / f"{name}{_SUFFIX}")

    @classmethod
    def none(cls) -> "Fingerprints":
        """Return fingerprints that are not kept."""
        return cls(None)

    def match(self, instance: Instance, parameters: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
        """Return whether an instance is known to have the wanted values. ``parameters``: those of the stack set."""
        known = self._known.get(instance.stack_id or "")
        if known is None or instance.last_operation is None or known[0] != instance.last_operation:
            return False
        own = known[1]
        if not isinstance(own, dict):
            return False
        return all(
            own[name] == fingerprint(value) if name in own else parameters.get(name) == value
            for name, value in wanted.items()
        )

    def put(self, instance: Instance, fingerprints: Mapping[str, str]) -> None:
        """Remember the fingerprints of the parameters that an instance overrides."""
        if instance.stack_id and instance.last_operation:
            self._known[instance.stack_id] = [instance.last_operation, dict(fingerprints)]
            self._changed = True

    def save(self) -> None:
        """Write what was remembered, whole or not at all. Failures are ignored."""
        if self._path is None or not self._changed:
            return
        temporary: str | None = None
        try:
            content = json.dumps([_FORMAT, self._known]).encode()
            if len(content) > BYTES_MAX:
                return
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not is_private(self._path.parent.lstat()):
                return
            handle, temporary = mkstemp(suffix=".writing", dir=self._path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(self._path)
            temporary = None
            self._changed = False
        except OSError:
            return
        finally:
            if temporary is not None:
                with suppress(OSError):
                    Path(temporary).unlink()


def _read(path: Path) -> dict[str, list[object]]:
    """Return the entries of a file; none if it cannot be read, or somebody else could have written it."""
    try:
        if not is_private(path.parent.lstat()):
            return {}
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not is_private(found, stat.S_ISREG) or found.st_size > BYTES_MAX:
                return {}
            content = json.loads(file.read())
    except (OSError, ValueError):
        return {}
    match content:
        case [int(version), dict(entries)] if version == _FORMAT:
            return {key: each for key, each in entries.items() if isinstance(each, list) and len(each) == 2}  # noqa: PLR2004
        case _:
            return {}
