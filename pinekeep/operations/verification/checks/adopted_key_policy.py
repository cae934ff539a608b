"""The policy of an adopted key: it must let the role use the key, and must not give it more.

The other statements are its owner's. Whatever they give others is not judged, but everyone is nobody's choice.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pinekeep.model.policies.compare import EVERYONE, Statement, covers, is_orphan, named, parse
from pinekeep.model.policies.forms import meanings
from pinekeep.model.policies.key import GRANT_ACTIONS, USE_ACTIONS, key_user_statements
from pinekeep.operations.verification.checks.check import Subject, registry, with_adopted_key
from pinekeep.operations.verification.checks.finding import Verdict, judged
from pinekeep.operations.verification.checks.key_policy import ORPHANED_ROLE, USERS_WANTED

_MISSING: Final = "add the two statements that `pinekeep check` prints to the key's policy"
_IN_THE_WAY: Final = "take the statement that denies out of the key's policy"
NOT_MORE: Final = "the role may do nothing else, and nothing is open to everyone"

CHECKS: Final = registry(reads=("key_policy",), applies=with_adopted_key)


@CHECKS.add(
    id="adopted-key-policy-users",
    title="Key users in the adopted key's policy",
    wanted=USERS_WANTED,
    meaning="KMS refuses Pinecone the use of the key, so it cannot read or write the project's data.",
)
def users(subject: Subject, text: str) -> Iterator[Verdict]:
    """The role may do all that a key user may, and nothing denies it."""
    role = subject.role_arn
    found = parse(text)
    mine = [each for each in found if each.allows and role in each.principals]
    for_services = _for_services(role)
    uses = [each for each in mine if not meanings(each)]
    grants = [each for each in mine if meanings(each) <= for_services]
    problems = [f"{action} is not allowed" for action in _uncovered(USE_ACTIONS, uses)]
    problems += [f"{action} is not allowed for AWS services" for action in _uncovered(GRANT_ACTIONS, grants)]
    fixes = [_MISSING] if problems else []
    orphans = sorted({one for each in found for one in each.principals if is_orphan(one)})
    if problems and orphans:
        problems += [f"the policy names {named(one)}" for one in orphans]
    denying = [f"{each} takes the key away from the role" for each in found if denies_use(each, role)]
    if denying:
        problems += denying
        fixes.insert(0, _IN_THE_WAY)
    fix = "; then ".join(fixes)
    yield judged(problems, fix=fix, meaning=ORPHANED_ROLE if orphans else None)


def _uncovered(wanted: Iterable[str], allowed: list[Statement]) -> list[str]:
    return [action for action in wanted if not any(_allows(each, action) for each in allowed)]


def _allows(statement: Statement, action: str) -> bool:
    if statement.not_actions:
        return not any(covers(each, action) or covers(action, each) for each in statement.not_actions)
    return any(covers(pattern, action) for pattern in statement.actions)


def denies_use(statement: Statement, role: str) -> bool:
    """Tell whether a statement of a key policy surely denies a role a use of the key. One with conditions may not."""
    if statement.allows or meanings(statement):
        return False
    about_role = bool({role, EVERYONE} & statement.principals) or (
        bool(statement.not_principals) and role not in statement.not_principals
    )
    if statement.not_actions:
        return about_role and any(
            not any(covers(spared, action) for spared in statement.not_actions) for action in USE_ACTIONS
        )
    return about_role and any(
        covers(denied, action) or covers(action, denied) for denied in statement.actions for action in USE_ACTIONS
    )


@CHECKS.add(
    id="adopted-key-policy-nothing-wider",
    title="What else the adopted key's policy gives",
    wanted=NOT_MORE,
    meaning="Pinecone, or anyone at all, may do more with the key than Pinecone needs.",
)
def not_more(subject: Subject, text: str) -> Iterator[Verdict]:
    """The role may do nothing but what a key user may, and nothing is open to everyone."""
    role = subject.role_arn
    problems: list[str] = []
    for each in parse(text):
        if not each.allows:
            continue
        if not meanings(each) and (EVERYONE in each.principals or each.not_principals):
            problems.append(f"{each} is open to everyone")
        elif role in each.principals:
            problems += _more(each, role)
    yield judged(problems, fix="take that out of the key's policy")


def _more(statement: Statement, role: str) -> Iterator[str]:
    if statement.not_actions:
        yield f"the role may do everything but {', '.join(sorted(statement.not_actions))}"
    limited = _for_services(role) <= meanings(statement)
    allowed = (*USE_ACTIONS, *GRANT_ACTIONS) if limited else USE_ACTIONS
    for action in sorted(statement.actions):
        if any(covers(pattern, action) for pattern in allowed):
            continue
        grant = any(covers(each, action) for each in GRANT_ACTIONS)
        yield f"the role may {action}" + (" without the condition kms:GrantIsForAWSResource" if grant else " too")


def _for_services(role: str) -> frozenset[tuple[str, str, frozenset[str]]]:
    """Return the meaning of the condition under which a key user may make grants."""
    statements = parse({"Statement": key_user_statements(role)})
    return frozenset(meaning for each in statements for meaning in meanings(each))
