"""Making an API key, or a new one in the place of an old one, so that a crash at any point loses nothing.

The order is what makes it safe. Whoever reads the secret always gets a key that works, and the old key goes last:

1. A new key whose value nobody has is deleted: it is left of a run that ended between making and storing.
2. The secret is made where it is missing, and shown to be writable.
3. The new key is made, under a name of its own, and its value stored where readers do not get it yet.
4. It is tried against Pinecone.
5. Readers get it.
6. The old key is deleted.
7. The new key gets its name.

Run again, it looks how far it came and goes on from there.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.config.models import ApiKey
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Key
from pinekeep.pinecone.keys import KeyState, key_state
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.secrets import Secrets, require_usable
from pinekeep.process import interrupts_deferred

TRY_WAITS: Final = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try of a new key: Pinecone may need a moment until it knows it."""


class ApiKeys(Protocol):
    """What is done with API keys; see :class:`pinekeep.pinecone.client.PineconeAdmin`."""

    def api_keys(self, project_id: str) -> list[Key]:
        """Return a project's API keys."""

    def create_api_key(self, project_id: str, *, name: str, roles: Sequence[str]) -> tuple[Key, Secret]:
        """Make an API key."""

    def update_api_key(self, key_id: str, *, name: str | None = None, roles: Sequence[str] | None = None) -> None:
        """Change an API key."""

    def delete_api_key(self, key_id: str) -> None:
        """Delete an API key."""


@dataclass(frozen=True)
class Exchanged:
    """What an exchange did.

    Attributes:
        new_id: the ID of the key that readers of the secret get now.
        old_ids: the IDs of the keys of that name from before.
        old_deleted: whether those are deleted.
    """

    new_id: str
    old_ids: tuple[str, ...]
    old_deleted: bool


@dataclass(frozen=True)
class Exchange:
    """The making of one API key, or of a new one in its place.

    Attributes:
        keys: where API keys are made and deleted.
        secrets: where their values go.
        deployment: the deployment's name.
        project_id: the project.
        project: the project's name.
        wanted: what the file says of the key.
        is_known: tells whether Pinecone knows a key, by its value.
        tell: takes each step, in words.
        sleep: waits some seconds.
    """

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
        """Return how the key stands now."""
        return key_state(self.wanted, self.keys.api_keys(self.project_id), self.secrets.look(self.wanted.secret))

    def run(self, *, keep_old: bool = False) -> Exchanged:
        """Do all that is left to do.

        Args:
            keep_old: leave the old key where it is, for clients that still have it.

        Raises:
            PineconeStateError: what is there does not fit. Nothing was changed.
            PinekeepError: something failed. What was there before works as before.
        """
        state = self.state()
        require_usable(state.secret, self.deployment, kms_key=self.wanted.kms_key)
        if state.is_unclear:
            raise PineconeStateError(
                f"several API keys of project {self.project} are named {self.wanted.name}: "
                f"{', '.join(key.id for key in state.named)}",
                hint="delete or rename all but one in the Pinecone console, so that the wrong one is not taken away",
            )
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
        """Return the IDs of the keys whose place the new one takes: those from before, and whatever was made meanwhile.

        Raises:
            PineconeStateError: readers get another key than the new one: somebody else is at it.
        """
        now = self.state()
        if not now.secret.gives(new.id):
            raise PineconeStateError(
                f"somebody else exchanged the API key {self.wanted.name} just now",
                hint="look at `pinekeep pinecone plan`",
            )
        known = {key.id for key in before.named}
        return tuple(key.id for key in now.named if key.id != new.id and (key.id in known or now.secret.holds(key.id)))

    def delete_lost(self, state: KeyState) -> None:
        """Delete new keys whose value nobody has.

        The secret is looked at once more, in case somebody else is at it and has stored the value meanwhile.
        """
        for key in state.lost:
            if self.secrets.look(self.wanted.secret).holds(key.id):
                raise PineconeStateError(
                    f"somebody else is making the API key {self.wanted.name} just now", hint="wait, then run it again"
                )
            self.tell(f"delete the API key {key.name} ({key.id}): its value was never stored, so nobody has it")
            self.keys.delete_api_key(key.id)

    def _make(self) -> Key:
        self.tell(f"see that the secret {self.wanted.secret} can be written to")
        self.secrets.make_room(
            self.wanted.secret,
            f"API key {self.wanted.name} of the Pinecone project {self.project}"[:_DESCRIPTION_MAX],
            kms_key=self.wanted.kms_key,
        )
        self.tell(f"make the API key {self.wanted.name}, and store its value in the secret {self.wanted.secret}")
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
        """See that Pinecone knows the new key.

        Raises:
            PineconeStateError: it does not.
        """
        self.tell("try it against Pinecone")
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
    """Return what an exchange would do, in words, in order.

    Args:
        state: how the key stands.
        keep_old: whether the old key is left.
    """
    name, secret = state.wanted.name, state.secret
    words = [
        f"delete the API key {key.name} ({key.id}): its value was never stored, so nobody has it" for key in state.lost
    ]
    if state.started is None:
        key_of_secret = f", encrypted with {state.wanted.kms_key}" if state.wanted.kms_key else ""
        made = "" if secret.exists else f"make the secret {secret.name}{key_of_secret}; "
        words.append(
            f"{made}make the API key {name} ({', '.join(state.wanted.roles)}), its value going straight into the "
            f"secret {secret.name}"
        )
    else:
        words.append(f"go on with the API key {state.started.id}, whose value is stored in the secret {secret.name}")
    if state.started is None or not secret.gives(state.started.id):
        words.append(f"try it against Pinecone, then give it to the readers of the secret {secret.name}")
    for key in state.named:
        cut = "" if secret.holds(key.id) else "; whoever has its value is cut off"
        words.append(
            f"keep the old API key {name} ({key.id}) for now"
            if keep_old
            else f"delete the old API key {name} ({key.id}){cut}"
        )
    return words
