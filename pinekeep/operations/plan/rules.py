"""The kinds of changes, and what a rule of the plan is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from pinekeep.model import naming
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.subject import Subject

MODIFIED: Final = (Action.MODIFY, Action.DYNAMIC)


class Kind(StrEnum):
    """What a change means for Pinecone, from harmless to fatal."""

    SAFE = "safe"
    ATTENTION = "attention"
    BREAKS = "breaks_pinecone"
    DESTROYS = "destroys"

    @property
    def rank(self) -> int:
        """Its severity; the larger, the more severe."""
        return list(Kind).index(self)

    @property
    def words(self) -> str:
        """The kind as a person reads it."""
        return "breaks Pinecone" if self is Kind.BREAKS else self.value


WHAT_DEPLOY_DOES: Final = {
    Kind.SAFE: "asks, and goes ahead with `--yes`",
    Kind.ATTENTION: "asks, and goes ahead with `--yes`",
    Kind.BREAKS: "refuses; while nothing has been handed over to Pinecone, it goes ahead when the deployment's name is "
    "typed, or given with `--accept-breaking NAME`",
    Kind.DESTROYS: "refuses, always",
}


@dataclass(frozen=True)
class Rule:
    """What every rule says about itself, for people and for the docs.

    Attributes:
        id: its stable name.
        title: the change.
        why: why it matters.
        remedy: what to do instead when ``deploy`` refuses; ``{name}`` stands for the deployment's name. None where that
            is to revert the change of the file.
        of_endpoint: whether it is about the endpoint; Pinecone accepts another endpoint.
        fails: whether AWS would refuse it, so that nobody can accept it.
    """

    id: str
    kind: Kind
    title: str
    why: str
    remedy: str | None = None
    of_endpoint: bool = False
    fails: bool = False


@dataclass(frozen=True)
class ResourceRule(Rule):
    """A rule about one resource, or one property of it. What is left out does not matter.

    Attributes:
        types: the types of resources, as patterns.
        replaced: whether the resource may be replaced.
        properties: the properties, or attributes such as ``Tags``, that change; empty for the resource as a whole.
        cmek_only: whether it is about the stack of role and key alone.
        existing_stack: whether it is about stacks alone that exist already.
        lost: whether it is about resources alone that were deleted outside of CloudFormation.
        after: the value that a property gets.
        spare: whether it is about an endpoint that serves no clients: one on standby, or one that is gone.
    """

    types: tuple[str, ...] = ("*",)
    actions: tuple[Action, ...] = MODIFIED
    replaced: bool | None = None
    properties: tuple[str, ...] = ()
    cmek_only: bool = False
    existing_stack: bool = False
    lost: bool = False
    after: str | None = None
    spare: bool | None = None

    def matches(self, subject: Subject, change: Change, detail: PropertyChange | None) -> bool:
        """Whether the rule is about a change, or about one property that changes."""
        if self.properties and (detail is None or not {detail.name, detail.attribute} & set(self.properties)):
            return False
        if self.after is not None and (detail is None or detail.after != self.after):
            return False
        return (
            change.action in self.actions
            and any(fnmatchcase(change.type, each) for each in self.types)
            and self.replaced in (None, change.replacement is not Replacement.NEVER)
            and (not self.cmek_only or change.stack == naming.cmek_stack(subject.name))
            and (not self.existing_stack or change.stack in subject.existing)
            and (not self.lost or change.lost)
            and self.spare in (None, subject.is_spare(change))
        )


@dataclass(frozen=True, kw_only=True)
class Comparison(Rule):
    """A rule about a deployment before and after; ``find`` yields one sentence for each thing found."""

    find: Callable[[Subject], Iterable[str]]
