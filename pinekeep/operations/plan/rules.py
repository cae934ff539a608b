"""The kinds of changes, and what a rule of the plan is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Final

from pinekeep.model import naming
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.subject import Subject

MODIFIED: Final = (Action.MODIFY, Action.DYNAMIC)
ANY_CHANGE: Final = (Action.ADD, *MODIFIED, Action.REMOVE)
_STACKS: Final = {
    "cmek": (naming.cmek_stack,),
    "storage": (naming.storage_stack,),
    "monitoring": (naming.monitoring_stack, naming.global_monitoring_stack),
}
"""The stacks of the parts that have rules of their own."""


class Kind(StrEnum):
    """What a change means for Pinecone, from harmless to fatal."""

    SAFE = "safe"
    ATTENTION = "attention"
    WEAKENS = "weakens"
    BREAKS = "breaks_pinecone"
    DESTROYS = "destroys"

    @property
    def rank(self) -> int:
        """Its severity; the larger, the more severe."""
        return _RANKS[self]

    @property
    def words(self) -> str:
        """The kind as a person reads it."""
        return _WORDS.get(self, self.value)


_RANKS: Final = {kind: rank for rank, kind in enumerate(Kind)}
_WORDS: Final = {Kind.WEAKENS: "weakens a protection", Kind.BREAKS: "breaks Pinecone"}


WHAT_DEPLOY_DOES: Final = {
    Kind.SAFE: "asks, and goes ahead with `--yes`",
    Kind.ATTENTION: "asks, and goes ahead with `--yes`",
    Kind.WEAKENS: "refuses; it goes ahead when the deployment's name is typed, or given with `--accept-breaking NAME`",
    Kind.BREAKS: "refuses; while nothing has been handed over to Pinecone, it goes ahead when the deployment's name is "
    "typed, or given with `--accept-breaking NAME`",
    Kind.DESTROYS: "refuses, always",
}


@dataclass(frozen=True)
class Rule:
    """What every rule says about itself, for people and for the docs.

    ``remedy`` is what to do instead when ``deploy`` refuses; ``{name}`` stands for the deployment's name. None where
    that is to revert the change of the file. ``of_endpoint``: it is about the endpoint; Pinecone accepts another.
    ``changeable``: Pinecone can be given another value in its console, so it can be accepted after a handover too.
    ``fails``: AWS would refuse it, so nobody can accept it.
    """

    id: str
    kind: Kind
    title: str
    why: str
    remedy: str | None = None
    of_endpoint: bool = False
    changeable: bool = False
    fails: bool = False


@dataclass(frozen=True)
class ResourceRule(Rule):
    """A rule about one resource, or one property of it. What is left out does not matter.

    ``types`` are patterns; without ``properties`` (or attributes such as ``Tags``) it is about the resource as a whole.
    It is about the stacks of one ``part`` alone, logical IDs of some patterns, stacks that exist already
    (``existing_stack``), resources that were deleted outside of CloudFormation (``lost``), a property that gets the
    value ``after``, or an endpoint that serves no clients: one on standby, or one that is gone (``spare``).
    """

    types: tuple[str, ...] = ("*",)
    actions: tuple[Action, ...] = MODIFIED
    replaced: bool | None = None
    properties: tuple[str, ...] = ()
    part: str | None = None
    logical_ids: tuple[str, ...] = ("*",)
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
            and any(fnmatchcase(change.logical_id, each) for each in self.logical_ids)
            and (self.part is None or change.stack in (stack(subject.name) for stack in _STACKS[self.part]))
            and (not self.existing_stack or change.stack in subject.existing)
            and (not self.lost or change.lost)
            and self.spare in (None, subject.is_spare(change))
        )


@dataclass(frozen=True, kw_only=True)
class Comparison(Rule):
    """A rule about a deployment before and after; ``find`` yields one sentence for each thing found."""

    find: Callable[[Subject], Iterable[str]]


def removed_or_replaced(
    kind: Kind, thing: str, what: str, why: str, types: tuple[str, ...], **more: Any
) -> tuple[ResourceRule, ResourceRule]:
    """Return the two rules for a resource that must stay what it is."""
    rule = partial(ResourceRule, kind=kind, why=why, types=types, **more)
    return (
        rule(id=f"{thing}-removed", title=f"{what} is removed from its stack", actions=(Action.REMOVE,)),
        rule(id=f"{thing}-replaced", title=f"{what} is replaced", replaced=True),
    )


def changes(id: str, kind: Kind, title: str, why: str, type: str, *properties: str, **more: Any) -> ResourceRule:  # noqa: A002
    """Return a rule for some properties of a type of resource."""
    return ResourceRule(id, kind, title, why, types=(type,), properties=properties, **more)
