"""The policy of a key that the stack made, in meaning: what it should say, and nothing wider."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from pinekeep.checks.check import CheckInfo, Subject, with_administrators, with_own_key
from pinekeep.checks.finding import Verdict, judged
from pinekeep.policies.compare import Pairing, Statement, differences, is_orphan, pair, parse
from pinekeep.policies.document import policy
from pinekeep.policies.key import administrator_statements, key_user_statements, root_statement

_ROOT: Final = "the account keeps the key"
_USERS: Final = "the role may use the key, and make grants for AWS services alone"
_ADMINISTRATORS: Final = "the configured administrators may administer the key, and not use it"
_NOTHING_WIDER: Final = "no other statement"

_ORPHANED: Final = "The key policy names a principal that was deleted; KMS lets in nobody who has its name now."
ORPHANED_ROLE: Final = (
    "KMS refuses Pinecone the key: the key policy names a role that was deleted, and the one that has its name now "
    "is another to KMS."
)

Wanted = Callable[[Subject], list[dict[str, Any]]]


def _root(subject: Subject) -> list[dict[str, Any]]:
    return [root_statement(subject.deployment.account)]


def _users(subject: Subject) -> list[dict[str, Any]]:
    return key_user_statements(subject.role_arn)


def _administrators(subject: Subject) -> list[dict[str, Any]]:
    key = subject.cmek.key
    return administrator_statements(key.administrators, multi_region=key.multi_region)


def _paired(subject: Subject, text: str) -> Pairing:
    wanted = policy([*_root(subject), *_administrators(subject), *_users(subject)])
    return pair(found=parse(text), wanted=parse(wanted))


def says(wanted: Wanted, right: str, subject: Subject, text: str) -> Iterator[Verdict]:
    """Some of the wanted statements are there, exactly.

    A policy keeps the ID of a principal that was deleted; one that was made anew has another.
    """
    asked = {statement.meaning for statement in parse(policy(wanted(subject)))}
    problems: list[str] = []
    orphaned = False
    for want, found in _paired(subject, text).pairs:
        if want.meaning not in asked:
            continue
        if found is None:
            problems.append(f"{want.sid} is missing")
            continue
        orphaned = orphaned or any(map(is_orphan, found.principals))
        problems += [f"{found.sid or want.sid}: {difference}" for difference in differences(found, want)]
    fix, meaning = subject.restore, None
    if orphaned:
        fix = f"a principal was deleted and made anew; KMS must look it up by its name again; {fix}"
        meaning = ORPHANED_ROLE if wanted is _users else _ORPHANED
    yield judged(problems, right=right, wanted=right, fix=fix, meaning=meaning)


def nothing_wider(subject: Subject, text: str) -> Iterator[Verdict]:
    """There is no statement besides the wanted ones."""
    paired = _paired(subject, text)
    known = {want.meaning for want, _ in paired.pairs}
    problems = [_told(each) for each in paired.others if each.meaning not in known]
    yield judged(problems, right=_NOTHING_WIDER, wanted=_NOTHING_WIDER, fix=subject.restore)


def _told(statement: Statement) -> str:
    return f"there is {statement}"


CHECKS: Final = (
    CheckInfo(
        id="key-policy-root",
        title="Account root in the key policy",
        wanted=_ROOT,
        meaning="A mistaken policy could lock everyone out of the key, and the project's data would be lost.",
        reads=("key_policy",),
        applies=with_own_key,
        run=partial(says, _root, _ROOT),
    ),
    CheckInfo(
        id="key-policy-users",
        title="Key users in the key policy",
        wanted=_USERS,
        meaning="KMS refuses Pinecone the use of the key, or others may use it too.",
        reads=("key_policy",),
        applies=with_own_key,
        run=partial(says, _users, _USERS),
    ),
    CheckInfo(
        id="key-policy-administrators",
        title="Key administrators in the key policy",
        wanted=_ADMINISTRATORS,
        meaning="Pinecone works on; the wrong people may administer the key, or use it.",
        reads=("key_policy",),
        applies=with_administrators,
        run=partial(says, _administrators, _ADMINISTRATORS),
    ),
    CheckInfo(
        id="key-policy-nothing-wider",
        title="Other statements of the key policy",
        wanted=_NOTHING_WIDER,
        meaning="Others may use or administer the key of the project's data, or Pinecone may do more than it needs.",
        reads=("key_policy",),
        applies=with_own_key,
        run=nothing_wider,
    ),
)
