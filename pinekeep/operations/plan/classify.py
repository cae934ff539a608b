"""Sorting changes into kinds. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.kinds import Kind
from pinekeep.operations.plan.rules import COMPARISONS, ROWS, Row, Rule
from pinekeep.operations.plan.subject import Subject

_SHOWN: int = 60


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to know about a deployment.

    Attributes:
        rule: the rule that found it.
        what: what is so, in words.
        stack: the stack that it is about, where it is about one.
        resource: the logical ID that it is about.
    """

    rule: Rule
    what: str
    stack: str | None = None
    resource: str | None = None

    @property
    def kind(self) -> Kind:
        """What it is to Pinecone."""
        return self.rule.kind


def classify(subject: Subject) -> tuple[Finding, ...]:
    """Return all that there is to know about a deployment, the gravest first.

    What differs from the record of the handover comes before all else of its kind.
    """
    found = [*_compared(subject), *_changed(subject)]
    return tuple(sorted(found, key=lambda each: -each.kind.rank))


def worst(findings: Iterable[Finding]) -> Kind:
    """Return the gravest kind; safe where nothing was found."""
    return max((each.kind for each in findings), key=lambda kind: kind.rank, default=Kind.SAFE)


def _compared(subject: Subject) -> Iterator[Finding]:
    for rule in COMPARISONS:
        for what in rule.find(subject):
            yield Finding(rule=rule, what=what)


def _changed(subject: Subject) -> Iterator[Finding]:
    for change in subject.changes:
        whole = _first(subject, change, None)
        if whole.id != "other":
            yield _finding(whole, change, change.details)
        elif not change.details:
            yield _finding(whole, change, ())
        if change.action is not Action.MODIFY:
            continue
        # What changes in a resource that is replaced was told with it; in one that stays, each thing is sorted.
        by_rule: dict[str, tuple[Row, list[PropertyChange]]] = {}
        if change.replacement is Replacement.NEVER and whole.id == "other":
            for detail in change.details:
                row = _first(subject, change, detail)
                by_rule.setdefault(row.id, (row, []))[1].append(detail)
        for row, details in by_rule.values():
            yield _finding(row, change, details)


def _first(subject: Subject, change: Change, detail: PropertyChange | None) -> Row:
    return next(row for row in ROWS if row.fits(subject, change, detail))


def _finding(row: Row, change: Change, details: Iterable[PropertyChange]) -> Finding:
    return Finding(rule=row, what=_words(change, details), stack=change.stack, resource=change.logical_id)


def _words(change: Change, details: Iterable[PropertyChange]) -> str:
    thing = f"{change.type} {change.logical_id}"
    if change.physical_id and change.physical_id != change.logical_id:
        thing += f" ({change.physical_id})"
    names = list(dict.fromkeys(_detail(each) for each in details))
    match change.action:
        case Action.ADD if change.lost:
            return f"{thing} was deleted, and is made again"
        case Action.ADD:
            return f"{thing} is made"
        case Action.SYNC:
            return f"{thing} stays as it is"
        case Action.IMPORT:
            return f"{thing} is taken into the stack as it is"
        case Action.REMOVE:
            return f"{thing} leaves the stack and {'stays in the account' if change.retained else 'is deleted'}"
    because = f" for {', '.join(names)}" if names else ""
    match change.replacement:
        case Replacement.ALWAYS:
            kept = "; the old one stays in the account" if change.retained else "; the old one is deleted"
            return f"another takes the place of {thing}{because}{kept}"
        case Replacement.MAYBE:
            return f"another may take the place of {thing}{because}"
    return f"{thing}: {', '.join(names) or 'something'} changes"


def _detail(detail: PropertyChange) -> str:
    name = detail.name or detail.attribute
    values = detail.before, detail.after
    if any(each is None or len(each) > _SHOWN or each.startswith(("{", "[")) for each in values):
        return name
    return f"{name} from {detail.before} to {detail.after}"
