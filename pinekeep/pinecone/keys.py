"""The state of a declared API key, from Pinecone and from its secret.

A new key has a temporary name (naming.unfinished_key_name) until its value is stored and tested. So a key whose value
was lost is recognized with certainty, and has no users.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pinekeep.model import naming
from pinekeep.model.config.models import ApiKey
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Key
from pinekeep.pinecone.secrets import SecretState, other_key, reencryption


@dataclass(frozen=True)
class KeyState:
    """The state of a declared API key.

    Attributes:
        named: the keys with its name.
        unfinished: the keys with the temporary name of a new one.
        others: the project's other keys.
    """

    wanted: ApiKey
    named: tuple[Key, ...]
    unfinished: tuple[Key, ...]
    others: tuple[Key, ...]
    secret: SecretState

    @property
    def started(self) -> Key | None:
        """The new key whose value is stored, so that the rotation can be finished; None where there is none."""
        stored = [key for key in self.unfinished if self.secret.holds(key.id)]
        given = [key for key in stored if self.secret.gives(key.id)]
        return next(iter(given or stored), None)

    @property
    def lost(self) -> tuple[Key, ...]:
        """New keys whose value is stored nowhere."""
        return tuple(key for key in self.unfinished if key is not self.started)

    @property
    def live(self) -> Key | None:
        """The key with its name whose value readers of the secret get; None where there is none."""
        return next((key for key in self.named if self.secret.gives(key.id)), None)

    @property
    def is_unclear(self) -> bool:
        """Whether several keys have the name, and the secret does not tell the current one from its predecessors."""
        return len(self.named) > 1 and (self.live is None or not all(self.secret.holds(key.id) for key in self.named))

    @property
    def has_wanted_roles(self) -> bool:
        """Whether the live key has the declared roles."""
        return self.live is not None and set(self.live.roles) == set(self.wanted.roles)

    @property
    def problems(self) -> list[str]:
        """The differences from the declaration, each in a sentence."""
        found = []
        if self.secret.deleting:
            found.append(f"the secret {self.secret.name} is scheduled for deletion")
        elif self.secret.exists and not self.secret.ours:
            found.append(f"the secret {self.secret.name} exists and belongs to another owner")
        if problem := other_key(self.secret, self.wanted.kms_key):
            found.append(f"{problem}; re-encrypt it: {reencryption(self.secret, str(self.wanted.kms_key))}")
        if len(self.named) > 1:
            found.append(f"several keys have its name: {', '.join(key.id for key in self.named)}")
        if self.unfinished:
            found.append("its rotation is unfinished: `pinekeep pinecone rotate` finishes it")
        elif not self.named:
            found.append("it does not exist yet: `pinekeep pinecone apply` creates it")
        elif self.live is None:
            found.append(f"the secret {self.secret.name} has another value than this key's, or none")
        elif not self.has_wanted_roles:
            found.append(f"it has the roles {', '.join(self.live.roles)}, wanted are {', '.join(self.wanted.roles)}")
        return found


def ambiguity(state: KeyState, project: str) -> PineconeStateError:
    """Return the error of a state that is unclear."""
    return PineconeStateError(
        f"several API keys of project {project} are named {state.wanted.name}: "
        f"{', '.join(key.id for key in state.named)}",
        hint="delete or rename all but one in the Pinecone console, so that the wrong one is not deleted",
    )


def deletion_of_lost(key: Key) -> str:
    """Return the step that deletes a key without a stored value, in words."""
    return f"delete the API key {key.name} ({key.id}): its value was never stored, so nobody has it"


def key_state(wanted: ApiKey, keys: Iterable[Key], secret: SecretState) -> KeyState:
    """Return the state of a declared API key. ``keys``: all of the project."""
    new_name = naming.unfinished_key_name(wanted.name)
    keys = list(keys)
    return KeyState(
        wanted=wanted,
        named=tuple(key for key in keys if key.name == wanted.name),
        unfinished=tuple(key for key in keys if key.name == new_name),
        others=tuple(key for key in keys if key.name not in (wanted.name, new_name)),
        secret=secret,
    )
