"""Pinecone's API keys and AWS's secrets in memory, and a way to be killed at any of their calls."""

import itertools
import secrets as random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pinekeep.errors import PinekeepError
from pinekeep.pinecone.inventory import Key
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.secrets import CURRENT, PENDING, PROBE, SecretState, version_of

PREVIOUS = "AWSPREVIOUS"


class FakeKeys:
    """API keys of one project."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}
        self.values: dict[str, str] = {}

    def add(self, name: str, *roles: str) -> tuple[Key, Secret]:
        key = Key(str(uuid.uuid4()), name, roles)
        value = f"pcsk_{random.token_hex(20)}"
        self.keys[key.id], self.values[value] = key, key.id
        return key, Secret(value)

    def knows(self, value: Secret) -> bool:
        return self.values.get(value.reveal()) in self.keys

    def named(self, name: str) -> list[Key]:
        return [key for key in self.keys.values() if key.name == name]

    def api_keys(self, project_id: str) -> list[Key]:
        return list(self.keys.values())

    def create_api_key(self, project_id: str, *, name: str, roles: Sequence[str]) -> tuple[Key, Secret]:
        return self.add(name, *roles)

    def update_api_key(self, key_id: str, *, name: str | None = None, roles: Sequence[str] | None = None) -> None:
        if key_id not in self.keys:
            raise PinekeepError("there is no such key")
        key = self.keys[key_id]
        self.keys[key_id] = replace(
            key, name=key.name if name is None else name, roles=key.roles if roles is None else tuple(roles)
        )

    def delete_api_key(self, key_id: str) -> None:
        self.keys.pop(key_id, None)


class FakeSecrets:
    """Secrets as AWS keeps them: the first version is given to readers whatever label it gets."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, str]] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self.kms_keys: dict[str, str | None] = {}

    def look(self, name: str) -> SecretState:
        if name not in self.values:
            return SecretState(name)
        versions: dict[str, tuple[str, ...]] = {}
        for label, version in self.labels[name].items():
            versions[version] = (*versions.get(version, ()), label)
        return SecretState(name, exists=True, ours=True, versions=versions, kms_key=self.kms_keys.get(name))

    def make_room(self, name: str, description: str, *, kms_key: str | None = None) -> None:
        self.values.setdefault(name, {})
        self.labels.setdefault(name, {})
        self.kms_keys.setdefault(name, kms_key)
        self._put(name, str(uuid.uuid4()), "nothing", PROBE)

    def store(self, name: str, key_id: str, value: Secret) -> None:
        self._put(name, version_of(key_id), value.reveal(), PENDING)

    def promote(self, name: str, key_id: str) -> None:
        labels = self.labels[name]
        if CURRENT in labels and labels[CURRENT] != version_of(key_id):
            labels[PREVIOUS] = labels[CURRENT]
        labels[CURRENT] = version_of(key_id)

    def read(self, name: str, key_id: str) -> Secret:
        return Secret(self.values[name][version_of(key_id)])

    def given(self, name: str) -> Secret | None:
        """Return what readers get."""
        version = self.labels.get(name, {}).get(CURRENT)
        return Secret(self.values[name][version]) if version else None

    def _put(self, name: str, version: str, value: str, label: str) -> None:
        self.values[name][version] = value
        self.labels[name][label] = version
        self.labels[name].setdefault(CURRENT, version)


class Killed(BaseException):
    """The process is gone: nothing catches this."""


def lost() -> PinekeepError:
    return PinekeepError("no answer")


class Counted:
    """Counts calls, and does something at one of them.

    Args:
        at: the number of the call, from 0.
    """

    def __init__(self, at: int) -> None:
        self._numbers = itertools.count()
        self._at = at
        self.came = False

    def before(self) -> None:
        """What is done before the call."""

    def after(self) -> None:
        """What is done after it."""

    def on(self, thing: Any) -> Any:
        """Return the thing with all its calls counted."""
        counted = self

        class Proxy:
            def __getattr__(self, name: str) -> Any:
                method = getattr(thing, name)

                def call(*arguments: Any, **named: Any) -> Any:
                    now = next(counted._numbers) == counted._at
                    if now:
                        counted.came = True
                        counted.before()
                    result = method(*arguments, **named)
                    if now:
                        counted.after()
                    return result

                return call

        return Proxy()


class Crash(Counted):
    """Lets something fail at one of its calls.

    Args:
        at: the number of the call, from 0.
        after: whether the call is carried out first.
        error: makes what is raised.
    """

    def __init__(self, at: int, *, after: bool, error: Callable[[], BaseException] = Killed) -> None:
        super().__init__(at)
        self._late, self._error = after, error

    def before(self) -> None:
        if not self._late:
            raise self._error()

    def after(self) -> None:
        if self._late:
            raise self._error()


class Meeting(Counted):
    """Lets somebody else do something before one of the calls.

    Args:
        at: the number of the call, from 0.
        other: what the other does.
    """

    def __init__(self, at: int, other: Callable[[], None]) -> None:
        super().__init__(at)
        self._other = other

    def before(self) -> None:
        self._other()
