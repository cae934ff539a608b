"""The policies of a deployment, and the agreement that they implement."""

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
from pinekeep.model.policies.storage import bucket_arn

OWN_KEY: Final = ""
"""The name of the key in the deployment's own account. Names stay the same when a key is deployed and its ARN becomes
known, so that two tables can be compared by them."""

Origin = Literal["synthesized", "live"]


class PolicyError(PinekeepError):
    """A policy, or a reference in it, cannot be read. Nothing is decided from it."""


@dataclass(frozen=True, kw_only=True)
class NamedPolicy:
    """A permissions policy of a role, by name, or by ARN if it is another owner's; ``document`` is None if unknown."""

    name: str
    document: Policy | None


@dataclass(frozen=True, kw_only=True)
class RolePolicies:
    """A role that Pinecone assumes, with its policies.

    ``trust``: its trust policy; None where it is not known. ``permissions``: its permissions policies, inline and
    managed. Usually none: the key policy alone grants.
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
        """Its ID in a table."""
        return f"role/{self.name}"

    @property
    def account(self) -> str:
        """The account that owns it."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, kw_only=True)
class KeyPolicy:
    """A KMS key with its key policy.

    Attributes:
        arn: its ARN. The key ID may be a placeholder.
        document: its key policy; None where it is not known.
        name: :data:`OWN_KEY`, or a customer's name, with a suffix where a customer has several keys.
        grants: its grants; None where they were not read, as of a key that is not deployed.
        replica: the Region in which it replicates the deployment's own key, or None.
    """

    arn: str
    document: Policy | None
    name: str = OWN_KEY
    grants: tuple[Grant, ...] | None = None
    replica: str | None = None

    @property
    def id(self) -> str:
        """Its ID in a table."""
        if self.replica is not None:
            return f"replica/{self.replica}"
        return f"key/{self.name}" if self.name else "key"

    @property
    def words(self) -> str:
        """Its name in a sentence."""
        if self.replica is not None:
            return f"the key's replica in {self.replica}"
        return f"the key of {self.name}" if self.name else "the key"

    @property
    def account(self) -> str:
        """The account that owns it."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, kw_only=True)
class BucketPolicies:
    """An S3 bucket that Pinecone uses.

    Attributes:
        name: its name.
        account: the account that owns it.
        document: its bucket policy, without a statement where it has none; None where it is not known.
        prefixes: the prefixes of the objects that Pinecone uses, without slashes at their ends; None for all objects.
        kms_key: the ARN of the customer managed key of its objects, or None.
    """

    name: str
    account: str
    document: Policy | None
    prefixes: tuple[str | None, ...] = (None,)
    kms_key: str | None = None

    @property
    def id(self) -> str:
        """Its ID in a table."""
        return f"bucket/{self.name}"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return bucket_arn(self.name)

    @property
    def words(self) -> str:
        """Its name in a sentence."""
        return f"the bucket {self.name}"


Resource = RolePolicies | KeyPolicy | BucketPolicies
"""What requests are made on."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What was agreed with Pinecone and within the account: it determines the rows and columns of the table.

    ``regions``: the Pinecone regions that may assume the role, or ``all``. ``external_id``: the external ID that
    Pinecone presents, or None. ``principal_arns``: for roles of Pinecone's S3 account, the patterns for the principals
    that may assume them; None for the role of CMEK.
    """

    pinecone_account: str
    regions: tuple[str, ...] | Literal["all"]
    external_id: str | None
    administrators: tuple[str, ...] = ()
    principal_arns: tuple[str, ...] | None = None

    @classmethod
    def of(cls, deployment: Deployment, *, pinecone_account: str) -> Self:
        """Return the agreement in a deployment's settings. Raises WrongInputError if it has no role and no key."""
        cmek = deployment.cmek
        if cmek is None:
            raise WrongInputError(
                "this deployment has no cmek, so it has no role and no key",
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

    ``origin``: whether they were synthesized from the configuration, or read from the account. ``roles``: the roles
    that Pinecone assumes; several where customers' keys fill more than one. ``buckets``: those that Pinecone uses; none
    for CMEK.
    """

    name: str
    origin: Origin
    account: str
    region: str
    agreed: Agreement
    roles: tuple[RolePolicies, ...]
    keys: tuple[KeyPolicy, ...]
    buckets: tuple[BucketPolicies, ...] = ()

    def __post_init__(self) -> None:
        ids = Counter(each.id for each in self.resources)
        twice = sorted(each for each, times in ids.items() if times > 1)
        if twice:
            raise PolicyError(f"two of the deployment's roles or keys have the same name: {', '.join(twice)}")

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The roles, then the keys, then the buckets."""
        return (*self.roles, *self.keys, *self.buckets)

    @property
    def part(self) -> Literal["cmek", "storage"]:
        """The part of the deployment."""
        return "cmek" if self.agreed.principal_arns is None else "storage"

    @property
    def heading(self) -> str:
        """What the table is about."""
        return self.name if self.part == "cmek" else f"{self.name}, S3"

    @property
    def customers(self) -> tuple[tuple[str, str], ...]:
        """The other accounts that own a key, each with the name of its first key, in order."""
        found: dict[str, str] = {}
        for key in self.keys:
            if key.account != self.account:
                found.setdefault(key.account, key.name)
        return tuple(found.items())

    def resource(self, resource_id: str) -> Resource | None:
        """Return a role, key or bucket by its ID, or None."""
        return self._by_id.get(resource_id)

    @cached_property
    def _by_id(self) -> dict[str, Resource]:
        return {each.id: each for each in self.resources}

    def title(self, resource: Resource) -> str:
        """Return the name of the policy of a role, key or bucket in a sentence, such as ``the trust policy``."""
        if isinstance(resource, BucketPolicies):
            return f"the bucket policy of {resource.name}"
        if isinstance(resource, RolePolicies):
            return "the trust policy" if len(self.roles) == 1 else f"the trust policy of {resource.name}"
        if resource.replica is not None:
            return f"the key policy of the replica in {resource.replica}"
        return f"the key policy of {resource.name}" if resource.name else "the key policy"

    def resource_policies(self) -> Iterator[tuple[str, Policy]]:
        """Yield the known policies of all resources, each with its title; a grant as a policy with one statement."""
        for each in self.resources:
            found = each.trust if isinstance(each, RolePolicies) else each.document
            if found is not None:
                yield self.title(each), found
            for grant in (each.grants or ()) if isinstance(each, KeyPolicy) else ():
                yield grant.title, policy([grant.statement])


def statements_of(policy: Policy) -> list[Statement]:
    """Return a document's statements, for reading names; none where it is malformed, which decisions report."""
    try:
        return parse(policy)
    except (PolicyFormatError, AttributeError, TypeError):
        return []
