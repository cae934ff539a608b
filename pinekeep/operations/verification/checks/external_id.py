"""The external ID that the trust policy asks for."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from pinekeep.account.reads.answers import output_of
from pinekeep.account.reads.live import Document
from pinekeep.decisions.access.decision import Way
from pinekeep.model.naming import Output
from pinekeep.model.policies.compare import EXTERNAL_ID_KEY, Condition, Statement, parse, shortened
from pinekeep.model.policies.forms import condition_meaning, is_pattern
from pinekeep.operations.verification.checks.access import Meanings, Problem, gained, lost, same, undecided, weighed
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict
from pinekeep.operations.verification.checks.trust_policy import of_pinecone

_WANTED: Final = "the configured external ID, compared exactly"
_WANTED_NONE: Final = "no external ID"
_MEANS: Final = Meanings(
    lost="Pinecone presents the external ID that it was given, so it is refused: it cannot read or write the project's "
    "data.",
    gained="Pinecone works on with its external ID; beside it, Pinecone can be led to this key for another of its "
    "customers.",
    undecided="Whether Pinecone is allowed with its external ID cannot be decided.",
)
_LOST_AND_GAINED: Final = (
    "Pinecone presents the external ID that it was given, so it is refused: it cannot read or write the project's "
    "data. With other external IDs it can be led to this key for another of its customers."
)

CHECKS: Final = registry()


@CHECKS.add(
    id="trust-policy-external-id",
    title="External ID of the trust policy",
    wanted=_WANTED,
    meaning="With another ID Pinecone is refused; without one Pinecone can be led to this key for somebody else.",
    applies=with_cmek,
    of_each_role=True,
    promised=True,
)
def _external_id(subject: Subject, role: Document) -> Verdict | None:
    ours = subject.cmek.trust.presented_id
    statements = of_pinecone(subject, parse(role["AssumeRolePolicyDocument"]))
    if not statements:
        return None
    asked = [_asked(each) for each in statements]
    problems = list(_without(asked) if ours is None else _with(asked, ours))
    ways = {way for each in problems for way in each.ways}
    means = _MEANS
    if {Way.LOST, Way.GAINED} <= ways:
        means = Meanings(lost=_LOST_AND_GAINED, gained="", undecided=_MEANS.undecided)
    return weighed(
        problems,
        right="the configured external ID" if ours else _WANTED_NONE,
        wanted=_WANTED if ours else _WANTED_NONE,
        fix=_fix(subject, asked, lost_one=Way.LOST in ways),
        means=means,
    )


def _fix(subject: Subject, asked: list[list[Condition]], *, lost_one: bool) -> str:
    deployed = output_of(subject.live.cmek_stack, Output.EXTERNAL_ID)
    if deployed is not None and deployed != subject.cmek.trust.external_id and _accepts(asked, str(deployed)):
        return (
            "the configuration was changed, and the role has what was deployed: where Pinecone was given that one, "
            f"change cmek.trust.external_id of {subject.name} back"
        )
    if lost_one:
        kept = "Pinecone keeps the external ID that it was given, so the trust policy must ask for it"
        return f"{kept}; {subject.restore}"
    return f"the trust policy must ask for the configured external ID alone; {subject.restore}"


def lets_in(subject: Subject, role: Document, external_id: str | None) -> bool:
    """Tell whether the role's trust policy surely lets Pinecone in with an external ID, or with none.

    Raises:
        PolicyFormatError: the trust policy is none.
    """
    asked = [_asked(each) for each in of_pinecone(subject, parse(role["AssumeRolePolicyDocument"]))]
    return _accepts(asked, external_id) if external_id is not None else not all(asked)


def _accepts(asked: list[list[Condition]], external_id: str) -> bool:
    return any(all(_matches(one, external_id) for one in each) for each in asked)


def _asked(statement: Statement) -> list[Condition]:
    return sorted((one for one in statement.conditions if one.key.lower() == EXTERNAL_ID_KEY), key=str)


def _without(asked: Iterable[list[Condition]]) -> Iterator[Problem]:
    every = list(asked)
    say = lost if all(every) else same  # one statement that asks for none lets Pinecone in
    for one in (one for each in every for one in each):
        yield say(f"an external ID is asked for, which Pinecone does not present ({one})")


def _with(asked: list[list[Condition]], ours: str) -> Iterator[Problem]:
    let_in = _accepts(asked, ours)
    for each in asked:
        if not each:
            yield gained(
                "no external ID is asked for, so Pinecone could be led to this key for another of its customers"
            )
        for one in each:
            yield from _problems(one, ours, let_in=let_in)


def _matches(found: Condition, external_id: str) -> bool:
    """Tell whether a condition surely is fulfilled by an external ID."""
    operator, _, values = condition_meaning(found)
    operator = operator.removeprefix("forallvalues:").removesuffix("ifexists")
    match operator:
        case "stringequals":
            return external_id in values
        case "stringequalsignorecase":
            return external_id.lower() in {each.lower() for each in values}
        case "stringlike":
            return any(fnmatchcase(external_id, each.replace("[", "[[]")) for each in values)
        case "stringnotequals":
            return external_id not in values
        case "stringnotlike":
            return not any(fnmatchcase(external_id, each.replace("[", "[[]")) for each in values)
        case _:
            return False


def _problems(found: Condition, ours: str, *, let_in: bool) -> Iterator[Problem]:
    if found.operator.lower() != "stringequals":
        yield from _operator_problem(found)
    if "not" in found.operator.lower() and not _matches(found, ours):
        yield lost(f"{found.operator} refuses the configured external ID")
    others = sorted(found.values - {ours})
    if not others or "not" in found.operator.lower():
        return
    if let_in:
        patterns = [each for each in others if is_pattern(each)]
        exact = [each for each in others if not is_pattern(each)]
        if patterns:
            yield gained(f"every external ID like {', '.join(map(_told, patterns))} is accepted too")
        ignores_case = "ignorecase" in found.operator.lower()
        if exact and not (ignores_case and {each.lower() for each in exact} == {ours.lower()}):
            yield gained(f"other external IDs are accepted too: {', '.join(map(shortened, exact))}")
    elif any(each.lower() == ours.lower() for each in others):
        yield lost("the external ID differs from the configured one in upper and lower case, which AWS compares")
    else:
        yield Problem(
            f"another external ID is asked for: {', '.join(map(shortened, others))}",
            frozenset({Way.LOST, Way.GAINED}) if any(map(is_pattern, others)) else frozenset({Way.LOST}),
        )


def _told(pattern: str) -> str:
    return shortened(pattern) if len(pattern) > 1 else pattern


def _operator_problem(found: Condition) -> Iterator[Problem]:
    operator, name = found.operator, found.operator.lower()
    if name.endswith("ifexists"):
        yield gained(f"{operator} lets in callers who present no external ID at all")
    elif "not" in name:
        yield gained(f"{operator} allows anyone who presents another external ID")
    elif condition_meaning(found)[0] == "stringequals":
        yield same(f"{operator} with an exact value compares as StringEquals does")
    elif name.endswith("stringlike"):
        yield gained(f"{operator} takes the value for a pattern; an external ID is compared exactly, with StringEquals")
    elif "ignorecase" in name:
        yield gained(f"{operator} accepts other spellings; an external ID is compared exactly, with StringEquals")
    elif name.startswith("forallvalues"):
        yield gained(f"{operator} lets in callers who present no external ID at all")
    elif name.startswith(("arn", "numeric", "date", "ipaddress", "binary", "bool")):
        yield lost(f"{operator} compares no texts, so no external ID fulfils it; it is not StringEquals")
    else:
        yield undecided(f"{operator} is not StringEquals")
