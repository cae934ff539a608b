"""The policies that a decision table is decided from, and what was agreed about them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, Self

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config.models import Deployment
from pinekeep.model.policies.compare import PolicyFormatError, Statement, parse
from pinekeep.model.policies.document import Policy, policy
from pinekeep.model.policies.grants import Grant

OWN_KEY: Final = ""
"""The name of the key in the deployment's own account: it needs none. Names stay the same when a key is deployed
and its ARN becomes known, so that two tables can be compared by them."""

Origin = Literal["synthesized", "live"]


class PolicyError(PinekeepError):
    """A policy, or what it refers to, cannot be read; nothing is decided from it."""


@dataclass(frozen=True, kw_only=True)
class NamedPolicy:
    """A permissions policy of a role.

    Attributes:
        name: its name, or its ARN where it is not of this deployment.
        document: what it says; None where that is not known.
    """

    name: str
    document: Policy | None


@dataclass(frozen=True, kw_only=True)
class RolePolicies:
    """A role that Pinecone assumes, with all that says what it may do.

    Attributes:
        arn: its ARN.
        trust: its trust policy; None where it is not known.
        permissions: its permissions policies, inline and managed. Usually none: the key policy alone grants.
        boundary: its permissions boundary, where it has one.
    """

    arn: str
    trust: Policy | None
    permissions: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None

    @property
    def name(self) -> str:
        """The role's name."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def id(self) -> str:
        """What a table knows it by."""
        return f"role/{self.name}"

    @property
    def account(self) -> str:
        """The account that owns it."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, kw_only=True)
class KeyPolicy:
    """A KMS key with its key policy.

    Attributes:
        arn: the key's ARN. Its key ID may stand for one that is not known yet.
        document: its key policy; None where that is not known.
        name: :data:`OWN_KEY`, or a customer's name; where a customer has several keys, something after it.
        grants: the grants on it; None where they were not looked at, as of a key that is not deployed.
        replica: the Region of which it is the replica of the deployment's own key, or None.
    """

    arn: str
    document: Policy | None
    name: str = OWN_KEY
    grants: tuple[Grant, ...] | None = None
    replica: str | None = None

    @property
    def id(self) -> str:
        """What a table knows it by."""
        if self.replica is not None:
            return f"replica/{self.replica}"
        return f"key/{self.name}" if self.name else "key"

    @property
    def words(self) -> str:
        """What a sentence calls it."""
        if self.replica is not None:
            return f"the key's replica in {self.replica}"
        return f"the key of {self.name}" if self.name else "the key"

    @property
    def account(self) -> str:
        """The account that owns it."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What was agreed with Pinecone and inside the account: it makes the rows and columns of the table.

    Attributes:
        pinecone_account: Pinecone's own AWS account.
        regions: the Pinecone regions that are to assume the role, or ``all``.
        external_id: what Pinecone presents, or None for nothing.
        administrators: ARNs of the key administrators.
    """

    pinecone_account: str
    regions: tuple[str, ...] | Literal["all"]
    external_id: str | None
    administrators: tuple[str, ...] = ()

    @classmethod
    def of(cls, deployment: Deployment, *, pinecone_account: str) -> Self:
        """Return what a deployment's settings agree to.

        Raises:
            WrongInputError: the deployment has no role and no key.
        """
        cmek = deployment.cmek
        if cmek is None:
            raise WrongInputError(
                "this deployment has no cmek, so there is no role and no key to decide about",
                hint="add cmek to it, or name another deployment",
            )
        return cls(
            pinecone_account=pinecone_account,
            regions="all" if cmek.trust.regions == "all" else tuple(map(str, cmek.trust.regions)),
            external_id=cmek.trust.presented_id,
            administrators=tuple(map(str, cmek.key.administrators)),
        )


@dataclass(frozen=True, kw_only=True)
class PolicySet:
    """All policies of one deployment.

    Attributes:
        name: the deployment's name.
        origin: whether they were synthesized from the configuration, or read from the account.
        account: the deployment's account.
        region: its Region.
        agreed: what the configuration says.
        roles: the roles that Pinecone assumes; several where customers' keys fill more than one.
        keys: the keys: the deployment's own, and those in accounts of its customers.
    """

    name: str
    origin: Origin
    account: str
    region: str
    agreed: Agreement
    roles: tuple[RolePolicies, ...]
    keys: tuple[KeyPolicy, ...]

    def __post_init__(self) -> None:
        ids = Counter(each.id for each in self.resources)
        twice = sorted(each for each, times in ids.items() if times > 1)
        if twice:
            raise PolicyError(f"two of the deployment's roles or keys have the same name: {', '.join(twice)}")

    @property
    def resources(self) -> tuple[RolePolicies | KeyPolicy, ...]:
        """The roles, then the keys."""
        return (*self.roles, *self.keys)

    @property
    def customers(self) -> tuple[tuple[str, str], ...]:
        """The other accounts that own a key, each with the name of its first key, in their order."""
        found: dict[str, str] = {}
        for key in self.keys:
            if key.account != self.account:
                found.setdefault(key.account, key.name)
        return tuple(found.items())

    def resource(self, resource_id: str) -> RolePolicies | KeyPolicy | None:
        """Return the role or key of an ID, or None."""
        return self._by_id.get(resource_id)

    @cached_property
    def _by_id(self) -> dict[str, RolePolicies | KeyPolicy]:
        return {each.id: each for each in self.resources}

    def title(self, resource: RolePolicies | KeyPolicy) -> str:
        """Return what the policy of a role or key is called, such as ``the trust policy``."""
        if isinstance(resource, RolePolicies):
            return "the trust policy" if len(self.roles) == 1 else f"the trust policy of {resource.name}"
        if resource.replica is not None:
            return f"the key policy of the replica in {resource.replica}"
        return f"the key policy of {resource.name}" if resource.name else "the key policy"

    def resource_policies(self) -> Iterator[tuple[str, Policy]]:
        """Yield the known trust and key policies, each with its title; a grant as a policy of one statement."""
        for each in self.resources:
            found = each.trust if isinstance(each, RolePolicies) else each.document
            if found is not None:
                yield self.title(each), found
            for grant in (each.grants or ()) if isinstance(each, KeyPolicy) else ():
                yield grant.title, policy([grant.statement])


def statements_of(policy: Policy) -> list[Statement]:
    """Return a document's statements for reading names out of them; none where it is malformed beyond that.

    What is malformed is still told: deciding from it says so.
    """
    try:
        return parse(policy)
    except (PolicyFormatError, AttributeError, TypeError):
        return []
