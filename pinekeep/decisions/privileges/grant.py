"""Grants: permissions before the deployments are known, and the statements made of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pinekeep.decisions.privileges.scope import Scope
from pinekeep.model.naming import DEPLOYMENT_TAG
from pinekeep.model.policies.document import Statement

Condition = dict[str, dict[str, list[str] | str]]
Resources = Callable[[Scope], list[str]]

EVERYTHING: Final = ["*"]


@dataclass(frozen=True)
class Grant:
    """Actions on resources. Grants of the same ``sid`` become one statement.

    Attributes:
        sid: the statement's ID; it names the purpose.
        on: the resources in words, for the documentation.
        resources: returns the ARNs, or :data:`EVERYTHING`.
        wildcard: why the resource is ``*``; required wherever it is.
        effect: Allow, or Deny for what no other policy may allow.
    """

    sid: str
    actions: Sequence[str]
    on: str
    resources: Resources
    condition: Callable[[Scope], Condition] | None = None
    wildcard: str | None = None
    effect: Literal["Allow", "Deny"] = "Allow"


def grant(
    sid: str,
    *actions: str,
    on: str,
    resources: Resources,
    condition: Callable[[Scope], Condition] | None = None,
    wildcard: str | None = None,
    effect: Literal["Allow", "Deny"] = "Allow",
) -> Grant:
    """Return a grant; see :class:`Grant`."""
    return Grant(sid, actions, on, resources, condition, wildcard, effect)


@dataclass(frozen=True, kw_only=True)
class ResourceKind:
    """The permissions of CloudFormation for one type of resource.

    Together, ``grants`` and ``left_out`` are the permissions that CloudFormation's registry lists for the handlers of
    the type; a test compares them. ``name``: the type, as in ``AWS::KMS::Key``. ``left_out``: the permissions that the
    templates do not need, each with the reason.
    """

    name: str
    grants: tuple[Grant, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


def by_sid(grants: Iterable[Grant]) -> dict[str, list[Grant]]:
    """Return the grants of each statement."""
    found: dict[str, list[Grant]] = {}
    for each in grants:
        found.setdefault(each.sid, []).append(each)
    return found


def actions_in(grants: Iterable[Grant]) -> list[str]:
    """Return the actions of grants, each once."""
    return list(dict.fromkeys(action for each in grants for action in each.actions))


def statements(grants: Iterable[Grant], scope: Scope) -> list[Statement]:
    """Return the statements of grants for deployments, in order; a grant without a resource in the scope makes none."""
    made = []
    for sid, same in by_sid(grants).items():
        first = same[0]
        resources = first.resources(scope)
        if not resources:
            continue
        statement: Statement = {"Sid": sid, "Effect": first.effect, "Action": actions_in(same), "Resource": resources}
        if first.condition and (condition := first.condition(scope)):
            statement["Condition"] = condition
        made.append(statement)
    return made


# --- Conditions that several grants share ---


def in_the_regions(scope: Scope) -> Condition:
    """The call is made in one of the deployments' Regions."""
    return {"StringEquals": {"aws:RequestedRegion": scope.regions}}


def tagged(scope: Scope) -> Condition:
    """The resource has the tag of one of the deployments."""
    return _tag(scope, "aws:ResourceTag")


def being_tagged(scope: Scope) -> Condition:
    """The call adds the tag of one of the deployments."""
    return _tag(scope, "aws:RequestTag")


def _tag(scope: Scope, key: str) -> Condition:
    operator = "StringLike" if "*" in scope.names else "StringEquals"
    return {operator: {f"{key}/{DEPLOYMENT_TAG}": scope.names}}


def both(*conditions: Condition) -> Condition:
    """Return the condition that requires all of them."""
    merged: Condition = {}
    for condition in conditions:
        for operator, keys in condition.items():
            merged[operator] = {**merged.get(operator, {}), **keys}
    return merged


def left_out(reason: str, *actions: str) -> Mapping[str, str]:
    """Return the actions, each with the reason why it is not granted."""
    return dict.fromkeys(actions, reason)
