"""Other forms of the same: statements that are written otherwise and decide alike, found without an evaluator.

Sources: "IAM JSON policy elements: Condition operators" (StringLike takes ``*`` and ``?`` for wildcards and compares
case; ArnEquals and ArnLike behave alike), "Multivalued context keys" and "AWS KMS condition keys"
(docs.aws.amazon.com, checked 2026-11-29).
"""

from collections.abc import Collection, Iterable
from typing import Final

from pinekeep.model.policies.compare import EVERYONE, Condition, Statement, covers

PRINCIPAL_ARN_KEY: Final = "aws:principalarn"
_CALLER_ACCOUNT_KEYS: Final = frozenset({"kms:calleraccount", "aws:principalaccount"})
_EXACT: Final = frozenset({"stringequals", "stringlike"})
_ARN_OPERATORS: Final = frozenset({"arnlike", "arnequals"})
_ANY_VALUE: Final = "foranyvalue:"
_ACCOUNT_PART: Final = 4

Meaning = tuple[str, str, frozenset[str]]


def condition_meaning(condition: Condition) -> Meaning:
    """Return what conditions share that are fulfilled alike, however they are written."""
    operator, key, values = condition.meaning
    operator = operator.removeprefix(_ANY_VALUE)  # on a key with one value, as all are that are used here
    if key == PRINCIPAL_ARN_KEY and operator in _ARN_OPERATORS:
        operator = "stringlike"
    if operator == "stringlike" and not any(map(is_pattern, values)):
        operator = "stringequals"
    return operator, key, values


def meanings(statement: Statement) -> frozenset[Meaning]:
    """Return the conditions of a statement in meaning, without those that its principals fulfil anyway."""
    found = (each for each in statement.conditions if not always_fulfilled(each, statement.principals))
    return frozenset(map(condition_meaning, found))


def always_fulfilled(condition: Condition, principals: Collection[str]) -> bool:
    """Tell whether a condition on the caller's account is fulfilled by each of the principals that are named."""
    operator, key, values = condition_meaning(condition)
    if operator not in _EXACT or key not in _CALLER_ACCOUNT_KEYS or not principals:
        return False
    accounts = {_account_of(each) for each in principals}
    return None not in accounts and accounts <= values


def _account_of(principal: str) -> str | None:
    parts = principal.split(":")
    return parts[_ACCOUNT_PART] if len(parts) > _ACCOUNT_PART and parts[0] == "arn" else None


def is_pattern(value: str) -> bool:
    """Tell whether a value holds one of IAM's wildcards."""
    return "*" in value or "?" in value


def gives(statements: Iterable[Statement], action: str, *, wanted: Statement) -> bool:
    """Tell whether statements together do for one action what a wanted statement does, or more.

    ``statements``: what is there. ``wanted``: the statement whose effect, principals, resources and conditions are to
    be had.
    """
    there = [
        each
        for each in statements
        if each.effect == wanted.effect
        and any(covers(pattern, action) for pattern in each.actions)
        and (wanted.resources <= each.resources or EVERYONE in each.resources)
        and not each.not_resources
        and meanings(each) <= meanings(wanted)
    ]
    return all(any({one, EVERYONE} & each.principals for each in there) for one in wanted.principals)


def repeats(statement: Statement, wanted: Iterable[Statement]) -> bool:
    """Tell whether a statement says nothing that the wanted ones do not say already."""
    turned = statement.not_actions or statement.not_principals or statement.not_resources
    asked = list(wanted)
    return (
        not turned
        and bool(statement.actions)
        and all(gives(asked, action, wanted=statement) for action in statement.actions)
    )
