"""The external ID that the trust policy asks for."""

from collections.abc import Iterator
from typing import Final

from pinekeep.aws.live import Document
from pinekeep.checks.check import CheckInfo, Subject, with_cmek
from pinekeep.checks.finding import Verdict, judged
from pinekeep.policies.compare import EXTERNAL_ID_KEY, Condition, parse, shortened

_WANTED: Final = "the configured external ID, compared exactly"
_WANTED_NONE: Final = "no external ID"


def external_id(subject: Subject, role: Document) -> Iterator[Verdict]:
    """The trust policy asks for the configured external ID, for it alone, and for it exactly."""
    ours = subject.cmek.trust.presented_id
    problems: list[str] = []
    allowing = [each for each in parse(role["AssumeRolePolicyDocument"]) if each.allows]
    if not allowing:
        return
    for statement in allowing:
        found = sorted((one for one in statement.conditions if one.key.lower() == EXTERNAL_ID_KEY), key=str)
        problems += _without(found) if ours is None else _with(found, ours)
    wanted = _WANTED if ours else _WANTED_NONE
    yield judged(
        problems,
        right="the configured external ID" if ours else _WANTED_NONE,
        wanted=wanted,
        fix=f"Pinecone keeps the external ID that it was given, so the trust policy must have that one; "
        f"{subject.restore}",
    )


def _without(found: list[Condition]) -> list[str]:
    return [f"an external ID is asked for, which Pinecone does not present ({one})" for one in found]


def _with(found: list[Condition], ours: str) -> list[str]:
    if not found:
        return ["no external ID is asked for, so Pinecone could be led to this key for another of its customers"]
    return [problem for one in found for problem in _problems(one, ours)]


def _problems(found: Condition, ours: str) -> Iterator[str]:
    if found.operator.lower() != "stringequals":
        yield _operator_problem(found.operator)
    others = sorted(found.values - {ours})
    if not others:
        return
    if ours in found.values:
        yield f"other external IDs are accepted too: {', '.join(map(shortened, others))}"
    elif any(each.lower() == ours.lower() for each in others):
        yield "the external ID differs from the configured one in upper and lower case, which AWS compares"
    else:
        yield f"another external ID is asked for: {', '.join(map(shortened, others))}"


def _operator_problem(operator: str) -> str:
    name = operator.lower()
    if name.endswith("ifexists"):
        return f"{operator} lets in callers who present no external ID at all"
    if "not" in name:
        return f"{operator} lets in whoever presents another external ID"
    if "like" in name:
        return f"{operator} takes the value for a pattern; an external ID is compared exactly, with StringEquals"
    if "ignorecase" in name:
        return f"{operator} accepts other spellings; an external ID is compared exactly, with StringEquals"
    if name.startswith("forallvalues"):
        return f"{operator} lets in callers who present no external ID at all"
    return f"{operator} is not StringEquals"


CHECKS: Final = (
    CheckInfo(
        id="trust-policy-external-id",
        title="External ID of the trust policy",
        wanted=_WANTED,
        meaning="With another ID Pinecone is refused; without one Pinecone can be led to this key for somebody else.",
        reads=("role",),
        applies=with_cmek,
        of_each_role=True,
        run=external_id,
        promised=True,
    ),
)
