"""The gates: their titles, their input, and the result of a check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.record.offboarding import Gate, OffboardingState
from pinekeep.model.facts import aws
from pinekeep.operations.offboarding.removal import Removal
from pinekeep.operations.revocation.targets import KeyState

TITLES: Final[Mapping[Gate, str]] = {
    Gate.INDEXES_GONE: "no index is left in the Pinecone project",
    Gate.KEY_DELETED_IN_PINECONE: "the key is deleted in Pinecone",
    Gate.KEY_UNUSED: "nobody has used the key for a while",
    Gate.KEY_DISABLED: "the key is disabled, to find out whether anybody needs it",
    Gate.DELETION_SCHEDULED: "the key is to be deleted",
    Gate.STACKS_REMOVED: "the stacks are removed",
}
DOES: Final[Mapping[Gate, str]] = {
    Gate.INDEXES_GONE: "records that no index is left",
    Gate.KEY_DELETED_IN_PINECONE: "records that the key is deleted in Pinecone",
    Gate.KEY_UNUSED: "records that the key is not used",
    Gate.KEY_DISABLED: "disables the key; `pinekeep offboard --back` enables it again",
    Gate.DELETION_SCHEDULED: f"schedules the deletion of the key in {aws.DELETION_WINDOW_DAYS_MAX} days; until then "
    "`pinekeep offboard --back` cancels it",
    Gate.STACKS_REMOVED: "removes the stacks; retained resources are listed",
}
"""The effect of passing a gate."""

IndexLook = Callable[[], Sequence[str]]
"""Returns the names of the indexes that are left in Pinecone; raises :class:`CannotAskError`."""


class CannotAskError(Exception):
    """Pinecone cannot be asked about its indexes; the message says why."""


@dataclass(frozen=True)
class GateCheck:
    """The result of a gate's check: what was found, why it cannot be passed, if so, and what to do about that.

    ``not_before`` is the earliest time at which it can be passed, if only time is missing.
    """

    lines: tuple[str, ...]
    blocked: str | None = None
    hint: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class GateContext:
    """The input of the gates; ``key`` is the key as it is now, ``roles`` the ARNs of the roles that Pinecone assumes.

    The key must not have been used for ``quiet``, and stays disabled for ``cooling`` before its deletion is scheduled.
    ``now`` is the time of the check; ``clock`` gives the time at which a gate is passed. ``topic`` is the SNS topic for
    the alarm.
    """

    name: str
    region: str
    state: OffboardingState
    key: KeyState | None
    roles: tuple[str, ...]
    clients_for: Callable[[str], Clients]
    now: datetime
    clock: Callable[[], datetime]
    quiet: timedelta
    cooling: timedelta
    topic: str | None
    look_for_indexes: IndexLook
    removal: Removal

    @property
    def clients(self) -> Clients:
        """The clients of the deployment's Region."""
        return self.clients_for(self.region)
