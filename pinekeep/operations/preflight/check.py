"""The subject and the description of the checks of ``preflight``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from pinekeep.account.credentials.identity import Caller
from pinekeep.account.reads.answers import outputs_of
from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.privileges.scope import makes_key, makes_vpc
from pinekeep.model import naming
from pinekeep.model.config.derived import has_part
from pinekeep.model.config.private_link import ExistingVpc
from pinekeep.model.facts import aws
from pinekeep.operations.preflight.inventory import PERMISSIONS, Seen, is_new
from pinekeep.operations.verification.checks.base import Checks, ConfiguredDeployment, Description, Run, listed
from pinekeep.operations.verification.checks.finding import Finding, unreadable

RENEWED_BY_THE_USER: Final = frozenset({"env", "explicit", "shared-credentials-file", "config-file"})
"""botocore's words for where credentials come from that nobody fetches anew when they end."""


@dataclass(frozen=True)
class Session:
    """How long the credentials last.

    ``ends`` is None where botocore does not know; ``renews``: botocore, and the CDK command line likewise, fetches new
    ones by itself.
    """

    temporary: bool
    ends: datetime | None = None
    renews: bool = False


def session_of(credentials: Any) -> Session | None:
    """Return how long credentials last, as botocore holds them after they were used once; None if nothing is known."""
    if credentials is None:
        return None
    # botocore tells only whether less than a given time is left, and fetches new credentials when it is asked for a
    # part of old ones; the time itself is in a private attribute.
    ends = getattr(credentials, "_expiry_time", None)
    if isinstance(ends, datetime):
        renews = getattr(credentials, "method", "") not in RENEWED_BY_THE_USER
        return Session(temporary=True, ends=ends, renews=renews)
    return Session(temporary=bool(getattr(credentials, "token", None)))


@dataclass(frozen=True)
class Demand:
    """How many resources a run would create in an account: keys and VPCs by Region, endpoints by VPC."""

    roles: int = 0
    policies: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    vpcs: dict[str, int] = field(default_factory=dict)
    endpoints: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Subject(ConfiguredDeployment):
    """A deployment as configured, and what exists in its account; nothing where the credentials are of another one.

    ``session`` is None where nothing is known of it; ``demand`` is what the whole run would make.
    """

    caller: Caller
    session: Session | None
    now: datetime
    seen: Seen
    demand: Demand = Demand()

    @property
    def in_its_account(self) -> bool:
        """Whether the credentials are of the deployment's account, so that there is something to look at."""
        return self.caller.account == self.deployment.account

    @property
    def existing_vpc(self) -> ExistingVpc | None:
        """The VPC that the configuration names; None where a new one is made."""
        return self.link.vpc if isinstance(self.link.vpc, ExistingVpc) else None

    def deployed(self, output: naming.Output) -> str | None:
        """Return an output of the endpoint's stack; None where there is no such stack or output."""
        stack = self.seen.private_link_stack
        return outputs_of(stack).get(output.value) if isinstance(stack, dict) else None

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


Applies = Callable[[Subject], bool]


@dataclass(frozen=True, kw_only=True)
class CheckInfo(Description):
    """One check of ``preflight``. ``reads`` names fields of :class:`pinekeep.operations.preflight.inventory.Seen`.

    ``uses`` are further fields, which it looks at where they can be read. ``run`` takes the subject, and gives
    verdicts; a failed one blocks a deployment. A check that does not block only notes things.
    """

    applies: Applies
    run: Run
    uses: tuple[str, ...] = ()
    blocks: bool = True

    explained: ClassVar = ("failed", "note")

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions that the check needs."""
        return tuple(dict.fromkeys(each for read in (*self.reads, *self.uses) for each in PERMISSIONS[read]))

    def findings(self, subject: Subject) -> list[Finding]:
        """Return the check's findings; none where it does not apply."""
        if not self.applies(subject):
            return []
        values: list[Any] = [getattr(subject.seen, read) for read in self.reads]
        closed = next((value for value in values if isinstance(value, Unreadable)), None)
        verdicts = [unreadable(closed)] if closed else listed(self.run(subject))
        return [self.finding(subject.name, verdict) for verdict in verdicts]


def registry(**defaults: Any) -> Checks[CheckInfo]:
    """Return an empty registry of checks, with what their descriptions have in common."""
    return Checks(CheckInfo, **defaults)


def tags_of(resource: Any) -> dict[str, str]:
    """Return the tags of a stack, a role or a part of a VPC."""
    return {each["Key"]: each["Value"] for each in resource.get("Tags") or []}


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


def with_storage(subject: Subject) -> bool:
    """An audit bucket, or roles for storage integrations."""
    return subject.in_its_account and has_part(subject.deployment, "storage")


def with_monitoring(subject: Subject) -> bool:
    """Monitoring."""
    return subject.in_its_account and subject.deployment.monitoring is not None


def with_global_monitoring(subject: Subject) -> bool:
    """Monitoring of a deployment whose Region does not receive the events of global services."""
    return with_monitoring(subject) and subject.region != aws.GLOBAL_EVENTS_REGION


def with_link(subject: Subject) -> bool:
    """An endpoint."""
    return subject.in_its_account and subject.deployment.private_link is not None


def new_link(subject: Subject) -> bool:
    """An endpoint that is not there yet."""
    return subject.in_its_account and subject.makes_endpoint


def new_key(subject: Subject) -> bool:
    """A key of its own that is not there yet."""
    return new_cmek(subject) and makes_key(subject.deployment)


def new_in_existing_vpc(subject: Subject) -> bool:
    """An endpoint that is not there yet, in a VPC that the customer has."""
    return new_link(subject) and with_existing_vpc(subject)


def with_existing_vpc(subject: Subject) -> bool:
    """An endpoint in a VPC that the customer has."""
    return with_link(subject) and subject.existing_vpc is not None


def with_adopted_endpoint(subject: Subject) -> bool:
    """An endpoint that the customer has."""
    return with_link(subject) and subject.link.adopted is not None


def new_in_a_vpc(subject: Subject) -> bool:
    """An endpoint that is not deployed yet, made or adopted in a VPC that the customer has."""
    return new_link(subject) and subject.link.vpc_id is not None
