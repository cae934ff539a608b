"""The policy elements that the evaluator supports; statements with others are made uncertain before evaluation.

The evaluator treats an unknown operator as one that does not match, a statement without Action as one that matches
everything, and a wildcard inside a principal as a pattern. AWS does not. So every statement is examined first: what is
uncertain is removed, and the statement is evaluated twice, as if that were fulfilled and as if it were not. The request
is decided only where both results agree.

Sources: "IAM JSON policy elements reference", "Elements in a key policy", PutKeyPolicy of the KMS API reference
(docs.aws.amazon.com, checked 2026-11-22).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from pinekeep.model.policies.compare import is_orphan

Document = dict[str, Any]


class Part(StrEnum):
    """The kind of policy that contains a statement: each supports other elements."""

    TRUST = "trust policy"
    KEY = "key policy"
    BUCKET = "bucket policy"
    PERMISSIONS = "permissions policy"


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A statement in the form that the evaluator supports.

    ``best``, ``worst``: the statement in the best and worst case for the caller; None where it then has no effect.
    ``doubts``: why the two differ; none where the statement is certain. ``ineffective``: why AWS ignores it, or None.
    """

    best: Document | None
    worst: Document | None
    doubts: tuple[str, ...] = ()
    ineffective: str | None = None


ANYBODY: Final[Document] = {"AWS": "*"}
_ELEMENTS: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
OPERATORS: Final = frozenset(
    {
        "stringequals",
        "stringnotequals",
        "stringequalsignorecase",
        "stringnotequalsignorecase",
        "stringlike",
        "stringnotlike",
        "arnequals",
        "arnlike",
        "arnnotequals",
        "arnnotlike",
        "bool",
        "numericequals",
        "numericnotequals",
        "numericlessthan",
        "numericlessthanequals",
        "numericgreaterthan",
        "numericgreaterthanequals",
    }
)
"""The supported condition operators, besides ``Null``. Those for dates, addresses and binary values belong to keys
whose values are unknown in every request of the table."""

RESOURCE_ACCOUNT: Final = "pinekeep:resourceaccount"
"""Stands for the condition keys of the resource's account: the evaluator takes it from the ARN, and that of a bucket
has none."""
_RESOURCE_ACCOUNT_KEYS: Final = frozenset({"aws:resourceaccount", "s3:resourceaccount"})
_RESOLVED_KEYS: Final = frozenset({"aws:principalarn", "aws:principalaccount", "aws:principaltype"})
"""The condition keys that follow from the principal."""

_SET_PREFIXES: Final = ("forallvalues:", "foranyvalue:")
_PRINCIPAL: Final = re.compile(r"^(\*|\d{12}|arn:[a-z-]+:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]+))$")
_SESSION: Final = re.compile(r"^arn:([a-z-]+):sts::(\d{12}):assumed-role/([\w+=,.@-]+)/.+$")
_ARN_PARTS: Final = 6


def examine(found: Any, *, part: Part, known: frozenset[str], callers: frozenset[str]) -> Examined:
    """Return a statement in the form that the evaluator supports.

    ``known``: the condition keys, in lower case, whose values are known. ``callers``: the ARNs of all principals, to
    detect one that differs in case.
    """
    if not isinstance(found, Mapping):
        return unknown("a statement is not an object")
    if part is Part.KEY and not (found.get("Action") or found.get("NotAction")):
        return Examined(best=None, worst=None, ineffective="it has no Action")
    if part is Part.KEY and not (found.get("Resource") or found.get("NotResource")):
        return Examined(best=None, worst=None, ineffective="it has no Resource")
    asked: Document = {"Action": "*", "Resource": "*"}
    doubts = [f"{each} is not an element of a statement" for each in sorted(set(found) - _ELEMENTS)]
    doubts += _pattern_element(found, asked, "Action")
    doubts += _resources(found, asked, part)
    doubts += _conditions(found.get("Condition"), asked, known)
    certain, possible, who = _principals(found, part=part, callers=callers)
    effect = found.get("Effect")
    if effect not in ("Allow", "Deny"):
        return unknown(f"its Effect is {effect!r}")
    surely = None if doubts or not certain else {**asked, "Effect": effect, **_to(certain, part)}
    at_most = {**asked, "Effect": effect, **_to([*certain, *possible], part)}
    best, worst = (at_most, surely) if effect == "Allow" else (surely, at_most)
    return Examined(best=best, worst=worst, doubts=(*doubts, *who))


def numbered(policy: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    """Yield the statements of a policy with their numbers, from 1; a single statement needs no list."""
    found = policy.get("Statement")
    return enumerate(found if isinstance(found, list) else [found], start=1)


def unknown(why: str) -> Examined:
    """Return the stand-in for a statement, or a whole policy, that is unknown."""
    anything = {"Principal": ANYBODY, "Action": "*", "Resource": "*"}
    return Examined(best={**anything, "Effect": "Allow"}, worst={**anything, "Effect": "Deny"}, doubts=(why,))


def _to(principals: list[str], part: Part) -> Document:
    return {} if part is Part.PERMISSIONS else {"Principal": {"AWS": principals}}


# --- Actions and resources ---


def _resources(found: Mapping[str, Any], asked: Document, part: Part) -> Iterator[str]:
    if part is Part.TRUST:
        if "Resource" in found or "NotResource" in found:
            yield "AWS rejects a trust policy with a Resource"
        return
    yield from _pattern_element(found, asked, "Resource")


def _pattern_element(found: Mapping[str, Any], asked: Document, name: str) -> Iterator[str]:
    given = [each for each in (name, f"Not{name}") if each in found]
    if len(given) != 1:
        yield f"it has both {name} and Not{name}" if given else f"it has no {name}"
        return
    values = _texts(found[given[0]])
    if values is None:
        yield f"its {given[0]} is neither a string nor a list of strings"
    elif any("${" in value for value in values):
        yield f"its {given[0]} contains a policy variable"
    else:
        del asked[name]
        asked[given[0]] = values


def _texts(found: Any) -> list[str] | None:
    """Return a value as a list of texts, booleans as AWS writes them; None where it is neither, or is empty."""
    values = found if isinstance(found, list) else [found]
    texts = [str(each).lower() if isinstance(each, bool) else each for each in values]
    return texts if texts and all(isinstance(each, str) for each in texts) else None


# --- Conditions ---


def _conditions(found: Any, asked: Document, known: frozenset[str]) -> Iterator[str]:
    if found is None:
        return
    if not isinstance(found, Mapping) or not all(isinstance(each, Mapping) for each in found.values()):
        yield "its Condition is malformed"
        return
    kept: dict[str, dict[str, list[str]]] = {}
    for operator, keys in found.items():
        for key, value in keys.items():
            values = _texts(value)
            doubt = _condition_doubt(str(operator), str(key), values, known)
            if doubt is not None:
                yield doubt
            elif values is not None:
                kept.setdefault(operator, {})[_as_evaluated(str(key))] = values
    if kept:
        asked["Condition"] = kept


def _as_evaluated(key: str) -> str:
    return RESOURCE_ACCOUNT if key.lower() in _RESOURCE_ACCOUNT_KEYS else key


def _condition_doubt(operator: str, key: str, values: list[str] | None, known: frozenset[str]) -> str | None:
    name = operator.lower()
    if name != "null":
        for prefix in _SET_PREFIXES:
            name = name.removeprefix(prefix)
        name = name.removesuffix("ifexists")
        if name not in OPERATORS:
            return f"the condition operator {operator} cannot be evaluated here"
    if key.lower() not in known | _RESOLVED_KEYS | _RESOURCE_ACCOUNT_KEYS:
        return f"the value of the condition key {key} in such a request is unknown"
    if values is None:
        return f"the values of {operator} {key} are not strings"
    if any("${" in value for value in values):
        return f"the condition {operator} {key} contains a policy variable"
    if name in ("bool", "null") and (
        not all(value.lower() in ("true", "false") for value in values) or (name == "null" and len(values) != 1)
    ):
        return f"the values of {operator} {key} are not true or false"
    if name.startswith("numeric") and not all(re.fullmatch(r"-?\d+(\.\d+)?", value) for value in values):
        return f"the values of {operator} {key} are not numbers"
    if name.startswith("arn") and any(value.count(":") < _ARN_PARTS - 1 for value in values):
        return f"a value of {operator} {key} is not a complete ARN"
    return None


# --- Principals ---


@lru_cache(maxsize=4)
def _folded(callers: frozenset[str]) -> Mapping[str, str]:
    """Return the callers by their ARNs in lower case. Called for each statement, with the same argument."""
    return {each.lower(): each for each in callers}


def _roles_of_session(partition: str, account: str, name: str, callers: frozenset[str]) -> list[str]:
    """Return the possible roles of a session. Its ARN has the role's name without the role's path."""
    under = f"arn:{partition}:iam::{account}:role/"
    pathed = sorted(each for each in callers if each.startswith(under) and each.rpartition("/")[2] == name)
    return pathed or [f"{under}{name}"]


def _principals(
    found: Mapping[str, Any], *, part: Part, callers: frozenset[str]
) -> tuple[list[str], list[str], list[str]]:
    """Return the principals that certainly match, those that may, and the doubts."""
    if part is Part.PERMISSIONS:
        named = "Principal" in found or "NotPrincipal" in found
        return (["*"], [], []) if not named else ([], ["*"], ["AWS rejects a permissions policy with a Principal"])
    if "NotPrincipal" in found:
        return [], ["*"], ["it uses NotPrincipal"]
    principal = found.get("Principal")
    if isinstance(principal, Mapping):
        names = _texts(principal.get("AWS", [])) if "AWS" in principal else []
    else:
        names = ["*"] if principal == "*" else None
    if names is None:
        return [], ["*"], [f"AWS rejects a {part.value} with a statement without a valid Principal"]
    certain: list[str] = []
    possible: list[str] = []
    doubts: list[str] = []
    folded = _folded(callers)
    for name in names:
        session = _SESSION.match(name)
        if session:
            partition, account, role = session.groups()
            possible += _roles_of_session(partition, account, role, callers)
            doubts.append(f"it names one session of a role, {name}: whether it is this session is unknown")
        elif name.lower() in folded and name not in callers:
            possible.append(folded[name.lower()])
            doubts.append(f"it names {name}, which differs in case from {folded[name.lower()]}")
        elif _PRINCIPAL.match(name) or is_orphan(name):
            certain.append(name)
        else:
            possible.append("*")
            doubts.append(f"it names {name}, which is not a principal that can be evaluated here")
    return certain, possible, doubts
