"""The input of the rules: one deployment before and after."""

from dataclasses import dataclass, field

from pinekeep.account.record.predecessors import Former
from pinekeep.account.record.store import Record
from pinekeep.model.config import Deployment
from pinekeep.operations.plan.changes import Change
from pinekeep.operations.plan.state import State


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """The effect on access, in words.

    Attributes:
        access: the access that principals gain or lose.
        first: the access to a role and key that are created.
        drift: the differences between the live policies and those deployed last that this deployment does not undo.
        grants: the access that only grants on the key give.
        dropped: the Pinecone access roles that could no longer assume the role.
        forgotten: the roles that could no longer use the key.
        unknown: what could not be compared, and why.
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
        before: the deployed state; None if nothing is deployed.
        after: the state after the deployment.
        existing: the stacks that exist.
        left_alone: the stacks that exist and are no longer in the file.
        record: the record of the handover, if there is one.
        pinecone_account: Pinecone's own AWS account by the file.
        former: deployments that exist under another name or in another Region, while this one does not.
        gone_endpoints: the endpoints of the stack or of the record that no longer exist.
        key_state: the state of the key if it is not enabled, such as ``PendingDeletion``.
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
