"""Proof that Pinecone is cut off: the decision on every request that it could make, from the live policies.

The evaluator knows policies, not the states of keys; KMS refuses every use of a key that is not enabled.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.evaluation import Decider
from pinekeep.decisions.access.live import live_key
from pinekeep.decisions.access.policies import Agreement, KeyPolicy, NamedPolicy, PolicySet, RolePolicies
from pinekeep.decisions.access.principals import Kind, principals
from pinekeep.decisions.access.requests import key_requests
from pinekeep.model.arns import KeyArn
from pinekeep.model.config import Deployment
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.operations.revocation.targets import OpenKey, RoleState, Targets, read_open_keys

_CUSTOMERS: Final = "customers"
_ANY_KEY: Final = KeyArn("aws", "us-east-1", "999988887777", "00000000-0000-0000-0000-000000000000")
"""Stands for any key in another account: the denial names no resource, so the decision is the same for each."""


@dataclass(frozen=True)
class Proof:
    """Whether every request is denied, in words; whether all of the roles' sessions are; and the keys as read."""

    cut_off: bool
    sentences: tuple[str, ...]
    sessions_cut_off: bool = False
    keys: tuple[OpenKey, ...] = ()


def prove(name: str, deployment: Deployment, targets: Targets, *, pinecone_account: str, clients: Clients) -> Proof:
    """Decide every request for the keys by the roles and by anybody outside the account, including grants."""
    sentences: list[str] = []
    cut_off = sessions = True
    keys = read_open_keys(clients, targets.key) if targets.key is not None else ()
    for key in keys:
        if key.is_stopped:
            sentences.append(
                f"{key.words} is {key.state or 'deleted'}: KMS refuses every use of it, whatever the policies allow"
            )
        if key.unreadable is not None:
            sentences.append(f"it is unknown who can use {key.words} {key.arn}: {key.unreadable}")
            cut_off &= key.is_stopped
            sessions &= key.is_stopped or all(role.is_cut_off or not role.exists for role in targets.roles)
            continue
        found = live_key(arn=key.arn, policy=key.policy, replica=key.region if key.is_replica else None)
        found = replace(found, grants=key.grants)
        decided = _decided(name, deployment, targets, found, pinecone_account)
        what = f"for {key.words} by Pinecone's sessions and by anybody outside the account"
        sentences.append(_sentence(decided, what))
        if key.last_usage is not None:
            sentences.append(f"KMS reports for {key.words}: {key.last_usage}")
        cut_off &= key.is_stopped or not decided.allowed
        sessions &= key.is_stopped or not decided.to_sessions
    if targets.has_customer_keys:
        customers = KeyPolicy(arn=str(_ANY_KEY), document=None, name=_CUSTOMERS)
        decided = _decided(name, deployment, targets, customers, pinecone_account, outsiders=False)
        sentences.append(_sentence(decided, "for keys in other accounts by Pinecone's sessions"))
        cut_off &= not decided.allowed
        sessions &= not decided.allowed
    return Proof(cut_off, tuple(sentences), sessions, keys)


@dataclass(frozen=True)
class _Decided:
    """The number of denied requests for one key; the others in words, those ``to_sessions`` of the roles first."""

    denied: int
    allowed: tuple[str, ...]
    to_sessions: int


def _decided(
    name: str,
    deployment: Deployment,
    targets: Targets,
    key: KeyPolicy,
    pinecone_account: str,
    *,
    outsiders: bool = True,
) -> _Decided:
    policies = PolicySet(
        name=name,
        origin="live",
        account=deployment.account,
        region=deployment.region,
        agreed=Agreement.of(deployment, pinecone_account=pinecone_account),
        roles=tuple(_policies(role) for role in targets.roles if role.exists),
        keys=(key,),
    )
    decider = Decider(policies)
    denied = to_sessions = 0
    allowed: list[str] = []
    who = [
        each
        for each in principals(policies)
        if each.kind is Kind.OUR_ROLE or (outsiders and each.account != policies.account)
    ]
    for principal, request in product(who, key_requests(key)):
        decision = decider.decide(principal, request)
        if decision.effect is Effect.DENY:
            denied += 1
        else:
            allowed.append(f"{principal.words}: {request.words} ({decision.reason})")
            to_sessions += principal.kind is Kind.OUR_ROLE
    return _Decided(denied, tuple(allowed), to_sessions)


def _policies(role: RoleState) -> RolePolicies:
    """Return a role with the denial as its only policy, if it has one: no other policy overrides a denial."""
    return RolePolicies(
        arn=role.arn,
        trust=None,
        permissions=(NamedPolicy(name=REVOKED_POLICY_NAME, document=role.policy),) if role.policy else (_UNKNOWN,),
    )


_UNKNOWN: Final = NamedPolicy(name="other policies of the role", document=None)


def _sentence(decided: _Decided, what: str) -> str:
    allowed = decided.allowed
    total = decided.denied + len(allowed)
    if not allowed:
        return f"by the live policies all {total} requests {what} are denied"
    more = f", and {len(allowed) - 1} more" if len(allowed) > 1 else ""
    return f"by the live policies {len(allowed)} of {total} requests {what} are not denied: {allowed[0]}{more}"
