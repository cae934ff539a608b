"""Proof by decision that Pinecone is cut off: every request that it could make, decided from what is live.

The evaluator knows policies, not the states of keys; a key that is not enabled refuses every use whatever they say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pinekeep.access.decide import Decider
from pinekeep.access.decision import Effect
from pinekeep.access.live import live_key
from pinekeep.access.policies import Agreement, KeyPolicy, NamedPolicy, PolicySet, RolePolicies
from pinekeep.access.principals import Kind, Principal, principals
from pinekeep.access.requests import Request, key_requests
from pinekeep.arns import KeyArn
from pinekeep.aws.clients import Clients
from pinekeep.config import Deployment
from pinekeep.cutting_off.targets import RoleState, Targets
from pinekeep.policies.revocation import REVOKED_POLICY_NAME

_CUSTOMERS: Final = "customers"
_ANY_KEY: Final = KeyArn("aws", "us-east-1", "999988887777", "00000000-0000-0000-0000-000000000000")
"""Stands for every key in another account: the denial names no resource, so it decides the same for each."""


@dataclass(frozen=True)
class Proof:
    """Whether Pinecone is cut off.

    Attributes:
        cut_off: whether nothing that was asked is let through.
        told: what was seen, in sentences.
    """

    cut_off: bool
    told: tuple[str, ...]


def prove(name: str, deployment: Deployment, targets: Targets, *, pinecone_account: str, clients: Clients) -> Proof:
    """Decide every request for the keys: by the roles, and by anybody outside the account.

    Args:
        name: the deployment's name.
        deployment: its settings.
        targets: what is live, as just read.
        pinecone_account: Pinecone's own AWS account.
        clients: of the deployment's account and Region; the key's policy is read.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
    """
    told: list[str] = []
    cut_off = True
    key = targets.key
    if key is not None and key.is_stopped:
        told.append(f"the key is {key.state or 'no more'}: KMS refuses every use of it, whatever the policies say")
    if key is not None:
        policy = (
            clients.client("kms").get_key_policy(KeyId=key.arn, PolicyName="default")["Policy"] if key.state else None
        )
        found = live_key(arn=key.arn, policy=policy)
        denied, allowed = _decided(name, deployment, targets, found, pinecone_account)
        told.append(_sentence(denied, allowed, "for the key by Pinecone's sessions and by anybody outside the account"))
        cut_off &= key.is_stopped or not allowed
    if targets.has_customer_keys:
        customers = KeyPolicy(arn=str(_ANY_KEY), document=None, name=_CUSTOMERS)
        denied, allowed = _decided(name, deployment, targets, customers, pinecone_account, outsiders=False)
        told.append(_sentence(denied, allowed, "for keys in other accounts by Pinecone's sessions"))
        cut_off &= not allowed
    return Proof(cut_off, tuple(told))


def _decided(
    name: str,
    deployment: Deployment,
    targets: Targets,
    key: KeyPolicy,
    pinecone_account: str,
    *,
    outsiders: bool = True,
) -> tuple[int, list[str]]:
    """Return how many requests are denied, and in words those that are not."""
    policies = PolicySet(
        name=name,
        origin="live",
        account=deployment.account,
        region=deployment.region,
        agreed=Agreement.of(deployment, pinecone_account=pinecone_account),
        roles=tuple(_policies(role) for role in targets.roles if role.exists),
        keys=(key,),
    )
    who = [
        each for each in principals(policies) if each.kind is Kind.OUR_ROLE or (outsiders and _outside(each, policies))
    ]
    decider = Decider(policies)
    denied = 0
    allowed: list[str] = []
    for principal, request in _asked(who, key):
        decision = decider.decide(principal, request)
        if decision.effect is Effect.DENY:
            denied += 1
        else:
            allowed.append(f"{principal.words}: {request.words} ({decision.reason})")
    return denied, allowed


def _asked(who: list[Principal], key: KeyPolicy) -> Iterator[tuple[Principal, Request]]:
    return ((principal, request) for principal in who for request in key_requests(key))


def _outside(principal: Principal, policies: PolicySet) -> bool:
    return principal.account != policies.account


def _policies(role: RoleState) -> RolePolicies:
    """Return a role with what is known of it: the denial, or nothing. Nothing that it has besides outdoes a denial."""
    return RolePolicies(
        arn=role.arn,
        trust=None,
        permissions=(NamedPolicy(name=REVOKED_POLICY_NAME, document=role.policy),) if role.policy else (_NOT_KNOWN,),
    )


_NOT_KNOWN: Final = NamedPolicy(name="what else the role has", document=None)


def _sentence(denied: int, allowed: list[str], what: str) -> str:
    total = denied + len(allowed)
    if not allowed:
        return f"by the live policies all {total} requests {what} are denied"
    more = f", and {len(allowed) - 1} more" if len(allowed) > 1 else ""
    return f"by the live policies {len(allowed)} of {total} requests {what} are not denied: {allowed[0]}{more}"
