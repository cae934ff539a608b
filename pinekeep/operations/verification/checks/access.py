"""What a policy that is not as configured comes to: who gains and who loses what, and what that means."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Unpack

from pinekeep.decisions.access.decision import Way
from pinekeep.decisions.access.principals import Kind
from pinekeep.model.policies.compare import Statement, covers, parse
from pinekeep.model.policies.document import Policy, policy
from pinekeep.model.policies.key import USE_ACTIONS
from pinekeep.operations.verification.checks.check import Subject
from pinekeep.operations.verification.checks.finding import Texts, Verdict, failed, first, noted, passed

if TYPE_CHECKING:
    from pinekeep.decisions.access.differences import Difference
    from pinekeep.decisions.access.policies import PolicySet

ANOTHER_FORM: Final = "another form of the same"
NOBODY: Final = "Nobody gains or loses access."
_SHOWN: Final = 3


@dataclass(frozen=True)
class Problem:
    """One thing that is not as configured, and what it does to access; nothing where it is another form of the same."""

    text: str
    ways: frozenset[Way]


lost = partial(Problem, ways=frozenset({Way.LOST}))
"""A problem that keeps somebody out who is to be let in."""
gained = partial(Problem, ways=frozenset({Way.GAINED}))
"""A problem that lets in somebody who is to be kept out, or lets somebody do more."""
undecided = partial(Problem, ways=frozenset({Way.UNDECIDED}))
"""A problem of which nobody can say what it does."""
same = partial(Problem, ways=frozenset())
"""What is written otherwise and does the same."""


@dataclass(frozen=True, kw_only=True)
class Meanings:
    """What a problem means for Pinecone, in one sentence, by what it does to access."""

    lost: str
    gained: str
    undecided: str

    def of(self, ways: frozenset[Way]) -> str:
        """Return the sentences for some ways, the gravest first."""
        told = {Way.LOST: self.lost, Way.GAINED: self.gained, Way.UNDECIDED: self.undecided}
        return " ".join(sentence for way, sentence in told.items() if way in ways)


def weighed(
    problems: Sequence[Problem], *, fix: str, means: Meanings, right: str | None = None, **texts: Unpack[Texts]
) -> Verdict:
    """Return the verdict on problems; those that change no access are noted. ``right`` is found without any."""
    if not problems:
        return passed(right, **texts)
    ways = frozenset(way for each in problems for way in each.ways)
    if not ways:
        told = "; ".join(each.text for each in problems)
        return noted(f"{ANOTHER_FORM}: {told}", meaning=NOBODY, **texts)
    told = "; ".join(each.text for each in problems if each.ways)
    return failed(told, fix=fix, meaning=means.of(ways), **texts)


def statements_of(document: str | Mapping[str, Any]) -> list[tuple[Statement, dict[str, Any]]]:
    """Return the statements of a policy, each in meaning and as it is written.

    Raises:
        PolicyFormatError: it is no policy document.
    """
    from pinekeep.decisions.access.live import document as read  # noqa: PLC0415 - the evaluator is slow to import

    parsed = parse(document)
    written = read(document)["Statement"]
    return list(zip(parsed, written if isinstance(written, list) else [written], strict=True))


def of_trust(subject: Subject, statements: Iterable[dict[str, Any]]) -> "list[Difference]":
    """Return what differs from what is configured if the role's trust policy had these statements alone."""
    document = policy(statements)

    def change(policies: "PolicySet") -> "PolicySet":
        roles = [replace(each, trust=document) if each.arn == subject.role_arn else each for each in policies.roles]
        return replace(policies, roles=tuple(roles))

    return _compared(subject, change)


def of_key(subject: Subject, statements: Iterable[dict[str, Any]]) -> "list[Difference]":
    """Return what differs from what is configured if the key's policy had these statements alone."""
    document: Policy = json.loads(json.dumps(policy(statements)))
    return _compared(
        subject,
        lambda policies: replace(policies, keys=tuple(replace(each, document=document) for each in policies.keys)),
    )


def configured(subject: Subject) -> "PolicySet":
    """Return the configured policies, without those of customers' keys."""
    from pinekeep.decisions.access.configured import configured_policies  # noqa: PLC0415 - the evaluator is slow to import

    return configured_policies(
        name=subject.name,
        deployment=subject.deployment,
        pinecone_account=str(subject.pinecone_account),
        customers=subject.customers,
        with_customer_keys=False,
    )


def _compared(subject: Subject, change: "Callable[[PolicySet], PolicySet]") -> "list[Difference]":
    from pinekeep.decisions.access.differences import compared  # noqa: PLC0415 - the evaluator is slow to import
    from pinekeep.decisions.access.table import decision_table  # noqa: PLC0415

    wanted = configured(subject)
    return compared(decision_table(wanted), decision_table(change(wanted)))


def ways_of(found: "Iterable[Difference]", statements: Iterable[Statement] = ()) -> frozenset[Way]:
    """Return what differences do to access.

    Whoever is no AWS principal, as a service, has no row in a table: where one of the ``statements`` that made the
    differences lets one in, access is gained.
    """
    ways = {each.way for each in found}
    if any(
        each.allows and any(":" in one and not one.startswith("arn:") for one in each.principals) for each in statements
    ):
        ways.add(Way.GAINED)
    return frozenset(ways)


def concerns_use(statement: Statement) -> bool:
    """Tell whether the actions of a statement take in a use of the key."""
    if statement.not_actions:
        return any(not any(covers(each, action) for each in statement.not_actions) for action in USE_ACTIONS)
    return any(covers(each, action) or covers(action, each) for each in statement.actions for action in USE_ACTIONS)


def told_of(found: "Sequence[Difference]", *ways: Way) -> str:
    """Return differences of some ways in words, the first few."""
    return first([each.words for each in found if each.way in ways], _SHOWN)


def concerns_pinecone(found: "Iterable[Difference]", way: Way) -> bool:
    """Tell whether a way concerns the role that Pinecone assumes, or Pinecone's own access roles."""
    ours = (Kind.OUR_ROLE, Kind.PINECONE_REGION)
    return any(
        each.way is way and not each.through_iam and any(one.kind in ours for one in each.principals) for each in found
    )
