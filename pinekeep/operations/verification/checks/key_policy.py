"""The key policy: of a key made by the stack, or of an adopted key.

An adopted key's policy must let the role use the key, and give it nothing more. Its other statements are its owner's:
what they give others is not judged, except where they give it to everyone.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from pinekeep.decisions.access.decision import Way
from pinekeep.model.policies import compare
from pinekeep.model.policies.document import policy
from pinekeep.model.policies.forms import gives, meanings, repeats
from pinekeep.model.policies.key import (
    GRANT_ACTIONS,
    USE_ACTIONS,
    administrator_statements,
    key_user_statements,
    root_statement,
)
from pinekeep.operations.verification.checks import access
from pinekeep.operations.verification.checks.check import (
    Subject,
    registry,
    with_administrators,
    with_adopted_key,
    with_own_key,
)
from pinekeep.operations.verification.checks.finding import Verdict, judged

USERS_WANTED: Final = "the role may use the key, and make grants for AWS services alone"
_ORPHANED: Final = "The key policy names a principal that was deleted; KMS allows nobody who has its name now."
ORPHANED_ROLE: Final = (
    "KMS refuses Pinecone the key: the key policy names a role that was deleted, and the one that has its name now "
    "is another to KMS."
)

_GAINED: Final = "Pinecone works on; beyond what is configured, somebody may use the key, administer it, or share it."
_UNDECIDED: Final = "Whether KMS refuses Pinecone the key, or lets others use it, cannot be decided from here."
_LOCKED: Final = "A mistaken policy could lock everyone out of the key, and the project's data would be lost."
_REFUSED: Final = "KMS refuses Pinecone the use of the key, so it cannot read or write the project's data."
_ROOT_MEANS: Final = access.Meanings(lost=_LOCKED, gained=_GAINED, undecided=_LOCKED)
_USE_MEANS: Final = access.Meanings(lost=_REFUSED, gained=_GAINED, undecided=_UNDECIDED)
_ADMINISTRATORS_MEAN: Final = access.Meanings(
    lost="Pinecone works on; a configured key administrator can no longer administer the key.",
    gained="Pinecone works on; the wrong people may administer the key, or use it.",
    undecided=_UNDECIDED,
)
_OTHERS_MEAN: Final = access.Meanings(
    lost="Pinecone works on; who is to administer the key, or to keep it, is refused.",
    gained=_GAINED,
    undecided=_UNDECIDED,
)

CHECKS: Final = registry(reads=("key_policy",), applies=with_own_key, promised=True)
Wanted = Callable[[Subject], list[dict[str, Any]]]


def _root(subject: Subject) -> list[dict[str, Any]]:
    return [root_statement(subject.account)]


def _users(subject: Subject) -> list[dict[str, Any]]:
    return key_user_statements(subject.role_arn)


def _administrators(subject: Subject) -> list[dict[str, Any]]:
    key = subject.cmek.key
    return administrator_statements(key.administrators, multi_region=key.multi_region)


def _configured(subject: Subject) -> list[dict[str, Any]]:
    return [*_root(subject), *_administrators(subject), *_users(subject)]


def _says(wanted: Wanted, means: access.Meanings, subject: Subject, text: str) -> Iterator[Verdict]:
    """Some of the wanted statements are there, or others that do the same.

    A policy keeps the ID of a principal that was deleted; one that was made anew has another.
    """
    written = access.statements_of(text)
    found = [each for each, _ in written]
    asked = {statement.meaning for statement in compare.parse(policy(wanted(subject)))}
    kept: list[dict[str, Any]] = []
    told: list[str] = []
    orphaned = False
    configured = _configured(subject)
    for want, raw in zip(compare.parse(policy(configured)), configured, strict=True):
        there = dict(_paired(subject, found).pairs)[want] if want.meaning in asked else want
        problems = _differ(there, want, found)
        if not problems:
            kept.append(raw)
            continue
        told += [f"{(there and there.sid) or want.sid}{each}" for each in problems]
        orphaned = orphaned or (there is not None and any(map(compare.is_orphan, there.principals)))
        kept += [one for each, one in written if each is there]
    differ = access.of_key(subject, kept) if told else []
    ways = access.ways_of(differ, [each for each, one in written if one in kept])
    fix, meant = subject.restore, means
    if access.concerns_pinecone(differ, Way.LOST):
        meant = _USE_MEANS
    if orphaned:
        fix = f"a principal was deleted and re-created; KMS must resolve its name again; {fix}"
        gone = ORPHANED_ROLE if wanted is _users else _ORPHANED
        meant = access.Meanings(lost=gone, gained=means.gained, undecided=gone)
    yield access.weighed([access.Problem(each, ways) for each in told], fix=fix, means=meant)


CHECKS.add(
    id="key-policy-root", title="Account root in the key policy", wanted="the account keeps the key", meaning=_LOCKED
)(partial(_says, _root, _ROOT_MEANS))
CHECKS.add(
    id="key-policy-users",
    title="Key users in the key policy",
    wanted=USERS_WANTED,
    meaning="KMS refuses Pinecone the use of the key, or others may use it too.",
)(partial(_says, _users, _USE_MEANS))
CHECKS.add(
    id="key-policy-administrators",
    title="Key administrators in the key policy",
    wanted="the configured administrators may administer the key, and not use it",
    meaning="Pinecone works on; the wrong people may administer the key, or use it.",
    applies=with_administrators,
)(partial(_says, _administrators, _ADMINISTRATORS_MEAN))


def _paired(subject: Subject, found: list[compare.Statement]) -> compare.Pairing:
    return compare.pair(found=found, wanted=compare.parse(policy(_configured(subject))))


def _differ(there: compare.Statement | None, want: compare.Statement, found: list[compare.Statement]) -> list[str]:
    """Return what of a wanted statement is not so, each as it follows its name; what others give is not missing."""
    if there is not None and there.meaning == want.meaning:
        return []
    lacking = [each for each in sorted(want.actions) if not gives(found, each, wanted=want)]
    if there is None:
        if not lacking:
            return []
        return [" is missing"] if set(lacking) == want.actions else [f": nothing gives {each}" for each in lacking]
    had = {f"it lacks {each}" for each in want.actions if each not in lacking}
    return [f": {each}" for each in compare.differences(there, want) if each not in had]


@CHECKS.add(
    id="key-policy-nothing-wider",
    title="Other statements of the key policy",
    wanted="no other statement",
    meaning="Others may use or administer the key of the project's data, or Pinecone may do more than it needs.",
    needs_file=True,
)
def _nothing_wider(subject: Subject, text: str) -> Verdict:
    written = access.statements_of(text)
    paired = _paired(subject, [each for each, _ in written])
    wanted = [want for want, _ in paired.pairs]
    problems: list[access.Problem] = []
    differ: list[Any] = []
    for statement, raw in written:
        if any(statement is each for each in paired.others) and statement.meaning not in {w.meaning for w in wanted}:
            problem, found = _further(subject, statement, raw, wanted)
            problems.append(problem)
            differ += found
    means = _USE_MEANS if access.concerns_pinecone(differ, Way.LOST) else _OTHERS_MEAN
    return access.weighed(problems, fix=subject.restore, means=means)


def _further(
    subject: Subject, statement: compare.Statement, raw: dict[str, Any], wanted: list[compare.Statement]
) -> tuple[access.Problem, list[Any]]:
    """Return what a further statement comes to: whom it lets do more, or, where it denies, whom it shuts out."""
    if statement.allows and repeats(statement, wanted):
        return access.same(f"there is {statement}, which says nothing more"), []
    differ = access.of_key(subject, [*_configured(subject), raw])
    ways = access.ways_of(differ, [statement])
    if statement.allows or not ways:
        return access.Problem(f"there is {statement}", ways), differ
    told = access.told_of(differ, Way.LOST, Way.UNDECIDED)
    return access.Problem(f"there is {statement}, with which {told}", ways), differ


_MISSING: Final = "add the two statements that `pinekeep check` prints to the key's policy"
_IN_THE_WAY: Final = "take the statement that denies out of the key's policy"
NOT_MORE: Final = "the role may do nothing else, and nothing is open to everyone"


@CHECKS.add(
    id="adopted-key-policy-users",
    title="Key users in the adopted key's policy",
    wanted=USERS_WANTED,
    meaning="KMS refuses Pinecone the use of the key, so it cannot read or write the project's data.",
    applies=with_adopted_key,
    promised=False,
)
def users(subject: Subject, text: str) -> Iterator[Verdict]:
    """The role may do all that a key user may, and nothing denies it."""
    role = subject.role_arn
    found = compare.parse(text)
    mine = [each for each in found if each.allows and role in each.principals]
    for_services = _for_services(role)
    uses = [each for each in mine if not meanings(each)]
    grants = [each for each in mine if meanings(each) <= for_services]
    problems = [f"{action} is not allowed" for action in _uncovered(USE_ACTIONS, uses)]
    problems += [f"{action} is not allowed for AWS services" for action in _uncovered(GRANT_ACTIONS, grants)]
    fixes = [_MISSING] if problems else []
    orphans = sorted({one for each in found for one in each.principals if compare.is_orphan(one)})
    if problems and orphans:
        problems += [f"the policy names {compare.named(one)}" for one in orphans]
    denying = [f"{each} takes the key away from the role" for each in found if denies_use(each, role)]
    if denying:
        problems += denying
        fixes.insert(0, _IN_THE_WAY)
    fix = "; then ".join(fixes)
    yield judged(problems, fix=fix, meaning=ORPHANED_ROLE if orphans else None)


def _uncovered(wanted: Iterable[str], allowed: list[compare.Statement]) -> list[str]:
    return [action for action in wanted if not any(_allows(each, action) for each in allowed)]


def _allows(statement: compare.Statement, action: str) -> bool:
    if statement.not_actions:
        return not any(compare.covers(each, action) or compare.covers(action, each) for each in statement.not_actions)
    return any(compare.covers(pattern, action) for pattern in statement.actions)


def denies_use(statement: compare.Statement, role: str) -> bool:
    """Tell whether a statement of a key policy surely denies a role a use of the key. One with conditions may not."""
    if statement.allows or meanings(statement):
        return False
    about_role = bool({role, compare.EVERYONE} & statement.principals) or (
        bool(statement.not_principals) and role not in statement.not_principals
    )
    return about_role and access.concerns_use(statement)


@CHECKS.add(
    id="adopted-key-policy-nothing-wider",
    title="What else the adopted key's policy gives",
    wanted=NOT_MORE,
    meaning="Pinecone, or anyone at all, may do more with the key than Pinecone needs.",
    applies=with_adopted_key,
    promised=False,
)
def not_more(subject: Subject, text: str) -> Iterator[Verdict]:
    """The role may do nothing but what a key user may, and nothing is open to everyone."""
    role = subject.role_arn
    problems: list[str] = []
    for each in compare.parse(text):
        if not each.allows:
            continue
        if not meanings(each) and (compare.EVERYONE in each.principals or each.not_principals):
            problems.append(f"{each} is open to everyone")
        elif role in each.principals:
            problems += _more(each, role)
    yield judged(problems, fix="take that out of the key's policy")


def _more(statement: compare.Statement, role: str) -> Iterator[str]:
    if statement.not_actions:
        yield f"the role may do everything but {', '.join(sorted(statement.not_actions))}"
    limited = _for_services(role) <= meanings(statement)
    allowed = (*USE_ACTIONS, *GRANT_ACTIONS) if limited else USE_ACTIONS
    for action in sorted(statement.actions):
        if any(compare.covers(pattern, action) for pattern in allowed):
            continue
        grant = any(compare.covers(each, action) for each in GRANT_ACTIONS)
        yield f"the role may {action}" + (" without the condition kms:GrantIsForAWSResource" if grant else " too")


def _for_services(role: str) -> frozenset[tuple[str, str, frozenset[str]]]:
    """Return the meaning of the condition under which a key user may make grants."""
    statements = compare.parse({"Statement": key_user_statements(role)})
    return frozenset(meaning for each in statements for meaning in meanings(each))
