"""One verification of a fleet: which targets it is of, what is kept of it, and how an unfinished one is continued."""

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.sessions import clients_of_nobody
from pinekeep.account.reads.stack_sets import StackSet, list_instances, read_stack_set
from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model import naming
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.handover.file import Handover
from pinekeep.model.words import listed, shown
from pinekeep.operations.fleet.desired import call_as, part_of, stack_set_name
from pinekeep.operations.fleet.plans import Narrowing
from pinekeep.operations.fleet.verification.engine import Job, by_account, verify_accounts
from pinekeep.operations.fleet.verification.results import Place, TargetResult
from pinekeep.operations.fleet.verification.store import RESUMABLE, Run, Store
from pinekeep.operations.fleet.verification.times import age_of
from pinekeep.operations.fleet.verification.workers import processes_for, side_by_side

WRITE_EVERY: Final = 0.5
"""Seconds between two writes of results to the file."""
_SHOWN: Final = 5

Progress = Callable[[TargetResult, int], None]
"""Receives each result and the number of targets that have one."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The results of a run.

    Attributes:
        results: of the selected targets, in the order of the fleet; without the findings that passed.
        continued: how many of them are of the run that was continued.
        extra: the instances of the stack set that are no targets of the fleet.
    """

    run: int
    results: tuple[TargetResult, ...]
    continued: int = 0
    extra: tuple[Place, ...] = ()


def job_of(
    fleet: FleetTargets,
    clients: Clients,
    *,
    handovers: Mapping[Place, Handover],
    delegated: Callable[[str], Clients] = clients_of_nobody,
) -> Job:
    """Read a fleet's stack set and its instances; return what a verification of the fleet needs.

    ``clients``: those of the administrator. ``handovers``: what Pinecone was given for the fleet. Two calls, more for
    more than 100 instances. Raises AwsRefusedError if AWS refuses, or there is no such stack set; WrongInputError if it
    is not the fleet's.
    """
    name = stack_set_name(fleet.name, part_of(fleet))
    stack_set = read_stack_set(clients, name, call_as=call_as(fleet))
    _require_ours(fleet, name, stack_set)
    instances = list_instances(clients, name, call_as=call_as(fleet))
    return Job(
        name=fleet.name,
        pinecone_account=fleet.pinecone_account,
        role_name=fleet.fleet.verification_role_name,
        part=part_of(fleet),
        stack_set=name,
        instances={each.place: each for each in instances},
        administrator=clients.renewed,
        delegated=delegated,
        handovers=handovers,
    )


def _require_ours(fleet: FleetTargets, name: str, found: StackSet | None) -> None:
    administrator = fleet.fleet.administrator
    if found is None:
        raise AwsRefusedError(
            f"fleet {fleet.name} is not deployed: account {administrator.account} has no stack set {name} in "
            f"{administrator.region}",
            hint=f"deploy it: pinekeep fleet deploy --fleet {fleet.name}",
        )
    if found.tags.get(naming.FLEET_TAG) != fleet.name:
        raise WrongInputError(
            f"stack set {name} of account {administrator.account} does not belong to fleet {fleet.name}: it lacks the "
            f"tag {naming.FLEET_TAG}={fleet.name}",
            hint="give the fleet another name in the file, or check administrator",
        )


def selected(fleet: FleetTargets, narrowing: Narrowing, *, only_failed: bool, store: Store) -> list[Target]:
    """Return the targets that are asked for. ``only_failed``: those whose latest result is not a pass.

    Raises WrongInputError if the fleet does not have one of the accounts or Regions, or no target in all of them.
    """
    _require_known(fleet, "account", narrowing.accounts, {each.account for each in fleet.targets})
    _require_known(fleet, "Region", narrowing.regions, {each.region for each in fleet.targets})
    found = [each for each in fleet.targets if narrowing.includes((each.account, each.region))]
    if not found:
        raise WrongInputError(
            f"fleet {fleet.name} has no target in these accounts and Regions",
            hint=f"list its targets: pinekeep fleet targets --fleet {fleet.name}",
        )
    if only_failed:
        passed = store.with_status(fleet.name, ("passed",))
        found = [each for each in found if (each.account, each.region) not in passed]
    return found


def _require_known(fleet: FleetTargets, what: str, asked: Collection[str], known: Collection[str]) -> None:
    unknown = [each for each in asked if each not in known]
    if unknown:
        raise WrongInputError(
            f"fleet {fleet.name} has no {what} {listed([shown(each) for each in unknown[:_SHOWN]])}",
            hint=f"list its targets: pinekeep fleet targets --fleet {fleet.name}",
        )


def digest_of(fleet: FleetTargets, files: Iterable[Path]) -> str:
    """Return the digest of a fleet's configuration: of its files, and of its targets, which AWS may list."""
    made = hashlib.sha256(fleet.name.encode())
    for path in files:
        with suppress(OSError):
            made.update(hashlib.sha256(path.read_bytes()).digest())
    for each in fleet.targets:
        made.update(f"{each.account} {each.region}\n".encode())
    return made.hexdigest()[:32]


def files_of(configuration: Path, fleet: Fleet) -> list[Path]:
    """Return the files of a fleet's configuration."""
    return [configuration, *([configuration.parent / fleet.file] if fleet.file else [])]


def told_of_unfinished(store: Store, fleet: str, *, configuration: str) -> Iterator[str]:
    """Yield a line about a run that could have been continued."""
    found = store.unfinished(fleet)
    if found is not None and found.configuration == configuration and age_of(found.started) <= RESUMABLE:
        state = "is still running" if found.is_alive else "did not finish; --resume would have continued it"
        yield f"the verification of {found.started} ({found.done:,} of {found.targets:,} targets) {state}"


def targets_to_resume(fleet: FleetTargets, run: Run) -> list[Target]:
    """Return the targets of a run that is continued."""
    return [each for each in fleet.targets if run.places is None or (each.account, each.region) in run.places]


def run_to_resume(store: Store, fleet: str, *, configuration: str) -> Run:
    """Return the run that is continued. Raises PinekeepError if there is none, or it is not to be continued."""
    again = f"verify the whole fleet: pinekeep fleet verify --fleet {fleet}"
    found = store.unfinished(fleet)
    if found is None:
        raise WrongInputError(f"there is no unfinished verification of fleet {fleet} in {store.path}", hint=again)
    if found.is_alive:
        raise PinekeepError(
            f"the verification of fleet {fleet} that began at {found.started} is still running ({found.process})",
            hint="wait for it, or end that process",
        )
    if found.configuration != configuration:
        raise WrongInputError(
            f"the configuration of fleet {fleet} was changed since its verification began at {found.started}",
            hint=again,
        )
    if age_of(found.started) > RESUMABLE:
        hours = RESUMABLE.total_seconds() / 3600
        raise WrongInputError(
            f"the unfinished verification of fleet {fleet} began at {found.started}, more than {hours:.0f} hours ago",
            hint=again,
        )
    return found


def verify_fleet(
    job: Job,
    fleet: FleetTargets,
    targets: Sequence[Target],
    *,
    store: Store,
    configuration: str,
    complete: bool,
    resume: Run | None = None,
    processes: int | None = None,
    progress: Progress = lambda _result, _done: None,
) -> Verified:
    """Verify targets of a fleet, and write each result to the file as it comes. Changes nothing in AWS.

    Args:
        configuration: of :func:`digest_of`.
        complete: whether ``targets`` are all of the fleet.
        resume: of :func:`run_to_resume`; what it has is kept, but for what was not readable.
        processes: how many; None decides by the number of accounts.

    Raises EndedError if the administrator's credentials are not valid any more. What was read until then is written, as
    it is when the process is interrupted.
    """
    if resume is None:
        places = None if complete else [(each.account, each.region) for each in targets]
        run = store.begin(fleet=fleet.name, configuration=configuration, targets=len(targets), places=places)
    else:
        run = resume.id
        store.resume(run)
    store.set_targets(fleet.name, [(each.account, each.region) for each in fleet.targets])
    done = store.done(run)
    wanted = {(each.account, each.region) for each in targets}
    left = [each for each in targets if (each.account, each.region) not in done]
    secrets = {(each.account, each.region): _external_id(each) for each in targets}
    batch: list[TargetResult] = []
    kept = done & wanted
    results: dict[Place, TargetResult] = {each.place: each for each in store.results(run) if each.place in kept}
    written = time.monotonic()
    accounts = by_account(left)
    verify = partial(verify_accounts, job)
    count = processes if processes is not None else processes_for(len(accounts))
    try:
        for result in side_by_side(verify, accounts, processes=count):
            batch.append(result)
            failing = tuple(each for each in result.findings if each.status != "ok")
            results[result.place] = replace(result, findings=failing)
            progress(result, len(results))
            if time.monotonic() - written >= WRITE_EVERY:
                store.write(run, batch, secrets=secrets)
                batch.clear()
                written = time.monotonic()
    finally:
        store.write(run, batch, secrets=secrets)
    store.finish(run)
    order = [(each.account, each.region) for each in targets]
    known = {(each.account, each.region) for each in fleet.targets}
    return Verified(
        run=run,
        results=tuple(results[place] for place in order if place in results),
        continued=len(kept),
        extra=tuple(sorted(place for place in job.instances if place not in known)),
    )


def _external_id(target: Target) -> str:
    cmek = target.deployment.cmek
    return (cmek.trust.presented_id or "") if cmek is not None else ""
