"""What every check before a deployment is made of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pinekeep.account.credentials.identity import Caller
from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.privileges.scope import makes_vpc
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import ExistingVpc
from pinekeep.model.customers.packing import Packing
from pinekeep.operations.preflight.expiry import Session
from pinekeep.operations.preflight.inventory import PERMISSIONS, Seen, is_new
from pinekeep.operations.verification.checks.finding import Finding, Verdict, unreadable
from pinekeep.operations.verification.checks.subject import OfDeployment


@dataclass(frozen=True)
class Demand:
    """How much a run would make in an account, over all its deployments.

    Attributes:
        roles: IAM roles.
        policies: managed policies.
        keys: KMS keys, by Region.
        vpcs: VPCs, by Region.
        endpoints: interface endpoints, by VPC.
    """

    roles: int = 0
    policies: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    vpcs: dict[str, int] = field(default_factory=dict)
    endpoints: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Subject(OfDeployment):
    """What is looked at: one deployment as configured, and what is there.

    Attributes:
        name: the deployment's name.
        deployment: its settings.
        pinecone_account: Pinecone's own AWS account; None where no deployment has a key.
        caller: whose credentials these are.
        session: how long they last; None where that is not known.
        now: the time.
        seen: what was read; nothing where the credentials are of another account.
        customers: the places of its customers; needed where it has ``customer_keys``.
        demand: how much the whole run would make.
    """

    name: str
    deployment: Deployment
    pinecone_account: str | None
    caller: Caller
    session: Session | None
    now: datetime
    seen: Seen
    customers: Packing | None = None
    demand: Demand = Demand()

    @property
    def in_its_account(self) -> bool:
        """Whether the credentials are of the deployment's account, so that there is something to look at."""
        return self.caller.account == self.deployment.account

    @property
    def existing_vpc(self) -> ExistingVpc | None:
        """The VPC that the configuration names; None where a new one is made."""
        return self.link.vpc if isinstance(self.link.vpc, ExistingVpc) else None

    @property
    def makes_key_stack(self) -> bool:
        """Whether the stack of key and role is not there yet."""
        return self.deployment.cmek is not None and is_new(self.seen.cmek_stack)

    @property
    def makes_endpoint(self) -> bool:
        """Whether the stack of the endpoint is not there yet."""
        return self.deployment.private_link is not None and is_new(self.seen.private_link_stack)

    @property
    def makes_vpc(self) -> bool:
        """Whether a VPC will be made."""
        return self.makes_endpoint and makes_vpc(self.deployment)

    @property
    def cmek_stack_name(self) -> str:
        """The name of the stack of key and role."""
        return naming.cmek_stack(self.name)


Run = Callable[[Subject], Iterable[Verdict]]
Applies = Callable[[Subject], bool]


@dataclass(frozen=True, kw_only=True)
class CheckInfo:
    """One check: its description, and how it is run.

    Attributes:
        id: its stable name, in kebab case.
        title: what it looks at.
        wanted: what should be so, in general.
        meaning: why it matters, in one sentence.
        reads: the fields of :class:`pinekeep.operations.preflight.inventory.Seen` that it cannot do without.
        uses: those that it looks at where they can be read.
        applies: whether there is what it looks at.
        run: gives verdicts. Pure. A failed one stands in the way of a deployment.
        blocks: whether it can fail at all, or only notes things.
    """

    id: str
    title: str
    wanted: str
    meaning: str
    reads: tuple[str, ...]
    applies: Applies
    run: Run
    uses: tuple[str, ...] = ()
    blocks: bool = True

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions that the check needs."""
        return tuple(dict.fromkeys(each for read in (*self.reads, *self.uses) for each in PERMISSIONS[read]))

    def findings(self, subject: Subject) -> list[Finding]:
        """Return what the check finds; nothing where it does not apply."""
        if not self.applies(subject):
            return []
        values: list[Any] = [getattr(subject.seen, read) for read in self.reads]
        closed = next((value for value in values if isinstance(value, Unreadable)), None)
        verdicts = [unreadable(closed, wanted=self.wanted)] if closed else list(self.run(subject))
        return [self._finding(subject, verdict) for verdict in verdicts]

    def _finding(self, subject: Subject, verdict: Verdict) -> Finding:
        return Finding(
            check=self.id,
            deployment=subject.name,
            what=verdict.what or self.title,
            status=verdict.status,
            found=verdict.found,
            wanted=verdict.wanted,
            fix=verdict.fix,
            meaning=verdict.meaning or (self.meaning if verdict.status in _EXPLAINED else None),
        )


_EXPLAINED: Final = ("failed", "note")


def tags_of(resource: Any) -> dict[str, str]:
    """Return the tags of a stack, a role or a part of a VPC."""
    return {each["Key"]: each["Value"] for each in resource.get("Tags") or []}


# --- To what a check applies ---


def always(_: Subject) -> bool:
    """Every deployment, whosever the credentials are."""
    return True


def here(subject: Subject) -> bool:
    """Every deployment of the credentials' account."""
    return subject.in_its_account


def with_cmek(subject: Subject) -> bool:
    """A role that Pinecone assumes."""
    return subject.in_its_account and subject.deployment.cmek is not None


def new_cmek(subject: Subject) -> bool:
    """A role, and perhaps a key, that are not there yet."""
    return subject.in_its_account and subject.makes_key_stack


def with_link(subject: Subject) -> bool:
    """An endpoint."""
    return subject.in_its_account and subject.deployment.private_link is not None


def new_link(subject: Subject) -> bool:
    """An endpoint that is not there yet."""
    return subject.in_its_account and subject.makes_endpoint


def with_existing_vpc(subject: Subject) -> bool:
    """An endpoint in a VPC that the customer has."""
    return with_link(subject) and subject.existing_vpc is not None
