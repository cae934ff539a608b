"""Comparing policies by what they mean, whatever the order, the spelling and the shape they are stored in.

Sources: the IAM policy grammar, and "AWS JSON policy elements: Principal" (docs.aws.amazon.com): an account number
and the ARN of its root are one principal; action names and condition keys ignore case; a single value may stand for a
list of one.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import unquote

from pinekeep.model.arns import root_arn

EVERYONE: Final = "*"
EXTERNAL_ID_KEY: Final = "sts:externalid"

_ACCOUNT: Final = re.compile(r"^\d{12}$")
_ROOT: Final = re.compile(r"^arn:[a-z-]+:iam::(\d{12}):root$")
_ORPHAN: Final = re.compile(r"^(AROA|AIDA)[A-Z0-9]{8,}$")
_SHOWN: Final = 8
_ORPHAN_KINDS: Final = {"AROA": "role", "AIDA": "user"}


class PolicyFormatError(ValueError):
    """A text is no policy document."""


@dataclass(frozen=True)
class Condition:
    """One line of a condition block: an operator, a key, and the values of which one must match."""

    operator: str
    key: str
    values: frozenset[str]

    @property
    def meaning(self) -> tuple[str, str, frozenset[str]]:
        """What two conditions of the same meaning share."""
        return self.operator.lower(), self.key.lower(), self.values

    def __str__(self) -> str:
        values = sorted(self.values)
        if self.key.lower() == EXTERNAL_ID_KEY:
            values = [shortened(value) for value in values]
        return f"{self.operator} {self.key} {' or '.join(values)}"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, its lists as sets.

    Attributes:
        sid: its name, which means nothing to AWS.
        effect: ``Allow`` or ``Deny``.
        principals: whom it is about: ``*``, ARNs, IDs of deleted principals, or ``Service:`` and a name.
        not_principals: whom it is not about, where it is written that way.
        actions: what it is about, in the spelling found.
        not_actions: what it is not about, where it is written that way.
        resources: on what.
        not_resources: not on what, where it is written that way.
        conditions: when.
    """

    sid: str | None
    effect: str
    principals: frozenset[str]
    not_principals: frozenset[str]
    actions: frozenset[str]
    not_actions: frozenset[str]
    resources: frozenset[str]
    not_resources: frozenset[str]
    conditions: frozenset[Condition]

    @property
    def meaning(self) -> tuple[object, ...]:
        """What two statements of the same meaning share."""
        return (
            self.effect,
            self.principals,
            self.not_principals,
            _folded(self.actions),
            _folded(self.not_actions),
            self.resources,
            self.not_resources,
            frozenset(condition.meaning for condition in self.conditions),
        )

    @property
    def allows(self) -> bool:
        """Whether it allows, rather than denies."""
        return self.effect == "Allow"

    def __str__(self) -> str:
        whom = ", ".join(sorted(named(each) for each in self.principals)) or "no principal"
        if self.not_principals:
            whom = f"all but {', '.join(sorted(named(each) for each in self.not_principals))}"
        what = ", ".join(sorted(self.actions)) or f"all but {', '.join(sorted(self.not_actions))}"
        name = f"statement {self.sid}" if self.sid else "a statement"
        when = f" if {' and '.join(sorted(map(str, self.conditions)))}" if self.conditions else ""
        return f"{name} ({self.effect} {what} for {whom}{when})"


# --- Reading ---


def parse(document: str | Mapping[str, Any]) -> list[Statement]:
    """Return a policy's statements, from a dictionary or (URL-encoded) JSON. Raises PolicyFormatError if it is none."""
    if isinstance(document, str):
        text = document.strip()
        try:
            document = json.loads(unquote(text) if text.startswith("%7B") else text)
        except ValueError as error:
            raise PolicyFormatError("the policy is not JSON") from error
    found = document.get("Statement") if isinstance(document, Mapping) else None
    statements = [found] if isinstance(found, Mapping) else found
    if not isinstance(statements, list) or not all(isinstance(each, Mapping) for each in statements):
        raise PolicyFormatError("the policy has no statements")
    return [_statement(each) for each in statements]


def _statement(found: Mapping[str, Any]) -> Statement:
    return Statement(
        sid=found.get("Sid") or None,
        effect=str(found.get("Effect")),
        principals=_principals(found.get("Principal")),
        not_principals=_principals(found.get("NotPrincipal")),
        actions=_texts(found.get("Action")),
        not_actions=_texts(found.get("NotAction")),
        resources=_texts(found.get("Resource")),
        not_resources=_texts(found.get("NotResource")),
        conditions=frozenset(
            Condition(str(operator), str(key), _condition_values(str(operator), values))
            for operator, keys in (found.get("Condition") or {}).items()
            for key, values in keys.items()
        ),
    )


def _principals(found: Any) -> frozenset[str]:
    if found is None:
        return frozenset()
    if not isinstance(found, Mapping):
        return frozenset(map(principal, _texts(found)))
    return frozenset(
        principal(value) if kind == "AWS" else f"{kind}:{value}"
        for kind, values in found.items()
        for value in _texts(values)
    )


def principal(written: str) -> str:
    """Return one way of writing for the several that mean the same principal."""
    return root_arn(written) if _ACCOUNT.match(written) else written


def _texts(found: Any) -> frozenset[str]:
    if found is None:
        return frozenset()
    return frozenset(map(_text, found)) if isinstance(found, list) else frozenset({_text(found)})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _condition_values(operator: str, values: Any) -> frozenset[str]:
    texts = _texts(values)
    return _folded(texts) if operator.lower().startswith(("bool", "null")) else texts


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for word in words)


# --- Telling ---


def shortened(value: str) -> str:
    """Return the beginning of a value that is not ours to print whole."""
    return value if len(value) <= _SHOWN else value[:_SHOWN] + "…"


def is_orphan(written: str) -> bool:
    """Tell whether this stands for a principal that is no more: AWS shows its ID then in place of its ARN."""
    return bool(_ORPHAN.match(written))


def named(written: str) -> str:
    """Return a principal as a person would call it."""
    if written == EVERYONE:
        return "* (everyone)"
    if is_orphan(written):
        kind = _ORPHAN_KINDS[written[:4]]
        return f"{written} (a deleted {kind}; one made again under the same name is not the same)"
    root = _ROOT.match(written)
    return f"account {root[1]}" if root else written


def covers(pattern: str, action: str) -> bool:
    """Tell whether a pattern of actions takes in an action, or all that another pattern takes in."""
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))


def differences(found: Statement, wanted: Statement) -> list[str]:
    """Return in words what a statement has and lacks against the one that is wanted; none if they mean the same."""
    if found.meaning == wanted.meaning:
        return []
    told = [f"it says {found.effect}, not {wanted.effect}"] if found.effect != wanted.effect else []
    verb = "allows" if found.allows else "denies"
    told += [f"it names {named(each)} too" for each in sorted(found.principals - wanted.principals)]
    unnamed = [] if EVERYONE in found.principals else sorted(wanted.principals - found.principals)
    told += [f"it does not name {named(each)}" for each in unnamed]
    told += [f"it {verb} {each} too" for each in _beyond(found.actions, wanted.actions)]
    told += [f"it lacks {each}" for each in _beyond(wanted.actions, found.actions) if not _is_spared(each, found)]
    told += [
        f"it is written with {word}"
        for word, values in (
            ("NotPrincipal", found.not_principals),
            ("NotAction", found.not_actions),
            ("NotResource", found.not_resources),
        )
        if values
    ]
    if found.resources != wanted.resources:
        told.append(f"it is for resource {', '.join(sorted(found.resources)) or 'none'}")
    had = {condition.meaning for condition in found.conditions}
    needed = {condition.meaning for condition in wanted.conditions}
    told += [f"it lacks the condition {each}" for each in _sorted(wanted.conditions) if each.meaning not in had]
    told += [f"it has the condition {each} too" for each in _sorted(found.conditions) if each.meaning not in needed]
    return told


def _beyond(these: Iterable[str], those: Iterable[str]) -> list[str]:
    """Return the actions that no pattern of the others takes in: a wider pattern has what it covers."""
    patterns = list(those)
    return sorted(each for each in these if not any(covers(pattern, each) for pattern in patterns))


def _is_spared(action: str, found: Statement) -> bool:
    """Tell whether a statement written with NotAction is about an action all the same."""
    return bool(found.not_actions) and not any(covers(each, action) for each in found.not_actions)


def _sorted(conditions: Iterable[Condition]) -> list[Condition]:
    return sorted(conditions, key=str)


# --- Pairing ---


@dataclass(frozen=True)
class Pairing:
    """Which statement found is which statement wanted.

    ``pairs``: each wanted statement with the one found for it: of the same meaning, else the most alike, else None.
    ``others``: what was found besides.
    """

    pairs: tuple[tuple[Statement, Statement | None], ...]
    others: tuple[Statement, ...]


def pair(*, found: Iterable[Statement], wanted: Iterable[Statement]) -> Pairing:
    """Pair the statements of a policy with those wanted: by meaning first, then by name, then by likeness."""
    left = list(found)
    asked = list(wanted)
    chosen: dict[int, Statement] = {}
    for fits in (_means_the_same, _has_the_same_name, _is_alike):
        for index, want in enumerate(asked):
            match = None if index in chosen else next((each for each in left if fits(each, want)), None)
            if match is not None:
                chosen[index] = match
                left.remove(match)
    pairs = tuple((want, chosen.get(index)) for index, want in enumerate(asked))
    return Pairing(pairs=pairs, others=tuple(left))


def _means_the_same(found: Statement, wanted: Statement) -> bool:
    return found.meaning == wanted.meaning


def _has_the_same_name(found: Statement, wanted: Statement) -> bool:
    return found.sid is not None and found.sid == wanted.sid


def _is_alike(found: Statement, wanted: Statement) -> bool:
    same_actions = bool(_folded(found.actions) & _folded(wanted.actions))
    return found.effect == wanted.effect and same_actions
