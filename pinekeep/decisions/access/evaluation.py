"""Evaluation of one request of one principal, as AWS combines trust, key and permissions policies.

Sources: "Policy evaluation logic" and "Cross-account policy evaluation logic" of the IAM User Guide, "Troubleshooting
key access" and "Allowing users in other accounts to use a KMS key" of the KMS Developer Guide, AssumeRole of the STS
API reference (docs.aws.amazon.com, checked 2026-11-22).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pinekeep.decisions.access.decision import ASSUMED, OF_ROOT, Decision, Effect, StatementRef
from pinekeep.decisions.access.evaluator import EVERYTHING, Question, known_keys
from pinekeep.decisions.access.policies import (
    BucketPolicies,
    NamedPolicy,
    PolicyError,
    PolicySet,
    Resource,
    RolePolicies,
)
from pinekeep.decisions.access.principals import Identity, Principal, principals
from pinekeep.decisions.access.requests import FROM_OTHER_ACCOUNTS, Group, Request
from pinekeep.decisions.access.verdict import Deciding, Side, Sides, Verdict
from pinekeep.decisions.access.vocabulary import Examined, Part, examine, numbered, unknown
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.grants import Grant

_ALL: Final = Examined(best=dict(EVERYTHING[0]), worst=dict(EVERYTHING[0]))
_ROOT: Final = Side(((OF_ROOT, _ALL),))
_IDENTITIES: Final = {Identity.EVERYTHING: Side(((ASSUMED, _ALL),)), Identity.NOTHING: Side()}


class Decider:
    """Decides requests from one set of policies. ``callers``: all callers; by default the rows of the table."""

    def __init__(self, policies: PolicySet, *, callers: Sequence[Principal] | None = None) -> None:
        self.policies = policies
        self._callers = frozenset(each.arn for each in callers or principals(policies))
        self._read: dict[tuple[str, str, frozenset[str]], Side] = {}

    def decide(self, principal: Principal, request: Request) -> Decision:
        """Return the decision on a request.

        Raises PolicyError if the policies have no such role or key; LocalAwsError if the evaluator is missing, or has
        another version than the pinned one.
        """
        resource = self.policies.resource(request.on)
        if resource is None:
            raise PolicyError(f"the policies of {self.policies.name} have no {request.on}")
        refused = refused_by_itself(principal, request, resource)
        if refused is not None:
            return refused
        sides = self.sides(principal, resource, known_keys(request))
        return self.verdict(principal, request, resource, sides).worded(sides, self.policies.title(resource))

    def verdict(self, principal: Principal, request: Request, resource: Resource, sides: Sides) -> Verdict:
        """Return the verdict of the policies on a request that AWS does not refuse in general."""
        required = not isinstance(resource, BucketPolicies)
        question = Question(
            principal=principal,
            request=request,
            resource_arn=request.resource or resource.arn,
            owner=resource.account,
            required=required,
        )
        within = principal.account == resource.account
        return Deciding(question, sides, principal, within=within, required=required).verdict()

    # --- Reading ---

    def sides(self, principal: Principal, resource: Resource, known: frozenset[str]) -> Sides:
        """Return the policies that apply to a request with some known condition keys."""
        identity, boundary = self._caller(principal, known)
        return Sides(identity, boundary, self._resource(resource, known))

    def _caller(self, principal: Principal, known: frozenset[str]) -> tuple[Side, Side | None]:
        if principal.is_root:
            return _ROOT, None
        if principal.identity is not Identity.OWN:
            return _IDENTITIES[principal.identity], None
        role = next((each for each in self.policies.roles if each.id == principal.id), None)
        if role is None:
            return Side(), None
        parts = [self._permissions(role, each, known, "the permissions policy") for each in role.permissions]
        identity = Side(tuple(each for part in parts for each in part.statements))
        if role.boundary is None:
            return identity, None
        return identity, self._permissions(role, role.boundary, known, "the permissions boundary")

    def _permissions(self, role: RolePolicies, policy: NamedPolicy, known: frozenset[str], kind: str) -> Side:
        return self._side(
            f"{role.id} {kind} {policy.name}", f"{kind} {policy.name}", policy.document, Part.PERMISSIONS, known
        )

    def _resource(self, resource: Resource, known: frozenset[str]) -> Side:
        title = self.policies.title(resource)
        if isinstance(resource, BucketPolicies):
            return self._side(resource.id, title, resource.document, Part.BUCKET, known)
        if isinstance(resource, RolePolicies):
            return self._side(resource.id, title, resource.trust, Part.TRUST, known)
        own = self._side(resource.id, title, resource.document, Part.KEY, known)
        if not resource.grants:
            return own
        index = (resource.id, "grants", known)
        if index not in self._read:
            self._read[index] = Side((*own.statements, *self._granted(resource.grants, known)))
        return self._read[index]

    def _granted(self, grants: Sequence[Grant], known: frozenset[str]) -> Iterator[tuple[StatementRef, Examined]]:
        """Yield grants as statements: KMS requires one that allows the request, anywhere, and none that denies it."""
        for grant in grants:
            ref = StatementRef(policy=" ".join(filter(None, (grant.title, grant.constraints))), grant=grant.id)
            yield ref, examine(grant.statement, part=Part.KEY, known=known, callers=self._callers)

    def _side(self, name: str, title: str, policy: Policy | None, part: Part, known: frozenset[str]) -> Side:
        index = (name, title, known)
        if index not in self._read:
            self._read[index] = Side(tuple(_examined(title, policy, part, known, self._callers)))
        return self._read[index]


def _examined(
    title: str, policy: Policy | None, part: Part, known: frozenset[str], callers: frozenset[str]
) -> Iterator[tuple[StatementRef, Examined]]:
    if policy is None:
        yield StatementRef(policy=title), unknown("its content is unknown")
        return
    for number, statement in numbered(policy):
        sid = statement.get("Sid") if isinstance(statement, dict) else None
        ref = StatementRef(policy=title, sid=str(sid) if sid else None, number=number)
        yield ref, examine(statement, part=part, known=known, callers=callers)


def refused_by_itself(principal: Principal, request: Request, resource: Resource) -> Decision | None:
    """Return the denial of a request that AWS refuses whatever the policies say, or None."""
    if request.group in (Group.ASSUME, Group.SESSION) and principal.is_root:
        reason = "AWS does not allow a root user to assume a role, whatever a policy says"
    elif isinstance(resource, BucketPolicies):
        return None
    elif principal.account != resource.account and request.action not in FROM_OTHER_ACCOUNTS:
        reason = f"KMS takes {request.action} only from the key's own account, whatever a policy says"
    else:
        return None
    return Decision(effect=Effect.DENY, reason=reason)
