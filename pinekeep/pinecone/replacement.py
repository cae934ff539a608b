"""Create or rotate an API key so that a crash at any point loses nothing.

The order makes it safe. Readers of the secret always get a working key, and the old key goes last:

1. Delete a new key whose value is stored nowhere, left by a run that ended between creating and storing.
2. Create the secret if it is missing, and verify that it is writable.
3. Create the new key under a temporary name, and store its value where readers do not get it yet.
4. Test it against Pinecone.
5. Give it to the readers.
6. Delete the old key.
7. Rename the new key.

A second run continues where the first one ended.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pinekeep.account.process import interrupts_deferred
from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.config.models import ApiKey
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Key
from pinekeep.pinecone.keys import KeyState, ambiguity, deletion_of_lost, key_state
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.secrets import Secrets, require_usable

TRY_WAITS: Final = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try of a new key: Pinecone may need a moment until it knows it."""


class ApiKeys(Protocol):
    """The operations on API keys; see :class:`pinekeep.pinecone.client.PineconeAdmin`."""

    def api_keys(self, project_id: str) -> list[Key]:
        """Return a project's API keys."""

    def create_api_key(self, project_id: str, *, name: str, roles: Sequence[str]) -> tuple[Key, Secret]:
        """Create an API key."""

    def update_api_key(self, key_id: str, *, name: str | None = None, roles: Sequence[str] | None = None) -> None:
        """Change an API key."""

    def delete_api_key(self, key_id: str) -> None:
        """Delete an API key."""


@dataclass(frozen=True)
class Exchanged:
    """The result of an exchange: the ID of the key that readers get now, and whether its predecessors are deleted."""

    new_id: str
    old_ids: tuple[str, ...]
    old_deleted: bool


@dataclass(frozen=True)
class Exchange:
    """Creation or rotation of one API key. ``is_known``: whether Pinecone accepts a value. ``tell`` takes each step."""

    keys: ApiKeys
    secrets: Secrets
    deployment: str
    project_id: str
    project: str
    wanted: ApiKey
    is_known: Callable[[Secret], bool]
    tell: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep

    def state(self) -> KeyState:
        """Return the key's current state."""
        return key_state(self.wanted, self.keys.api_keys(self.project_id), self.secrets.look(self.wanted.secret))

    def run(self, *, keep_old: bool = False) -> Exchanged:
        """Do the remaining steps.

        ``keep_old``: keep the old key for clients that still use it. Raises PineconeStateError if the state does not
        allow it. Nothing was changed. Raises PinekeepError if a step failed. The old key works as before.
        """
        state = self.state()
        require_usable(state.secret, self.deployment, kms_key=self.wanted.kms_key)
        if state.is_unclear:
            raise ambiguity(state, self.project)
        self.delete_lost(state)
        new = state.started or self._make()
        if not self.secrets.look(self.wanted.secret).gives(new.id):
            self._try(new)
            self.tell(f"give it to the readers of the secret {self.wanted.secret}")
            self.secrets.promote(self.wanted.secret, new.id)
        old = self._old_keys(state, new)
        if old and keep_old:
            return Exchanged(new.id, old, old_deleted=False)
        for key_id in old:
            self.tell(f"delete the old API key {self.wanted.name} ({key_id})")
            self.keys.delete_api_key(key_id)
        self.keys.update_api_key(new.id, name=self.wanted.name)
        return Exchanged(new.id, old, old_deleted=True)

    def _old_keys(self, before: KeyState, new: Key) -> tuple[str, ...]:
        """Return the IDs of the keys that the new one replaces: the known ones, and any that was created meanwhile.

        Raises PineconeStateError if readers get another key than the new one, from a concurrent run.
        """
        now = self.state()
        if not now.secret.gives(new.id):
            raise PineconeStateError(
                f"a concurrent run rotated the API key {self.wanted.name}", hint="see `pinekeep pinecone plan`"
            )
        known = {key.id for key in before.named}
        return tuple(key.id for key in now.named if key.id != new.id and (key.id in known or now.secret.holds(key.id)))

    def delete_lost(self, state: KeyState) -> None:
        """Delete new keys whose value the secret, read again, does not hold: a concurrent run may have stored one."""
        for key in state.lost:
            if self.secrets.look(self.wanted.secret).holds(key.id):
                raise PineconeStateError(
                    f"a concurrent run is creating the API key {self.wanted.name}", hint="wait, then run it again"
                )
            self.tell(deletion_of_lost(key))
            self.keys.delete_api_key(key.id)

    def _make(self) -> Key:
        self.tell(f"verify that the secret {self.wanted.secret} is writable")
        self.secrets.make_room(
            self.wanted.secret,
            f"API key {self.wanted.name} of the Pinecone project {self.project}"[:_DESCRIPTION_MAX],
            kms_key=self.wanted.kms_key,
        )
        self.tell(f"create the API key {self.wanted.name}, and store its value in the secret {self.wanted.secret}")
        with interrupts_deferred():
            key, value = self.keys.create_api_key(
                self.project_id, name=naming.unfinished_key_name(self.wanted.name), roles=self.wanted.roles
            )
            try:
                self.secrets.store(self.wanted.secret, key.id, value)
            except PinekeepError:
                self.keys.delete_api_key(key.id)
                raise
        return key

    def _try(self, new: Key) -> None:
        """Verify that Pinecone accepts the new key. Raises PineconeStateError, if it does not."""
        self.tell("test it against Pinecone")
        value = self.secrets.read(self.wanted.secret, new.id)
        for wait in TRY_WAITS:
            if wait:
                self.sleep(wait)
            if self.is_known(value):
                return
        raise PineconeStateError(
            f"Pinecone does not know the new API key {self.wanted.name} ({new.id}) yet, so it is not given to anybody",
            hint="run it again in a minute; what was there before is untouched",
        )


_DESCRIPTION_MAX: Final = 2048


def words_of(state: KeyState, *, keep_old: bool = False) -> list[str]:
    """Return the steps of an exchange in words, in order."""
    name, secret = state.wanted.name, state.secret
    words = [deletion_of_lost(key) for key in state.lost]
    if state.started is None:
        key_of_secret = f", encrypted with {state.wanted.kms_key}" if state.wanted.kms_key else ""
        made = "" if secret.exists else f"create the secret {secret.name}{key_of_secret}; "
        words.append(
            f"{made}create the API key {name} ({', '.join(state.wanted.roles)}), its value going straight into the "
            f"secret {secret.name}"
        )
    else:
        words.append(f"go on with the API key {state.started.id}, whose value is stored in the secret {secret.name}")
    if state.started is None or not secret.gives(state.started.id):
        words.append(f"test it against Pinecone, then give it to the readers of the secret {secret.name}")
    for key in state.named:
        cut = "" if secret.holds(key.id) else "; clients with its value lose access"
        words.append(
            f"keep the old API key {name} ({key.id}) for now"
            if keep_old
            else f"delete the old API key {name} ({key.id}){cut}"
        )
    return words
