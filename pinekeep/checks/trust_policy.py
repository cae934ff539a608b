"""The trust policy of the role, in meaning: who may assume it, by which statement, on which conditions."""

from collections.abc import Iterator
from typing import Final

from pinekeep.aws.live import Document
from pinekeep.checks.check import CheckInfo, Subject, with_cmek
from pinekeep.checks.finding import Verdict, judged
from pinekeep.policies.compare import (
    EVERYONE,
    EXTERNAL_ID_KEY,
    Condition,
    Statement,
    covers,
    is_orphan,
    named,
    parse,
    principal,
)
from pinekeep.policies.trust import trust_policy

ASSUME: Final = "sts:AssumeRole"
PRINCIPAL_ARN_KEY: Final = "aws:principalarn"

_ONE_STATEMENT: Final = f"one statement, which allows {ASSUME} and nothing else"
_PINECONE_ALONE: Final = "Pinecone's access roles alone"
_CONDITIONS: Final = "the conditions of the configured form"


def statements(subject: Subject, role: Document) -> Iterator[Verdict]:
    """There is one statement, and it allows sts:AssumeRole alone."""
    found = _parsed(role)
    problems: list[str] = []
    if not any(each.allows for each in found):
        problems.append(f"no statement allows {ASSUME}")
    if sum(each.allows for each in found) > 1:
        problems += [f"there is another statement that allows: {each}" for each in _allowing(found)[1:]]
    for each in found:
        problems += list(_statement_problems(each))
    yield judged(problems, right=_ONE_STATEMENT, wanted=_ONE_STATEMENT, fix=subject.restore)


def _statement_problems(found: Statement) -> Iterator[str]:
    if not found.allows:
        yield f"there is a statement that denies: {found}"
        return
    if found.not_principals:
        yield "it is written with NotPrincipal, which lets in everyone else"
    if found.not_actions:
        yield "it is written with NotAction, which allows everything else"
    if not any(covers(action, ASSUME) for action in found.actions) and not found.not_actions:
        yield f"it does not allow {ASSUME}"
    further = sorted(action for action in found.actions if action.lower() != ASSUME.lower())
    if further:
        yield f"it allows {', '.join(further)} too"


def principals(subject: Subject, role: Document) -> Iterator[Verdict]:
    """Exactly the configured principals are named."""
    found = frozenset(each for one in _allowing(_parsed(role)) for each in one.principals)
    wanted = _wanted(subject)
    both_forms = {frozenset({EVERYONE}), frozenset({principal(str(subject.pinecone_account))})}
    # For all regions the condition on aws:PrincipalArn decides who is let in; it has a check of its own.
    same_callers = subject.cmek.trust.regions == "all" and found in both_forms
    wanted_principals = found if same_callers else wanted.principals
    problems = [f"{named(each)} is let in too" for each in sorted(found - wanted_principals)]
    problems += [f"{named(each)} is missing" for each in sorted(wanted_principals - found)]
    fix, meaning = subject.restore, None
    if any(map(is_orphan, found)):
        fix = f"Pinecone's role was made anew, and IAM must look it up by its name again; {fix}"
        meaning = "Pinecone cannot assume the role: the trust policy names a role of Pinecone's that was deleted."
    names = ", ".join(sorted(named(each) for each in wanted_principals))
    yield judged(problems, right=names, wanted=names, fix=fix, meaning=meaning)


def conditions(subject: Subject, role: Document) -> Iterator[Verdict]:
    """The conditions besides the external ID's are the configured ones."""
    wanted = _others(_wanted(subject))
    problems: list[str] = []
    allowing = _allowing(_parsed(role))
    if not allowing:
        return
    for each in allowing:
        found = _others(each)
        have = {_pattern_meaning(condition) for condition in found}
        need = {_pattern_meaning(condition) for condition in wanted}
        problems += [f"the condition {one} is missing" for one in wanted if _pattern_meaning(one) not in have]
        problems += [f"there is the condition {one} too" for one in found if _pattern_meaning(one) not in need]
    text = " and ".join(map(str, wanted)) or "no condition besides the external ID's"
    yield judged(problems, right=text, wanted=text, fix=subject.restore)


def _pattern_meaning(condition: Condition) -> tuple[str, str, frozenset[str]]:
    """Return a condition's meaning. On a principal's ARN, the ARN operators match patterns as StringLike does."""
    operator, key, values = condition.meaning
    if key == PRINCIPAL_ARN_KEY and operator in ("arnlike", "arnequals"):
        return "stringlike", key, values
    return operator, key, values


def _others(statement: Statement) -> list[Condition]:
    return sorted((one for one in statement.conditions if one.key.lower() != EXTERNAL_ID_KEY), key=str)


def _wanted(subject: Subject) -> Statement:
    trust = subject.cmek.trust
    policy = trust_policy(
        pinecone_account=str(subject.pinecone_account),
        regions=trust.regions,
        external_id=trust.presented_id,
        form=trust.form,
    )
    return parse(policy)[0]


def _parsed(role: Document) -> list[Statement]:
    return parse(role["AssumeRolePolicyDocument"])


def _allowing(found: list[Statement]) -> list[Statement]:
    return [each for each in found if each.allows]


CHECKS: Final = (
    CheckInfo(
        id="trust-policy-statement",
        title="Statement of the trust policy",
        wanted=_ONE_STATEMENT,
        meaning="Others than Pinecone may assume the role, or Pinecone may not.",
        reads=("role",),
        applies=with_cmek,
        of_each_role=True,
        run=statements,
        promised=True,
    ),
    CheckInfo(
        id="trust-policy-principals",
        title="Principals of the trust policy",
        wanted=_PINECONE_ALONE,
        meaning="Whoever is named too may assume the role; a Pinecone region that is not named cannot use the key.",
        reads=("role",),
        applies=with_cmek,
        of_each_role=True,
        run=principals,
        promised=True,
    ),
    CheckInfo(
        id="trust-policy-conditions",
        title="Conditions of the trust policy",
        wanted=_CONDITIONS,
        meaning="Without its condition the trust lets in others than Pinecone; a further one may keep Pinecone out.",
        reads=("role",),
        applies=with_cmek,
        of_each_role=True,
        run=conditions,
        promised=True,
    ),
)
