"""What every check is made of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pinekeep.account.reads.live import Live, Unreadable
from pinekeep.account.reads.permissions import PART_OF, permissions_of
from pinekeep.account.record.handover import Contradiction, contradictions
from pinekeep.account.record.parameter import Stored
from pinekeep.account.record.store import Record, parse_record
from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.roles import PlannedRole
from pinekeep.model.customers.packing import Packing
from pinekeep.model.policies.compare import PolicyFormatError
from pinekeep.operations.verification.checks.finding import Finding, Verdict, failed, unreadable
from pinekeep.operations.verification.checks.subject import OfDeployment


@dataclass(frozen=True, kw_only=True)
class Subject(OfDeployment):
    """What is verified: one deployment as configured, and as it is.

    Attributes:
        name: the deployment's name.
        deployment: its settings.
        pinecone_account: Pinecone's own AWS account; None where no deployment has a key.
        live: what was read of its account.
        customers: the places of its customers; needed where it has ``customer_keys``.
        role_number: which of the deployment's roles is looked at.
        by_record: whether role and key are those of the record, because the file does not have them any more.
        now: the time, in UTC.
    """

    name: str
    deployment: Deployment
    pinecone_account: str | None
    live: Live
    customers: Packing | None = None
    role_number: int = 1
    by_record: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def of_each_role(self) -> list["Subject"]:
        """The same for each of the roles; itself alone where there is none."""
        return [
            self,
            *(replace(self, role_number=each.number, live=self.live.of_role(each.number)) for each in self.roles[1:]),
        ]

    @property
    def role(self) -> PlannedRole:
        """The role that is looked at. Only for checks that apply to deployments with one."""
        if not self.roles:
            raise ValueError(f"deployment {self.name} has no cmek")
        return self.roles[self.role_number - 1]

    @property
    def role_arn(self) -> str:
        """The ARN that the role has to have."""
        return self.role.arn

    @cached_property
    def record(self) -> Record | None:
        """What was recorded as handed over; None where nothing was, or where it cannot be read."""
        found = self.live.parameters
        if not isinstance(found, Mapping):
            return None
        stored = {name: Stored(each["Value"], int(each["Version"])) for name, each in found.items()}
        try:
            return parse_record(self.name, stored)
        except PinekeepError:
            return None

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """What the file says otherwise than what Pinecone was given."""
        if self.record is None:
            return ()
        return tuple(
            contradictions(
                self.name,
                self.deployment,
                pinecone_account=self.pinecone_account,
                handed_over=self.record.handed_over,
            )
        )

    @property
    def restore(self) -> str:
        """What to do when something was changed behind the stacks' back.

        Never that which would take from Pinecone what it was given: a file that says otherwise is changed back first.
        """
        if self.contradictions:
            told = ", ".join(map(str, self.contradictions))
            return (
                f"change the file back to what Pinecone was given: {told}; the record has it whole: aws ssm "
                f"get-parameter --name {naming.record_parameter(self.name)} --region {self.deployment.region}"
            )
        return f"bring it back to the template: pinekeep deploy --revert-drift --deployment {self.name}"

    def make(self, stack: Any) -> str:
        """Return how to make a resource that is not there.

        Args:
            stack: the live stack that it is of, or None where there is none. CloudFormation takes a resource of a
                stack for there until drift is looked for, so only a drift-aware deployment makes it again.
        """
        return self.restore if isinstance(stack, Mapping) else f"deploy it: pinekeep deploy --deployment {self.name}"

    @property
    def redeploy(self) -> str:
        """What to do when customers' keys are not as in the configuration, which may not have been deployed yet."""
        if self.contradictions:
            return self.restore
        return (
            f"deploy the customers of the configuration: pinekeep deploy --deployment {self.name}. If there is nothing "
            f"to deploy, {self.restore}"
        )


Applies = Callable[[Deployment], bool]
Run = Callable[..., Iterable[Verdict]]


@dataclass(frozen=True, kw_only=True)
class CheckInfo:
    """One check: its description, and how it is run.

    Attributes:
        id: its stable name, in kebab case.
        title: what it looks at.
        wanted: what should be so, in general.
        meaning: what it means for Pinecone when it fails, in one sentence; a verdict may know it more precisely.
        reads: the fields of :class:`pinekeep.account.reads.live.Live` that it looks at.
        applies: whether a deployment has what it looks at.
        run: takes the subject and the values of ``reads``, and gives verdicts. Pure.
        sees_absence: whether ``run`` judges that something does not exist. Other checks are left out then:
            a check that sees it fails in their place.
        of_each_role: whether it is about a role, and so is made for each that the deployment has.
        promised: whether a deployment makes it so; then it is read back after each.
        needs_file: whether it compares with settings that the record does not know. It is left out where the file does
            not have the key any more.
    """

    id: str
    title: str
    wanted: str
    meaning: str
    reads: tuple[str, ...]
    applies: Applies
    run: Run
    sees_absence: bool = False
    of_each_role: bool = False
    promised: bool = False
    needs_file: bool = False

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions that the check needs, those for finding what it looks at included."""
        return permissions_of(self.reads)

    def findings(self, subject: Subject) -> list[Finding]:
        """Return what the check finds; nothing where it does not apply or there is nothing to look at."""
        if not self.applies(subject.deployment) or (self.needs_file and subject.by_record):
            return []
        values: list[Any] = [getattr(subject.live, field) for field in self.reads]
        closed = next((value for value in values if isinstance(value, Unreadable)), None)
        if closed is not None:
            return [self._finding(subject, unreadable(closed, wanted=self.wanted))]
        if not self.sees_absence and (
            missing := [field for field in self.reads if getattr(subject.live, field) is None]
        ):
            verdict = self._missing(subject, missing)
            return [self._finding(subject, verdict)] if verdict else []
        try:
            verdicts = list(self.run(subject, *values))
        except PolicyFormatError as error:
            verdicts = [failed(str(error), wanted=self.wanted, fix="look at the policy in the AWS console")]
        return [self._finding(subject, verdict) for verdict in verdicts]

    def _missing(self, subject: Subject, fields: list[str]) -> Verdict | None:
        """Say that a part is missing of a thing that exists; None where the thing itself is missing."""
        if any(getattr(subject.live, PART_OF.get(field, field)) is None for field in fields):
            return None
        return failed("AWS knows of none", wanted=self.wanted, fix="it may just have been removed; verify again")

    def _finding(self, subject: Subject, verdict: Verdict) -> Finding:
        several = self.of_each_role and len(subject.roles) > 1
        title = f"{self.title} ({subject.role.name})" if several else self.title
        return Finding(
            check=self.id,
            deployment=subject.name,
            what=verdict.what or title,
            status=verdict.status,
            found=verdict.found,
            wanted=verdict.wanted,
            fix=verdict.fix,
            meaning=verdict.meaning or (self.meaning if verdict.status == "failed" else None),
        )


# --- To which deployments a check applies ---


def everywhere(_: Deployment) -> bool:
    """Every deployment."""
    return True


def with_cmek(deployment: Deployment) -> bool:
    """A role that Pinecone assumes."""
    return deployment.cmek is not None


def with_key(deployment: Deployment) -> bool:
    """A key in the deployment's own account, made by the stack or adopted."""
    return deployment.cmek is not None and deployment.cmek.has_own_key


def with_own_key(deployment: Deployment) -> bool:
    """A key made by the stack."""
    return deployment.cmek is not None and deployment.cmek.has_own_key and deployment.cmek.key.adopt is None


def with_customers(deployment: Deployment) -> bool:
    """Keys in accounts of customers."""
    return deployment.cmek is not None and bool(deployment.cmek.customer_keys)


def with_adopted_key(deployment: Deployment) -> bool:
    """A key that was there before."""
    return deployment.cmek is not None and deployment.cmek.key.adopt is not None


def with_administrators(deployment: Deployment) -> bool:
    """A key made by the stack, with key administrators."""
    return deployment.cmek is not None and bool(deployment.cmek.key.administrators) and with_own_key(deployment)


def with_link(deployment: Deployment) -> bool:
    """An endpoint."""
    return deployment.private_link is not None


def with_dns(deployment: Deployment) -> bool:
    """An endpoint whose names are resolved inside AWS."""
    return deployment.private_link is not None and deployment.private_link.dns != "none"


def with_zone(deployment: Deployment) -> bool:
    """An endpoint with a private hosted zone."""
    return deployment.private_link is not None and deployment.private_link.dns == "hosted-zone"
