"""Decisions for hundreds of customers: requests that differ in the account alone are decided once.

Two requests are equivalent when replacing the account and the key's ARN turns one into the other, in everything that
the evaluator receives: principal, request, and every relevant statement. Both then have the same decision, as long as
the accounts are distinguished by name only. Only a pattern can do otherwise, so a statement with such a pattern is
decided by itself, and so is everything that is not clearly equivalent. A test compares the results with individual
decisions.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pinekeep.decisions.access.decision import Decision
from pinekeep.decisions.access.evaluation import Decider, refused_by_itself
from pinekeep.decisions.access.evaluator import known_keys
from pinekeep.decisions.access.policies import KeyPolicy, Resource
from pinekeep.decisions.access.principals import Identity, Kind, Principal
from pinekeep.decisions.access.requests import Request
from pinekeep.decisions.access.verdict import Side, Sides, Verdict
from pinekeep.decisions.access.vocabulary import Document
from pinekeep.model.policies.permissions import account_keys_arn

_ACCOUNT: Final = re.compile(r"(?<=:)\d{12}(?=:)")
_ACTION: Final = re.compile(r"[A-Za-z0-9-]+:[A-Za-z*?]*")
_OWNER, _KEY = "\0owner", "\0key"
"""Placeholders for the account and the key; no policy contains these."""

Known = frozenset[str]
Shape = tuple[Any, ...]


class AlikeDecider:
    """Decides all requests on a role, key or bucket. The decider decides those that are equivalent to none before."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider
        self._grants = _Grants(decider)
        self._plans: dict[Shape, _Plan] = {}

    def decisions(
        self, resource: Resource, requests: Sequence[Request], principals: Sequence[Principal]
    ) -> Iterator[Decision]:
        """Yield the decision on each request, and within it for each principal."""
        if resource.account == self._decider.policies.account or not isinstance(resource, KeyPolicy):
            return self._with_like_callers(resource, requests, principals)
        sides = {known: self._sides(resource, principals, known) for known in {known_keys(each) for each in requests}}
        shape = _shape(resource, requests, principals, sides)
        if shape is None:
            return (self._decider.decide(who, each) for each in requests for who in principals)
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plans[shape] = self._plan(resource, requests, principals, sides)
        return plan.decisions(sides, self._decider.policies.title(resource))

    # --- Keys of customers, which are alike ---

    def _sides(self, key: KeyPolicy, principals: Sequence[Principal], known: Known) -> dict[str, Sides]:
        """Return the policies that apply to each principal, without the statements about other keys."""
        found = {}
        for who in principals:
            sides = self._decider.sides(who, key, known)
            if who.identity is Identity.OWN:
                sides = self._grants.narrowed(sides, who, key, known)
            found[who.id] = sides
        return found

    def _plan(
        self,
        key: KeyPolicy,
        requests: Sequence[Request],
        principals: Sequence[Principal],
        sides: Mapping[Known, Mapping[str, Sides]],
    ) -> "_Plan":
        cells: list[int] = []
        outcomes: dict[Decision | tuple[Verdict, Known, int], int] = {}
        # Wherever the same policies of callers meet the key's, the same is said.
        first: dict[tuple[Known, int, int], int] = {}
        for request in requests:
            known = known_keys(request)
            for place, who in enumerate(principals):
                outcome: Decision | tuple[Verdict, Known, int] | None = refused_by_itself(who, request, key)
                if outcome is None:
                    met = sides[known][who.id]
                    said = first.setdefault((known, id(met.identity), id(met.boundary)), place)
                    outcome = self._decider.verdict(who, request, key, met), known, said
                cells.append(outcomes.setdefault(outcome, len(outcomes)))
        return _Plan(tuple(cells), tuple(outcomes))

    # --- Callers of customers, who are alike ---

    def _with_like_callers(
        self, resource: Resource, requests: Sequence[Request], principals: Sequence[Principal]
    ) -> Iterator[Decision]:
        for request in requests:
            decided: dict[str, Decision] = {}
            texts: _Texts | None = None
            for who in principals:
                if who.kind is not Kind.CUSTOMER:
                    yield self._decider.decide(who, request)
                    continue
                if texts is None:
                    texts = _Texts.of([self._decider.sides(who, resource, known_keys(request)).resource])
                name = who.arn.replace(who.account, _OWNER)
                named = who.account in resource.arn or who.account in texts.all
                if named or not texts.are_indifferent(who.account, [who.arn]):
                    yield self._decider.decide(who, request)
                    continue
                if name not in decided:
                    decided[name] = self._decider.decide(who, request)
                yield decided[name]


@dataclass(frozen=True)
class _Plan:
    """The decisions on the requests on any key of one shape.

    ``cells``: for each request, and within it each principal, the index of the outcome. ``outcomes``: a decision, or a
    verdict with the known condition keys and the position of the principal.
    """

    cells: tuple[int, ...]
    outcomes: tuple[Decision | tuple[Verdict, Known, int], ...]

    def decisions(self, sides: Mapping[Known, Mapping[str, Sides]], title: str) -> Iterator[Decision]:
        """Return an iterator over the decisions on one key."""
        by_place = {known: list(each.values()) for known, each in sides.items()}
        told = [
            each if isinstance(each, Decision) else each[0].worded(by_place[each[1]][each[2]], title)
            for each in self.outcomes
        ]
        return map(told.__getitem__, self.cells)


def _shape(
    key: KeyPolicy,
    requests: Sequence[Request],
    principals: Sequence[Principal],
    sides: Mapping[Known, Mapping[str, Sides]],
) -> Shape | None:
    """Return what is equal for all equivalent keys; None where a key may be equivalent to none."""
    varying = [key.arn, *(who.arn for who in principals)]
    shapes: list[Any] = [
        (each.name, each.action, each.group, tuple(sorted(each.context.items(), key=str))) for each in requests
    ]
    for who in principals:
        shapes.append((who.account == key.account, _renamed(who.arn, key), who.identity))
    seen: dict[int, str | None] = {}
    for known, by_principal in sides.items():
        shapes.append(known)
        for each in by_principal.values():
            for side in (each.resource, each.identity, each.boundary):
                # Most sides are the same for many principals.
                if side is not None and id(side) not in seen:
                    seen[id(side)] = _written(side, key, varying)
                shape = "" if side is None else seen[id(side)]
                if shape is None:
                    return None
                shapes.append(shape)
    return tuple(shapes)


def _written(side: Side, key: KeyPolicy, varying: Sequence[str]) -> str | None:
    if not _Texts.of([side]).are_indifferent(key.account, varying):
        return None
    return _renamed(json.dumps([[each.best, each.worst, each.doubts] for _, each in side.statements]), key)


def _renamed(text: str, key: KeyPolicy) -> str:
    return text.replace(key.arn, _KEY).replace(key.account, _OWNER)


@dataclass(frozen=True)
class _Texts:
    """The texts in statements, joined. ``patterns``: those with a wildcard and more than that, except actions."""

    all: str
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, sides: Iterable[Side]) -> "_Texts":
        """Return the texts in the statements of policies."""
        documents = [one for side in sides for _, each in side.statements for one in (each.best, each.worst)]
        texts = list(dict.fromkeys(_texts(documents)))
        marked = (each for each in texts if "*" in each or "?" in each)
        return cls("\n".join(texts), tuple(each for each in marked if each != "*" and not _ACTION.fullmatch(each)))

    def are_indifferent(self, account: str, varying: Sequence[str]) -> bool:
        """Return whether the patterns treat an account like any other in its place.

        A pattern that names the account, as all of the account's keys are named, does. So does one that names another
        account: it matches nothing that lacks that one. ``varying``: the texts with the account that the patterns may
        be matched against.
        """
        for pattern in self.patterns:
            if pattern == account_keys_arn(account):
                continue
            others = set(_ACCOUNT.findall(pattern)) - {account}
            if not others or any(f":{other}:" in text for other in others for text in varying if account in text):
                return False
        return True


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


class _Grants:
    """The statements of our roles about customers' keys, indexed by the customer's account."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider
        self._found: dict[tuple[str, Known], _ByAccount] = {}

    def narrowed(self, sides: Sides, who: Principal, key: KeyPolicy, known: Known) -> Sides:
        """Return the policies, with only the statements and resources that can match a key."""
        index = (who.id, known)
        if index not in self._found:
            self._found[index] = _ByAccount(sides.identity)
        return replace(sides, identity=self._found[index].about(key))


class _ByAccount:
    """The statements of a permissions policy, with their resources by account."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._by_account: dict[str, dict[int, list[str]]] = {}
        self._always: dict[int, list[str] | None] = {}
        for index, (_, each) in enumerate(side.statements):
            documents = [one for one in (each.best, each.worst) if one is not None]
            resources = documents[0].get("Resource") if documents else []
            if not isinstance(resources, list):
                self._always[index] = None
                continue
            anywhere: list[str] = []
            for resource in resources:
                accounts = set(_ACCOUNT.findall(resource))
                if len(accounts) == 1:
                    self._by_account.setdefault(accounts.pop(), {}).setdefault(index, []).append(resource)
                else:
                    anywhere.append(resource)
            if anywhere:
                self._always[index] = anywhere

    def about(self, key: KeyPolicy) -> Side:
        """Return the statements that can match a key, each with the resources that can match it."""
        mine = self._by_account.get(key.account, {})
        statements = []
        for index in sorted({*mine, *self._always}):
            ref, each = self._side.statements[index]
            kept = self._always.get(index, [])
            if kept is not None:
                kept = [one for one in (*kept, *mine.get(index, ())) if "*" in one or "?" in one or one == key.arn]
                if not kept:
                    continue
                each = replace(each, best=_about(each.best, kept), worst=_about(each.worst, kept))
            statements.append((ref, each))
        return Side(tuple(statements))


def _about(document: Document | None, resources: list[str]) -> Document | None:
    return None if document is None else {**document, "Resource": resources}
