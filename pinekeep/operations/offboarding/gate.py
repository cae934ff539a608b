"""What the gates are called, what they look at, and what they see."""

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
    Gate.KEY_DISABLED: "the key is disabled, to see whether anybody misses it",
    Gate.DELETION_SCHEDULED: "the key is to be deleted",
    Gate.STACKS_REMOVED: "the stacks are removed",
}
DOES: Final[Mapping[Gate, str]] = {
    Gate.INDEXES_GONE: "notes that no index is left",
    Gate.KEY_DELETED_IN_PINECONE: "notes that the key is deleted in Pinecone",
    Gate.KEY_UNUSED: "notes that the key is not used",
    Gate.KEY_DISABLED: "disables the key; `pinekeep offboard --back` enables it again",
    Gate.DELETION_SCHEDULED: f"schedules the deletion of the key in {aws.DELETION_WINDOW_DAYS_MAX} days; until then "
    "`pinekeep offboard --back` cancels it",
    Gate.STACKS_REMOVED: "removes the stacks; what must not be lost at once is kept and listed",
}
"""What passing a gate does, in words."""

IndexLook = Callable[[], Sequence[str]]
"""Asks Pinecone for the names of the indexes that are left.

Raises:
    CannotAskError: it cannot be asked, and why.
"""


class CannotAskError(Exception):
    """Pinecone cannot be asked about its indexes; the message says why."""


@dataclass(frozen=True)
class Seen:
    """What a gate sees.

    Attributes:
        lines: what it sees, in words.
        blocked: why it cannot be passed, or None where it can.
        hint: what to do about that.
        not_before: when it can be passed at the earliest, where it is only a matter of time.
    """

    lines: tuple[str, ...]
    blocked: str | None = None
    hint: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All that the gates look at.

    Attributes:
        state: how far its offboarding is.
        key: its key as it is now; None where it has none of its own.
        roles: the ARNs of the roles that Pinecone assumes.
        clients_for: gives the clients of its account, by Region.
        now: the time at which it is looked at.
        clock: tells the time at which a gate is passed.
        quiet: for how long the key must not have been used.
        cooling: for how long it stays disabled before its deletion is scheduled.
        topic: the SNS topic that the alarm is to tell, or None.
        look_for_indexes: asks Pinecone.
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
