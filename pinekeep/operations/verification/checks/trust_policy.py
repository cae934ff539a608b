"""The trust policy of the role, in meaning: who may assume it, by which statement, on which conditions."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.decisions.access.decision import Way
from pinekeep.model.policies import compare
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.forms import always_fulfilled, condition_meaning, repeats
from pinekeep.model.policies.trust import trust_policy
from pinekeep.operations.verification.checks import access
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict

ASSUME: Final = "sts:AssumeRole"

_REFUSED: Final = "Pinecone cannot assume the role, so it cannot read or write the project's data."
_STATEMENT_MEANS: Final = access.Meanings(
    lost=_REFUSED,
    gained="Beyond what Pinecone needs, others may assume the role and use the key, or do more with the role.",
    undecided="Whether Pinecone is refused, or others are allowed, cannot be decided from here.",
)
_PRINCIPALS_MEAN: Final = access.Meanings(
    lost="A Pinecone region that is not named cannot assume the role, so it cannot read or write its data.",
    gained="Everyone else who is named may assume the role, and use the key.",
    undecided=_STATEMENT_MEANS.undecided,
)
_DELETED: Final = "Pinecone cannot assume the role: the trust policy names a role of Pinecone's that was deleted."
_CONDITIONS_MEAN: Final = access.Meanings(
    lost=_REFUSED,
    gained="The condition that keeps others than Pinecone out is not there: they may assume the role, and use the key.",
    undecided="The condition may keep Pinecone out: whether it does cannot be decided from here.",
)

CHECKS: Final = registry(reads=("role",), applies=with_cmek, of_each_role=True, promised=True)


@CHECKS.add(
    id="trust-policy-statement",
    title="Statement of the trust policy",
    wanted=f"one statement, which allows {ASSUME} and nothing else",
    meaning="Others than Pinecone may assume the role, or Pinecone may not.",
)
def _statements(subject: Subject, role: Document) -> Verdict:
    written = access.statements_of(role["AssumeRolePolicyDocument"])
    problems = list(_problems(subject, written))
    if any(each.ways for each in problems) and _decides_the_same(subject, written):
        problems = [access.same(each.text) for each in problems]
    return access.weighed(problems, fix=subject.restore, means=_STATEMENT_MEANS)


def _problems(
    subject: Subject, written: Sequence[tuple[compare.Statement, dict[str, Any]]]
) -> Iterator[access.Problem]:
    found = [each for each, _ in written]
    ours = _first_of_pinecone(subject, found)
    if ours is None and not any(each.allows for each in found):
        yield access.lost(f"no statement allows {ASSUME}")
    for statement, raw in written:
        if not statement.allows:
            yield _denial(subject, statement, raw)
        elif ours is not None and statement is not ours:
            yield _further(subject, statement)
        if statement.allows:
            yield from _statement_problems(statement, is_ours=statement is ours or ours is None)


def _first_of_pinecone(subject: Subject, found: Iterable[compare.Statement]) -> compare.Statement | None:
    wanted = _wanted(subject)
    ours = of_pinecone(subject, found)
    alike = (each for each in ours if repeats(each, [wanted]) and repeats(wanted, [each]))
    return next(alike, next(iter(ours), None))


def _denial(subject: Subject, statement: compare.Statement, raw: dict[str, Any]) -> access.Problem:
    """Return who is shut out by a statement that denies, of those who are to be let in."""
    differ = access.of_trust(subject, [*_wanted_policy(subject)["Statement"], raw])
    ways = access.ways_of(differ)
    if Way.LOST in ways:
        return access.lost(f"there is a statement that denies: {statement}: {access.told_of(differ, Way.LOST)}")
    if Way.UNDECIDED in ways:
        return access.undecided(
            f"there is a statement that denies: {statement}: {access.told_of(differ, Way.UNDECIDED)}"
        )
    return access.same(f"there is a statement that denies, and excludes nobody who should be allowed: {statement}")


def _further(subject: Subject, statement: compare.Statement) -> access.Problem:
    if repeats(statement, [_wanted(subject)]):
        return access.same(f"there is another statement, which says nothing more: {statement}")
    whom = ", ".join(sorted(map(compare.named, statement.principals)))
    if statement in of_pinecone(subject, [statement]):
        return access.gained(f"there is another statement that allows: {statement}; it lets in Pinecone on other terms")
    if statement.principals and all(map(compare.is_orphan, statement.principals)):
        return access.same(f"there is another statement, which allows nobody: {statement}")
    return access.gained(f"there is another statement that allows: {statement}; it lets in {whom or 'others'}")


def _statement_problems(found: compare.Statement, *, is_ours: bool) -> Iterator[access.Problem]:
    if found.not_principals:
        yield access.gained("it is written with NotPrincipal, which lets in everyone else")
    if found.not_actions:
        yield access.gained("it is written with NotAction, which allows everything else")
    if is_ours and not any(compare.covers(action, ASSUME) for action in found.actions) and not found.not_actions:
        yield access.lost(f"it does not allow {ASSUME}")
    further = sorted(action for action in found.actions if action.lower() != ASSUME.lower())
    if further:
        yield access.gained(f"it allows {', '.join(further)} too")


@CHECKS.add(
    id="trust-policy-principals",
    title="Principals of the trust policy",
    wanted="Pinecone's access roles alone",
    meaning="Everyone else who is named may assume the role; a Pinecone region that is not named cannot use the key.",
)
def _principals(subject: Subject, role: Document) -> Verdict:
    written = access.statements_of(role["AssumeRolePolicyDocument"])
    allowing = [each for each, _ in written if each.allows]
    found = frozenset(one for each in allowing for one in each.principals)
    wanted = _wanted(subject).principals
    spared = frozenset(one for each in allowing for one in each.not_principals)
    problems = list(_principal_problems(subject, found, spared))
    if any(each.ways for each in problems) and _decides_the_same(subject, written):
        problems = [access.same(each.text) for each in problems]
    fix, means = subject.restore, _PRINCIPALS_MEAN
    if any(map(compare.is_orphan, found)):
        fix = f"Pinecone's role was re-created, and IAM must resolve its name again; {fix}"
        means = access.Meanings(lost=_DELETED, gained=means.gained, undecided=means.undecided)
    names = ", ".join(sorted(compare.named(each) for each in wanted))
    if _same_callers(subject, found):
        names = ", ".join(sorted(map(compare.named, found)))
    return access.weighed(problems, wanted=names, fix=fix, means=means)


def _same_callers(subject: Subject, found: frozenset[str]) -> bool:
    """Tell whether both forms for all regions let in the same: the condition on aws:PrincipalArn decides there."""
    return subject.cmek.trust.regions == "all" and bool(found) and found <= _both_forms(subject)


def _both_forms(subject: Subject) -> frozenset[str]:
    return frozenset({compare.EVERYONE, compare.principal(str(subject.pinecone_account))})


def _principal_problems(subject: Subject, found: frozenset[str], spared: frozenset[str]) -> Iterator[access.Problem]:
    wanted = _wanted(subject).principals
    if _same_callers(subject, found):
        return
    everywhere = subject.cmek.trust.regions == "all"
    by_account = found & _both_forms(subject)
    in_pattern = {each for each in found if _is_access_role(subject, each)} if everywhere else set()
    missing = [] if everywhere or spared or by_account else sorted(wanted - found)
    for each in sorted(found - wanted - (by_account if everywhere else frozenset()) - in_pattern):
        if compare.is_orphan(each):
            (say, told) = (
                (access.lost, "in place of one that is missing") if missing else (access.same, "which allows nobody")
            )
            yield say(f"it names {compare.named(each)}, {told}")
        else:
            yield access.gained(f"{compare.named(each)} is allowed too")
    if spared:
        yield access.gained(f"everyone is allowed except {', '.join(sorted(map(compare.named, spared)))}")
    if spared or by_account:
        return  # whoever is wanted is let in with all others
    if everywhere:
        only = ", ".join(sorted(in_pattern)) or "none"
        yield access.lost(f"of Pinecone's access roles {only} may assume the role, not that of every Region")
        return
    yield from (access.lost(f"{compare.named(each)} is missing") for each in missing)


def _is_access_role(subject: Subject, arn: str) -> bool:
    values = {value for each in _wanted(subject).conditions for value in each.values if value.endswith("*")}
    return any(compare.covers(value, arn) for value in values)


@CHECKS.add(
    id="trust-policy-conditions",
    title="Conditions of the trust policy",
    wanted="the conditions of the configured form",
    meaning="Without its condition the trust lets in others than Pinecone; a further one may keep Pinecone out.",
)
def _conditions(subject: Subject, role: Document) -> Verdict | None:
    wanted = _wanted(subject)
    text = " and ".join(map(str, _others(wanted))) or "no condition besides the external ID's"
    written = access.statements_of(role["AssumeRolePolicyDocument"])
    ours = of_pinecone(subject, [each for each, _ in written])
    if not ours:
        return None
    problems = [
        problem
        for statement, raw in written
        if statement in ours
        for problem in _condition_problems(subject, statement, raw, wanted)
    ]
    return access.weighed(problems, wanted=text, fix=subject.restore, means=_CONDITIONS_MEAN)


def _condition_problems(
    subject: Subject, statement: compare.Statement, raw: dict[str, Any], wanted: compare.Statement
) -> Iterator[access.Problem]:
    found, asked = _others(statement), _others(wanted)
    have, need = ({condition_meaning(one) for one in some} for some in (found, asked))
    missing = [one for one in asked if condition_meaning(one) not in have]
    further = [one for one in found if condition_meaning(one) not in need]
    told = [f"the condition {one} is missing" for one in missing]
    told += [f"there is the condition {one} too" for one in further]
    if not told:
        return
    if not missing and all(always_fulfilled(one, statement.principals) for one in further):
        yield from (access.same(f"there is the condition {one} too, which Pinecone fulfils") for one in further)
        return
    differ = access.of_trust(subject, [_with_conditions_of(subject, raw)])
    ways = access.ways_of(differ)
    yield from (access.Problem(each, ways) for each in told)


def _with_conditions_of(subject: Subject, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the configured statement with the live one's principals and conditions, but for the external ID's."""
    (statement,) = _wanted_policy(subject)["Statement"]
    external = {
        operator: {key: value for key, value in keys.items() if key.lower() == compare.EXTERNAL_ID_KEY}
        for operator, keys in statement.get("Condition", {}).items()
    }
    condition = {
        operator: {key: value for key, value in keys.items() if key.lower() != compare.EXTERNAL_ID_KEY}
        for operator, keys in (raw.get("Condition") or {}).items()
    }
    for operator, keys in external.items():
        condition.setdefault(operator, {}).update(keys)
    made = {**statement, "Condition": {operator: keys for operator, keys in condition.items() if keys}}
    return made if made["Condition"] else {key: value for key, value in made.items() if key != "Condition"}


def of_pinecone(subject: Subject, found: Iterable[compare.Statement]) -> list[compare.Statement]:
    """Return the statements by which Pinecone may be let in; others are about others, and are told as such."""
    wanted = _wanted(subject).principals | _both_forms(subject)
    return [
        each
        for each in found
        if each.allows
        and (
            each.not_principals
            or each.principals & wanted
            or any(f"::{subject.pinecone_account}:" in one or compare.is_orphan(one) for one in each.principals)
        )
    ]


def _decides_the_same(subject: Subject, written: Sequence[tuple[compare.Statement, dict[str, Any]]]) -> bool:
    """Tell whether the whole policy lets in whom the configured one lets in, on the same terms."""
    differ = access.of_trust(subject, [raw for _, raw in written])
    return not access.ways_of(differ, [each for each, _ in written])


def _others(statement: compare.Statement) -> list[compare.Condition]:
    return sorted((one for one in statement.conditions if one.key.lower() != compare.EXTERNAL_ID_KEY), key=str)


def _wanted(subject: Subject) -> compare.Statement:
    return compare.parse(_wanted_policy(subject))[0]


def _wanted_policy(subject: Subject) -> Policy:
    trust = subject.cmek.trust
    return trust_policy(
        pinecone_account=str(subject.pinecone_account),
        regions=trust.regions,
        external_id=trust.presented_id,
        form=trust.form,
    )
