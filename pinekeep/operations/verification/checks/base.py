"""What the checks of ``preflight``, ``verify`` and IAM Access Analyzer share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any, ClassVar, Generic, TypeVar

from pinekeep.model.config import Deployment
from pinekeep.model.config.models import Cmek
from pinekeep.model.config.private_link import PrivateLink
from pinekeep.model.config.roles import PlannedRole, planned_roles
from pinekeep.model.config.storage import AuditLogs
from pinekeep.model.customers.packing import Packing
from pinekeep.operations.verification.checks.finding import Finding, Status, Verdict


@dataclass(frozen=True, kw_only=True)
class ConfiguredDeployment:
    """A deployment as configured. Subclasses add what was read of its account.

    ``pinecone_account`` is None where no deployment has a key; ``customers`` is needed where it has ``customer_keys``.
    """

    name: str
    deployment: Deployment
    pinecone_account: str | None
    customers: Packing | None = None

    @cached_property
    def roles(self) -> tuple[PlannedRole, ...]:
        """The roles that the deployment is to have."""
        return planned_roles(self.name, self.deployment, self.customers)

    @property
    def account(self) -> str:
        """The deployment's AWS account."""
        return self.deployment.account

    @property
    def region(self) -> str:
        """Its Region."""
        return self.deployment.region

    def run(self, command: str) -> str:
        """Return a command for this deployment."""
        return f"pinekeep {command} --deployment {self.name}"

    @property
    def cmek(self) -> Cmek:
        """The settings of key and role; only for checks of deployments that have them."""
        if self.deployment.cmek is None:
            raise ValueError(f"deployment {self.name} has no cmek")
        return self.deployment.cmek

    @property
    def audit_logs(self) -> AuditLogs:
        """The settings of the audit logs; only for checks of deployments that have them."""
        if self.deployment.audit_logs is None:
            raise ValueError(f"deployment {self.name} has no audit_logs")
        return self.deployment.audit_logs

    @property
    def link(self) -> PrivateLink:
        """The settings of the endpoint; only for checks of deployments that have one."""
        if self.deployment.private_link is None:
            raise ValueError(f"deployment {self.name} has no private_link")
        return self.deployment.private_link


@dataclass(frozen=True, kw_only=True)
class Description:
    """The description of one check, by its stable ID in kebab case.

    ``wanted`` is the expected state in general, ``meaning`` the consequence for Pinecone when it fails, in one
    sentence; a verdict may know both more precisely. ``reads`` names the fields that it looks at.
    """

    id: str
    title: str
    wanted: str
    meaning: str
    reads: tuple[str, ...] = ()

    explained: ClassVar[tuple[Status, ...]] = ("failed",)
    """The statuses whose findings carry the check's own ``meaning``."""

    def finding(self, deployment: str, verdict: Verdict, *, title: str | None = None) -> Finding:
        """Return a verdict of this check as a finding; what the verdict leaves out is the check's own."""
        wanted = self.wanted if verdict.wanted is None else verdict.wanted
        return Finding(
            check=self.id,
            deployment=deployment,
            what=verdict.what or title or self.title,
            status=verdict.status,
            found=wanted if verdict.found is None else verdict.found,
            wanted=wanted,
            fix=verdict.fix,
            meaning=verdict.meaning or (self.meaning if verdict.status in self.explained else None),
        )


Run = Callable[..., Iterable[Verdict] | Verdict | None]
C = TypeVar("C", bound=Description)
F = TypeVar("F", bound=Run)


def listed(found: Iterable[Verdict] | Verdict | None) -> list[Verdict]:
    """Return the verdicts that a check gives."""
    if isinstance(found, Verdict):
        return [found]
    return list(found or ())


def mapping(found: Any) -> dict[str, Any]:
    """Return a mapping that was read; an empty one where it was not."""
    return dict(found) if isinstance(found, Mapping) else {}


def items(found: Any) -> list[Any]:
    """Return a list that was read; an empty one where it was not."""
    return found if isinstance(found, list) else []


class Checks(list[C], Generic[C]):
    """The checks of a module, in the order in which they are reported; ``defaults`` is what they have in common."""

    def __init__(self, kind: Callable[..., C], **defaults: Any) -> None:
        super().__init__()
        self._kind = kind
        self._defaults = defaults

    def add(self, **description: Any) -> Callable[[F], F]:
        """Register the decorated function as a check of this description.

        Where nothing says what it reads, its parameters after the subject are the fields.
        """

        def register(run: F) -> F:
            reads = tuple(signature(run).parameters)[1:]
            self.append(self._kind(**({"reads": reads} | self._defaults | description), run=run))
            return run

        return register
