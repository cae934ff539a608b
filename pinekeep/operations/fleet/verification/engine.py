"""Verifying the targets of a fleet, account by account, side by side.

Each account is read with its own role, assumed by the administrator; what cannot be read is a result, and never ends
the run. AWS limits most calls for each account alone. AssumeRole is called in the administrator's account: its clients
retry adaptively, so they slow down when AWS throttles.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pinekeep.account.client import refusal_codes as codes
from pinekeep.account.client.clients import Clients
from pinekeep.account.client.delegated import DelegatedClients
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.credentials.sessions import ROLE_SESSION_NAME
from pinekeep.account.reads.deployment import read_live
from pinekeep.account.reads.live import Live
from pinekeep.account.reads.permissions import DOCUMENTS_OF_ROLE, OF_ROLE
from pinekeep.account.reads.stack_sets import Instance
from pinekeep.errors import AwsRefusedError
from pinekeep.model.arns import role_arn
from pinekeep.model.config.fleet.targets import Target
from pinekeep.model.config.handover.file import Handover
from pinekeep.operations.fleet.verification.handed_over import check_handover
from pinekeep.operations.fleet.verification.instances import check_instance
from pinekeep.operations.fleet.verification.observing import observe
from pinekeep.operations.fleet.verification.results import Place, TargetResult, status_of
from pinekeep.operations.fleet.verification.subject import FLEET_CHECKS, FleetSubject
from pinekeep.operations.fleet.verification.times import time_text
from pinekeep.operations.verification.checks.check import CheckInfo
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import check_subject, fields_of, left_out

ACCOUNTS_SIDE_BY_SIDE: Final = 24
CALLS_SIDE_BY_SIDE: Final = 96
"""The calls of all accounts together that are made at once."""

_OF_THE_ADMINISTRATOR: Final = codes.EXPIRED | codes.UNKNOWN_CREDENTIALS | codes.WRONG_SIGNATURE | codes.CLOCK
"""The codes of AssumeRole that are about the administrator's credentials, so that no account can be read."""
_ROLE_ALONE: Final = {*OF_ROLE, *DOCUMENTS_OF_ROLE}
_IN_OTHER_REGIONS: Final = tuple(each for each in FLEET_CHECKS if not each.reads or not set(each.reads) <= _ROLE_ALONE)
"""The checks in the further Regions of an account. Those of the role alone were made in the first one."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is verified, and with what.

    Attributes:
        name: the fleet's.
        role_name: the read-only role in each account.
        stack_set: the name of the stack set.
        instances: its instances by account and Region.
        handovers: what Pinecone was given, by account and Region.
        administrator: returns the clients of the administrator, new ones for each process.
        delegated: returns the clients of a Region that all accounts share; see
            :class:`pinekeep.account.client.delegated.DelegatedClients`.
    """

    name: str
    pinecone_account: str | None
    role_name: str
    part: str
    stack_set: str
    instances: Mapping[Place, Instance]
    administrator: Callable[[], Clients]
    delegated: Callable[[str], Clients]
    handovers: Mapping[Place, Handover] = field(default_factory=dict)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


class EndedError(AwsRefusedError):
    """The administrator's credentials are not valid any more, so nothing else can be read."""


def by_account(targets: Iterable[Target]) -> list[list[Target]]:
    """Return the targets of each account, that of the role first, so that the role is read once."""
    found: dict[str, list[Target]] = {}
    for each in targets:
        found.setdefault(each.account, []).append(each)
    return [sorted(each, key=lambda one: one.region != one.role_region) for each in found.values()]


def verify_accounts(job: Job, accounts: Sequence[Sequence[Target]]) -> Iterator[TargetResult]:
    """Yield the result of each target, as they come. ``accounts``: of :func:`by_account`.

    Raises EndedError if the administrator's credentials are not valid any more.
    """
    if not accounts:
        return
    administrator = job.administrator()
    delegated = DelegatedClients(job.delegated)
    most = min(ACCOUNTS_SIDE_BY_SIDE, len(accounts))
    calls = ThreadPoolExecutor(CALLS_SIDE_BY_SIDE, thread_name_prefix="read")
    pool = ThreadPoolExecutor(most, thread_name_prefix="verify")
    try:
        running = [
            pool.submit(_account, job, targets, administrator=administrator, delegated=delegated, calls=calls)
            for targets in accounts
        ]
        for each in as_completed(running):
            yield from each.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        calls.shutdown(wait=False, cancel_futures=True)


def _account(
    job: Job,
    targets: Sequence[Target],
    *,
    administrator: Clients,
    delegated: DelegatedClients,
    calls: ThreadPoolExecutor,
) -> list[TargetResult]:
    """Verify the targets of one account."""
    there = [each for each in targets if _stack_id(job, each) is not None]
    results = [_missing(job, each) for each in targets if _stack_id(job, each) is None]
    if not there:
        return results
    account = there[0].account
    arn = role_arn(account=account, role_name=job.role_name)
    start = time.monotonic()
    try:
        answer = administrator.client("sts").assume_role(RoleArn=arn, RoleSessionName=ROLE_SESSION_NAME)
    except Exception as error:
        reason, fix = _not_assumed(arn, error)
        return [*results, *(_unreadable(job, each, reason, fix) for each in there)]
    known: dict[str, Any] = {}
    for target in there:
        checks = _IN_OTHER_REGIONS if known else FLEET_CHECKS
        try:
            clients = delegated.of(target.region, answer["Credentials"])
            live = _read(job, target, clients, checks=checks, known=known, calls=calls)
            results.append(_checked(job, target, live, checks=checks, seconds=time.monotonic() - start))
        except Exception as error:
            results.append(_unreadable(job, target, *_told(error)))
        else:
            known = {name: getattr(live, name) for name in OF_ROLE}
        start = time.monotonic()
    return results


def _read(
    job: Job,
    target: Target,
    clients: Clients,
    *,
    checks: Iterable[CheckInfo],
    known: Mapping[str, Any],
    calls: ThreadPoolExecutor,
) -> Live:
    deployment = target.deployment.in_stacks({job.part: str(_stack_id(job, target))})
    checks = [each for each in checks if each.applies(deployment)]
    return read_live(
        name=job.name,
        deployment=deployment,
        clients=clients,
        also=fields_of(checks),
        without=left_out(deployment),
        known=known,
        pool=calls,
    )


def _checked(job: Job, target: Target, live: Live, *, checks: Iterable[CheckInfo], seconds: float) -> TargetResult:
    instance = job.instances[target.account, target.region]
    now = job.now()
    subject = FleetSubject(
        name=job.name,
        deployment=target.deployment.in_stacks({job.part: str(instance.stack_id)}),
        pinecone_account=job.pinecone_account,
        live=live,
        now=now,
    )
    findings: list[Finding] = [
        *check_instance(job.name, instance),
        *check_handover(subject, job.handovers.get(instance.place)),
        *check_subject(subject, checks),
    ]
    return TargetResult(
        account=target.account,
        region=target.region,
        status=status_of(findings),
        at=time_text(now),
        findings=tuple(findings),
        observations=observe(target.deployment, live, instance),
        seconds=round(seconds, 3),
    )


def _stack_id(job: Job, target: Target) -> str | None:
    found = job.instances.get((target.account, target.region))
    return found.stack_id if found is not None else None


def _missing(job: Job, target: Target) -> TargetResult:
    found = job.instances.get((target.account, target.region))
    observations: dict[str, str] = {}
    if found is None:
        reason = f"stack set {job.stack_set} has no instance here"
    else:
        told = f": {found.reason}" if found.reason else ""
        reason = f"the stack instance has no stack, its status is {found.detailed_status or found.status}{told}"
        observations = {"instance_status": found.status}
    return TargetResult(
        account=target.account,
        region=target.region,
        status="missing",
        at=time_text(job.now()),
        reason=reason,
        fix=f"deploy it: pinekeep fleet deploy --fleet {job.name}",
        observations=observations,
    )


def _unreadable(job: Job, target: Target, reason: str, fix: str | None) -> TargetResult:
    found = job.instances.get((target.account, target.region))
    return TargetResult(
        account=target.account,
        region=target.region,
        status="unreadable",
        at=time_text(job.now()),
        reason=reason,
        fix=fix,
        observations=dict.fromkeys(("instance_status",), found.status) if found else {},
    )


def _not_assumed(arn: str, error: Exception) -> tuple[str, str | None]:
    """Return why a role cannot be assumed, and what to do. Raises EndedError if the cause is not in the account."""
    code = codes.code_of(error)
    if code in codes.DENIED:
        return (
            f"{arn} cannot be assumed: there is no such role, or it does not trust the administrator account, or the "
            "administrator's credentials may not assume it",
            "deploy the released template fleet-verification-role in the account (`pinekeep release --out release`), "
            "and allow the administrator's credentials sts:AssumeRole on the role",
        )
    refusal = as_refusal(error)
    if (
        refusal is not None
        and (code in _OF_THE_ADMINISTRATOR or not hasattr(error, "response"))
        and not refusal.transient
    ):
        raise EndedError(refusal.message, hint=refusal.hint) from None
    return _told(error)


def _told(error: Exception) -> tuple[str, str | None]:
    refusal = as_refusal(error)
    if refusal is not None:
        return refusal.message, refusal.hint
    return f"pinekeep itself failed: {type(error).__name__}: {error}", "please report it"
