"""Classifying changes by the rules. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.rule_table import COMPARISONS, RESOURCE_RULES
from pinekeep.operations.plan.rules import Kind, ResourceRule, Rule
from pinekeep.operations.plan.subject import Subject

_SHOWN: int = 60


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding about a deployment, as a sentence, with the stack and the logical ID that it is about, if any."""

    rule: Rule
    what: str
    stack: str | None = None
    resource: str | None = None

    @property
    def kind(self) -> Kind:
        """What it means for Pinecone."""
        return self.rule.kind


def classify(subject: Subject) -> tuple[Finding, ...]:
    """Return all findings about a deployment, the most severe first, comparisons before changes of resources."""
    found = [Finding(rule=rule, what=what) for rule in COMPARISONS for what in rule.find(subject)]
    found += _changed(subject)
    return tuple(sorted(found, key=lambda each: -each.kind.rank))


def worst(findings: Iterable[Finding]) -> Kind:
    """Return the most severe kind; safe if there are no findings."""
    return max((each.kind for each in findings), key=lambda kind: kind.rank, default=Kind.SAFE)


def _changed(subject: Subject) -> Iterator[Finding]:
    for change in subject.changes:
        whole = _first(subject, change, None)
        if whole.id != "other":
            yield _finding(whole, change, change.details)
            continue
        if not change.details:
            yield _finding(whole, change, ())
        by_rule: dict[str, tuple[ResourceRule, list[PropertyChange]]] = {}
        for detail in change.details:
            rule = _first(subject, change, detail)
            by_rule.setdefault(rule.id, (rule, []))[1].append(detail)
        for rule, details in by_rule.values():
            yield _finding(rule, change, details)


def _first(subject: Subject, change: Change, detail: PropertyChange | None) -> ResourceRule:
    return next(rule for rule in RESOURCE_RULES if rule.matches(subject, change, detail))


def _finding(rule: ResourceRule, change: Change, details: Iterable[PropertyChange]) -> Finding:
    return Finding(rule=rule, what=_words(change, details), stack=change.stack, resource=change.logical_id)


def _words(change: Change, details: Iterable[PropertyChange]) -> str:
    resource = f"{change.type} {change.logical_id}"
    if change.physical_id and change.physical_id != change.logical_id:
        resource += f" ({change.physical_id})"
    names = ", ".join(dict.fromkeys(_detail(each) for each in details))
    match change.action:
        case Action.ADD:
            return f"{resource} was deleted, and is created again" if change.lost else f"{resource} is created"
        case Action.SYNC:
            return f"{resource} stays as it is"
        case Action.IMPORT:
            return f"{resource} is imported into the stack as it is"
        case Action.REMOVE:
            return f"{resource} leaves the stack and {'stays in the account' if change.retained else 'is deleted'}"
        case Action.MODIFY | Action.DYNAMIC:
            pass
    because = f" for {names}" if names else ""
    match change.replacement:
        case Replacement.ALWAYS:
            kept = "the old one stays in the account" if change.retained else "the old one is deleted"
            return f"{resource} is replaced{because}; {kept}"
        case Replacement.MAYBE:
            return f"{resource} may be replaced{because}"
        case Replacement.NEVER:
            return f"{resource}: {names or 'something'} changes"


def _detail(detail: PropertyChange) -> str:
    name = detail.name or detail.attribute
    values = detail.before, detail.after
    if any(each is None or len(each) > _SHOWN or each.startswith(("{", "[")) for each in values):
        return name
    return f"{name} from {detail.before} to {detail.after}"
