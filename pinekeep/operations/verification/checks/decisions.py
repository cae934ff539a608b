"""Who can do what by the policies that are live, held against what the configured ones let happen.

The other checks compare what policies say; this one what they come to, all together. Customers' keys are left out:
their policies cannot be read from here.
"""

from typing import Any, Final

from pinekeep.model.policies.compare import PolicyFormatError, parse
from pinekeep.model.policies.grants import parse_grants
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.verification.checks.access import configured
from pinekeep.operations.verification.checks.base import mapping
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, noted, passed
from pinekeep.operations.verification.checks.revocation import is_cut_off
from pinekeep.operations.verification.checks.role import delete_inline, detach

_WANTED: Final = "access is as configured"
_SHOWN: Final = 5
UNDECIDED: Final = "whether "
"""How a difference begins that nobody can decide: it may be none."""

CHECKS: Final = registry()


@CHECKS.add(
    id="decisions-as-planned",
    title="Effective access",
    wanted=_WANTED,
    meaning="Pinecone may be refused what it needs, or somebody else may use or administer the key.",
    reads=("key_policy", "grants", "role", "inline_documents", "attached_documents", "customer_policies"),
    applies=with_cmek,
    sees_absence=True,
    needs_file=True,
)
def _decisions(subject: Subject, key_policy: str | None, grants: list[Any] | None, *_of_role: Any) -> Verdict | None:
    """The live policies and grants together let happen what the configured policies do, no more and no less.

    What each of the roles has is looked at through the subject.
    """
    if any(each.live.role is None for each in subject.of_each_role) or (subject.cmek.has_own_key and not key_policy):
        return None  # checks of their own tell what is missing
    told = _differences(subject, key_policy, grants)
    by_policies = _differences(subject, key_policy, None) if told and grants else told
    if not told:
        cut = any(is_cut_off(mapping(each.live.inline_documents)) for each in subject.of_each_role)
        return passed(f"{_WANTED}, but for the cut-off" if cut else _WANTED)
    found = first(told, _SHOWN, more="; and")
    # A deployment ends no grant, whatever it reverts.
    of_grants = by_policies != told
    fixes = [_fix(subject, key_policy)] if by_policies or not of_grants else []
    if of_grants:
        fixes.append(f"end the grant: {_revoking(subject, grants)}")
    fix = "; and ".join(fixes)
    if all(each.startswith(UNDECIDED) for each in told):
        return noted(found, fix="look at the statement: its effect cannot be decided here")
    return failed(found, fix=fix)


def _fix(subject: Subject, key_policy: str | None) -> str:
    """Return what works: the template has the trust policy and the key policy, and knows nothing of further policies.

    CloudFormation compares a role with what its template says alone, so it leaves what was added by hand.
    """
    by_hand = list(dict.fromkeys(each for one in subject.of_each_role for each in _by_hand(one)))
    fixes = list(by_hand)
    if not by_hand or _differences(subject, key_policy, None, by_hand=False):
        restore = subject.restore
        if subject.cmek.key.adopt:
            restore = f"where the key's own policy decides, its owner changes it; else {restore}"
        fixes.append(restore)
    return "; then ".join(fixes)


def _by_hand(subject: Subject) -> list[str]:
    """Return the commands that take off a role what its stack did not put on it."""
    planned = subject.role.policies
    inline = _but_for_the_cut_off(mapping(subject.live.inline_documents))
    attached = [arn for arn in mapping(subject.live.attached_documents) if arn not in planned]
    return [*delete_inline(subject.role.name, inline), *detach(subject.role.name, attached)]


def _revoking(subject: Subject, entries: list[Any] | None) -> str:
    """Return the commands that end the grants by which others can use the key."""
    from pinekeep.operations.verification.checks.key_grants import holders  # noqa: PLC0415 - it uses what is decided here

    key = subject.live.key
    found = holders(subject).strangers(parse_grants(entries or (), key_arn=key["Arn"] if isinstance(key, dict) else ""))
    return " && ".join(each.revoke_command for each in found[:_SHOWN]) or "see the check of the grants on the key"


def of_key_policy(subject: Subject, key_policy: str) -> list[str]:
    """Return in words what a key policy lets happen otherwise than the configured one, the roles being as configured.

    Raises:
        PolicyFormatError: it is no policy document.
    """
    return _differences(subject, key_policy, None, with_live_roles=False)


def _differences(
    subject: Subject,
    key_policy: str | None,
    grants: list[Any] | None,
    *,
    with_live_roles: bool = True,
    by_hand: bool = True,
) -> list[str]:
    from pinekeep.decisions.access.differences import differences  # noqa: PLC0415 - the evaluator is slow to import
    from pinekeep.decisions.access.live import live_key, live_policies, live_role  # noqa: PLC0415
    from pinekeep.decisions.access.policies import PolicyError  # noqa: PLC0415
    from pinekeep.decisions.access.table import decision_table  # noqa: PLC0415

    wanted = configured(subject)
    try:
        roles = [] if with_live_roles else list(wanted.roles)
        for each in subject.of_each_role if with_live_roles else ():
            customers = mapping(each.live.customer_policies)
            of_customers = {arn.rsplit("/", 1)[-1]: found for arn, found in customers.items()}
            roles.append(
                live_role(
                    mapping(each.live.role),
                    inline=_but_for_the_cut_off(mapping(each.live.inline_documents)) if by_hand else {},
                    attached={**of_customers, **(mapping(each.live.attached_documents) if by_hand else {})},
                )
            )
        keys = [live_key(arn=each.arn, policy=key_policy, grants=grants) for each in wanted.keys]
    except PolicyError as error:
        raise PolicyFormatError(error.message) from None
    live = live_policies(
        name=subject.name,
        deployment=subject.deployment,
        pinecone_account=str(subject.pinecone_account),
        roles=roles,
        keys=keys,
    )
    if _meaning(wanted) == _meaning(live):
        return []
    return differences(decision_table(wanted), decision_table(live))


def _but_for_the_cut_off(documents: dict[str, Any]) -> dict[str, Any]:
    """Return inline policies without that of ``revoke``, which has a check of its own."""
    if not is_cut_off(documents):
        return documents
    return {name: document for name, document in documents.items() if name != REVOKED_POLICY_NAME}


def _meaning(policies: Any) -> Any:
    """Return what policies that decide the same without a doubt share: deciding takes longer than comparing."""
    return (
        [
            (each.arn, _said(each.trust), frozenset(_said(one.document) for one in each.permissions), each.boundary)
            for each in policies.roles
        ],
        [(each.id, _said(each.document), each.grants or ()) for each in policies.keys],
    )


def _said(document: Any) -> Any:
    return None if document is None else frozenset(statement.meaning for statement in parse(document))
