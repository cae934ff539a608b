"""The subject and the description of the checks of ``verify``."""

from collections.abc import Callable, Mapping
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
from pinekeep.model.config.derived import has_part
from pinekeep.model.config.roles import PlannedRole
from pinekeep.model.config.storage import NewBucket
from pinekeep.model.policies.compare import PolicyFormatError
from pinekeep.operations.verification.checks.base import Checks, ConfiguredDeployment, Description, Run, listed
from pinekeep.operations.verification.checks.finding import Finding, Verdict, failed, unreadable


@dataclass(frozen=True, kw_only=True)
class Subject(ConfiguredDeployment):
    """A deployment as configured, and its live state.

    ``by_record``: role and key are those of the record, because the file does not have them any more.
    """

    live: Live
    role_number: int = 1
    by_record: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def of_each_role(self) -> list["Subject"]:
        """The same for each of the roles; itself alone where there is none."""
        further = (replace(self, role_number=one.number, live=self.live.of_role(one.number)) for one in self.roles[1:])
        return [self, *further]

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
    def parsed_record(self) -> Record | PinekeepError | None:
        """The record of what was handed over, or the error where it cannot be parsed; None where there is none."""
        if not isinstance(self.live.parameters, Mapping):
            return None
        stored = {name: Stored(each["Value"], int(each["Version"])) for name, each in self.live.parameters.items()}
        try:
            return parse_record(self.name, stored)
        except PinekeepError as error:
            return error

    @property
    def record(self) -> Record | None:
        """The record of what was handed over; None where there is none that can be read."""
        return self.parsed_record if isinstance(self.parsed_record, Record) else None

    @cached_property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """What the file says otherwise than what Pinecone was given."""
        if self.record is None:
            return ()
        return tuple(
            contradictions(
                self.name, self.deployment, pinecone_account=self.pinecone_account, handed_over=self.record.handed_over
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
                f"get-parameter --name {naming.record_parameter(self.name)} --region {self.region}"
            )
        return f"revert it to the template: {self.run('deploy --revert-drift')}"

    def make(self, stack: Any) -> str:
        """Return how to make a resource that is not there; ``stack`` is its live stack, or None.

        CloudFormation takes a resource of a stack for there until drift is looked for, so only a drift-aware deployment
        makes it again.
        """
        return self.restore if isinstance(stack, Mapping) else f"deploy it: {self.run('deploy')}"

    @property
    def redeploy(self) -> str:
        """What to do when customers' keys are not as in the configuration, which may not have been deployed yet."""
        if self.contradictions:
            return self.restore
        otherwise = f"If there is nothing to deploy, {self.restore}"
        return f"deploy the customers of the configuration: {self.run('deploy')}. {otherwise}"


Applies = Callable[[Deployment], bool]


@dataclass(frozen=True, kw_only=True)
class CheckInfo(Description):
    """One check of ``verify``. ``reads`` names fields of :class:`pinekeep.account.reads.live.Live`.

    Attributes:
        applies: whether a deployment has what it checks.
        run: takes the subject and the values of ``reads``, and gives verdicts. Pure.
        sees_absence: whether ``run`` judges that something does not exist. Other checks are left out then, because a
            check that sees it fails in their place.
        of_each_role: whether it is made for each role of the deployment.
        promised: whether every deployment makes it so; then it is read back after each.
        needs_file: whether it compares with settings that the record does not hold. It is left out where the file no
            longer has the key.
    """

    applies: Applies
    run: Run
    sees_absence: bool = False
    of_each_role: bool = False
    promised: bool = False
    needs_file: bool = False

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions that the check needs, including those for finding what it checks."""
        return permissions_of(self.reads)

    def findings(self, subject: Subject) -> list[Finding]:
        """Return the check's findings; none where it does not apply or there is nothing to check."""
        if not self.applies(subject.deployment) or (self.needs_file and subject.by_record):
            return []
        several = self.of_each_role and len(subject.roles) > 1
        title = f"{self.title} ({subject.role.name})" if several else self.title
        return [self.finding(subject.name, verdict, title=title) for verdict in self._verdicts(subject)]

    def _verdicts(self, subject: Subject) -> list[Verdict]:
        values = {field: getattr(subject.live, field) for field in self.reads}
        closed = next((value for value in values.values() if isinstance(value, Unreadable)), None)
        if closed is not None:
            return [unreadable(closed)]
        missing = [field for field, value in values.items() if value is None]
        if missing and not self.sees_absence:
            if any(getattr(subject.live, PART_OF.get(field, field)) is None for field in missing):
                return []  # the thing itself is missing, not a part of one that exists
            return [failed("AWS knows of none", fix="it may just have been removed; verify again")]
        try:
            return listed(self.run(subject, *values.values()))
        except PolicyFormatError as error:
            return [failed(str(error), fix="look at the policy in the AWS console")]


def registry(**defaults: Any) -> Checks[CheckInfo]:
    """Return an empty registry of checks, with what their descriptions have in common."""
    return Checks(CheckInfo, **defaults)


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
    return deployment.private_link is not None and deployment.private_link.resolves


def with_names(deployment: Deployment) -> bool:
    """An endpoint whose own private DNS or hosted zone answers to all of Pinecone's private names."""
    link = deployment.private_link
    return link is not None and (link.has_private_dns or link.has_zone)


def with_audit_logs(deployment: Deployment) -> bool:
    """Audit logs."""
    return deployment.audit_logs is not None


def with_audit_bucket(deployment: Deployment) -> bool:
    """A bucket of audit logs made by the stack."""
    return deployment.audit_logs is not None and isinstance(deployment.audit_logs.bucket, NewBucket)


def with_storage_roles(deployment: Deployment) -> bool:
    """Roles that Pinecone's S3 account assumes."""
    return has_part(deployment, "storage")


def with_client_rules(deployment: Deployment) -> bool:
    """An endpoint with a security group of the stack, whose rules are the configured clients."""
    link = deployment.private_link
    return link is not None and link.adopted is None and not link.security_group_ids


def with_own_groups(deployment: Deployment) -> bool:
    """An endpoint with security groups that the customer maintains."""
    return deployment.private_link is not None and not with_client_rules(deployment)


def with_own_endpoint(deployment: Deployment) -> bool:
    """An endpoint made by the stack."""
    return deployment.private_link is not None and deployment.private_link.adopted is None


def with_bridge(deployment: Deployment) -> bool:
    """A hosted zone that bridges a change of DNS."""
    return deployment.private_link is not None and deployment.private_link.dns_bridge


def with_profile(deployment: Deployment) -> bool:
    """A Route 53 Profile."""
    return deployment.private_link is not None and deployment.private_link.dns == "profile"


def with_resolver(deployment: Deployment) -> bool:
    """An inbound endpoint of Route 53 Resolver."""
    return deployment.private_link is not None and deployment.private_link.resolver is not None


def with_client_vpcs(deployment: Deployment) -> bool:
    """Client VPCs of other accounts or Regions."""
    return deployment.private_link is not None and bool(deployment.private_link.client_vpcs)


def with_ipv6(deployment: Deployment) -> bool:
    """An endpoint with IPv6 addresses."""
    return deployment.private_link is not None and deployment.private_link.ip_address_type == "dualstack"


def with_zone(deployment: Deployment) -> bool:
    """An endpoint with a private hosted zone."""
    return deployment.private_link is not None and deployment.private_link.has_zone
