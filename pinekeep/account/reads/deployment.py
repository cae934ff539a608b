"""All reads of one deployment: each call at most once, all in parallel."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from operator import call
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.answers import account_of
from pinekeep.account.reads.cmek import CmekReader
from pinekeep.account.reads.dns_targets import DnsTargetReader
from pinekeep.account.reads.live import Live, LiveRole, NotAsked, Unreadable
from pinekeep.account.reads.monitoring import MonitoringReader
from pinekeep.account.reads.permissions import ALSO_ONCE, DOCUMENTS_OF_ROLE, FIELDS, OF_ROLE
from pinekeep.account.reads.storage import StorageReader
from pinekeep.model.config import Deployment
from pinekeep.model.config.roles import PlannedRole, planned_roles
from pinekeep.model.customers.packing import Packing

SIDE_BY_SIDE: Final = 16
"""The number of calls for one deployment, so that none waits for another that it does not need."""

_STACKS: Final = ("cmek_stack", "private_link_stack")

Key = tuple[str, str]
"""The name of a role, or an empty text, and the value that is read."""
Job = Callable[[], Any]


class _Reader(CmekReader, DnsTargetReader, StorageReader, MonitoringReader):
    """Reads every part."""


def read_live(
    *,
    name: str,
    deployment: Deployment,
    clients: Clients,
    customers: Packing | None = None,
    also: Collection[str] = (),
    without: Mapping[str, NotAsked] | None = None,
    known: Mapping[str, Any] | None = None,
    on_account: Callable[[str | None], None] | None = None,
    pool: Executor | None = None,
) -> Live:
    """Read everything that the checks of one deployment need, with read-only calls.

    Args:
        customers: the places of its customers; required where it has ``customer_keys``.
        also: further values, of :data:`.permissions.ALSO_PERMISSIONS`, except drift.
        without: values to leave out, of :data:`.permissions.FIELDS`, with the reason.
        known: values that were read already, such as those of a role for a deployment in another Region.
        on_account: receives the account of the stacks before anything else is read; None where there is no stack. What
            it raises ends the reading.
        pool: makes the calls, where many deployments are read at once; without it, threads of its own.

    Raises AwsRefusedError if AWS cannot be called at all. A single denied read raises nothing. Raises ValueError if its
    customers have no places.
    """
    roles = planned_roles(name, deployment, customers)
    once = [*FIELDS, *(field for field in ALSO_ONCE if field in also)]
    reader = _Reader(name, deployment, clients, once, known={**(without or {}), **(known or {})})
    own = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix=f"read-{name}")
    with refusals_told(), own if pool is None else nullcontext(pool) as used:
        stacks = _side_by_side(used, {("", field): partial(reader.read, field) for field in _STACKS})
        if on_account is not None:
            on_account(account_of(stacks.values()))
        jobs: dict[Key, Job] = {("", field): partial(reader.read, field) for field in once}
        for role in roles:
            if role.number > 1:
                jobs |= {(role.name, field): partial(reader.of_role, field, role.name) for field in OF_ROLE}
            jobs |= {(role.name, arn): partial(reader.policy, arn) for arn in role.policies}
        values = _side_by_side(used, jobs)
        for role in roles[:1]:
            values |= {(role.name, field): values["", field] for field in OF_ROLE}
        jobs = {}
        for role in roles:
            jobs |= _documents(reader, role, values, also)
        values |= _side_by_side(used, jobs)
    found = {role.number: {field: _of_role(role, field, values, also) for field in DOCUMENTS_OF_ROLE} for role in roles}
    return Live(
        **{field: values["", field] for field in once},
        **found.get(1, {}),
        further_roles=tuple(
            LiveRole(**{field: values[role.name, field] for field in OF_ROLE}, **found[role.number])
            for role in roles[1:]
        ),
    )


def _side_by_side(pool: Executor, jobs: dict[Key, Job]) -> dict[Key, Any]:
    return dict(zip(jobs, pool.map(call, jobs.values()), strict=True))


def _documents(reader: _Reader, role: PlannedRole, values: dict[Key, Any], also: Collection[str]) -> dict[Key, Job]:
    """Return the reads of the documents of a role's policies."""
    jobs: dict[Key, Job] = {}
    inline, attached = values[role.name, "inline_policies"], values[role.name, "attached_policies"]
    if "inline_documents" in also and isinstance(inline, list):
        jobs |= {(role.name, f"inline/{each}"): partial(reader.inline_policy, role.name, each) for each in inline}
    if "attached_documents" in also and isinstance(attached, list):
        arns = [each["PolicyArn"] for each in attached if each["PolicyArn"] not in role.policies]
        jobs |= {(role.name, arn): partial(reader.policy, arn) for arn in arns}
    return jobs


def _of_role(role: PlannedRole, field: str, values: dict[Key, Any], also: Collection[str]) -> Any:
    """Return the documents of a role's policies; where one is unreadable, that."""
    if field == "customer_policies":
        found = {arn: values[role.name, arn] for arn in role.policies} or None
    elif field not in also:
        return None
    else:
        listed = values[role.name, field.replace("_documents", "_policies")]
        if not isinstance(listed, list):
            return listed
        if field == "inline_documents":
            found = {each: values[role.name, f"inline/{each}"] for each in listed}
        else:
            arns = [each["PolicyArn"] for each in listed if each["PolicyArn"] not in role.policies]
            found = {arn: values[role.name, arn] for arn in arns}
    return next((each for each in (found or {}).values() if isinstance(each, Unreadable)), found)
