"""The input of the rules: one deployment before and after."""

from dataclasses import dataclass, field

from pinekeep.account.record.predecessors import Former
from pinekeep.account.record.store import Record
from pinekeep.model.config import Deployment
from pinekeep.operations.plan.changes import Change
from pinekeep.operations.plan.state import State


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What the policies mean, before and after, as decisions.

    Attributes:
        access: who gains or loses what by this deployment, in words.
        first: who can do what with a role and key that are made, in words.
        drift: what the live policies let happen otherwise than what was deployed last, and stays so.
        grants: what grants on the key let happen that no policy does: they stay whatever is deployed, in words.
        dropped: what a sentence calls each of Pinecone's access roles that can assume the role now, and could not.
        forgotten: the roles that can use the key now, and could not.
        unknown: why something could not be compared.
    """

    access: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One deployment for the rules.

    Attributes:
        before: what is deployed; None where nothing is.
        after: what would be.
        existing: the stacks that are there.
        left_alone: the stacks that are there and that the file does not have any more.
        record: what was handed over; None where nothing was recorded.
        pinecone_account: Pinecone's own AWS account by the file; None where it has no key.
        former: deployments that are there under another name or in another Region, where this one is not there yet.
        gone_endpoints: the endpoints of the stack or of the record that are not there any more.
        key_state: the state of the key where it is not enabled, such as ``PendingDeletion``.
    """

    name: str
    deployment: Deployment
    before: State | None
    after: State
    changes: tuple[Change, ...] = ()
    existing: frozenset[str] = frozenset()
    left_alone: tuple[str, ...] = ()
    record: Record | None = None
    meaning: Meaning = field(default_factory=Meaning)
    pinecone_account: str | None = None
    former: tuple[Former, ...] = ()
    gone_endpoints: frozenset[str] = frozenset()
    key_state: str | None = None

    def is_spare(self, change: Change) -> bool:
        """Whether a change is of an endpoint that serves no clients: one on standby, or one that is gone."""
        standby = self.before.endpoints.standby if self.before is not None else None
        known = change.physical_id
        return known is not None and (known == standby or known in self.gone_endpoints)

    @property
    def registered_endpoints(self) -> tuple[str, ...]:
        """The endpoints that Pinecone has registered and that are live."""
        found = self.record.handed_over.registered_endpoints if self.record else ()
        return tuple(each for each in found if each not in self.gone_endpoints)
