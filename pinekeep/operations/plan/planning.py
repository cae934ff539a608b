"""Planning: the templates, the deployed stacks and the change sets between them, classified by the rules."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.accounts import credentials_key, once_for_each
from pinekeep.account.credentials.deploy_role import as_deploy_role, require_bootstrap
from pinekeep.account.process import scratch_folder
from pinekeep.account.reads.stack_names import stack_names
from pinekeep.account.record.store import Record
from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import referred_stacks, stacks_of
from pinekeep.operations.plan.change_sets import Review, change_sets
from pinekeep.operations.plan.changes import Change
from pinekeep.operations.plan.classify import Finding, classify, worst
from pinekeep.operations.plan.cloudformation import DeployedStack, DisturbedError
from pinekeep.operations.plan.meaning import Templates, meaning
from pinekeep.operations.plan.rules import Kind
from pinekeep.operations.plan.stacks import Deployed, acting_on, read_deployed, target_of
from pinekeep.operations.plan.state import State, deployed_state, planned_state
from pinekeep.operations.plan.subject import Meaning, Subject
from pinekeep.operations.synthesis.cache import assemble
from pinekeep.operations.synthesis.cdk_cli import CdkCli

SIDE_BY_SIDE: Final = 8
ATTEMPTS: Final = 3
"""How often stacks are read that somebody else changes meanwhile."""


@dataclass(frozen=True, kw_only=True)
class StackPlan:
    """The plan of one stack; its clients act as the bootstrap's role for deployments.

    ``would_change``: anything changes at all; outputs alone may change. ``refers_to``: the stacks to whose outputs it
    refers. ``late``: some of these do not exist yet, so its change set is made when they do.
    """

    now: DeployedStack
    clients: Clients
    changes: tuple[Change, ...] = ()
    would_change: bool = False
    refers_to: tuple[str, ...] = ()
    late: bool = False

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.now.name

    @property
    def blocked(self) -> str | None:
        """What to do before it can be deployed over; None if it can be."""
        return self.now.remedy


@dataclass(frozen=True, kw_only=True)
class DeploymentPlan:
    """The plan of one deployment: its stacks in the order in which they are deployed, the most severe finding first.

    ``has_registered_endpoint``: Pinecone has a live endpoint registered.
    """

    name: str
    deployment: Deployment
    stacks: tuple[StackPlan, ...]
    findings: tuple[Finding, ...]
    record: Record | None
    has_registered_endpoint: bool = False

    @property
    def kind(self) -> Kind:
        """The most severe kind of its findings."""
        return worst(self.findings)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The plan of some deployments, in the order of the file, with its change sets."""

    deployments: tuple[DeploymentPlan, ...]
    review: Review

    @property
    def kind(self) -> Kind:
        """The most severe kind of its findings."""
        return max((each.kind for each in self.deployments), key=lambda kind: kind.rank, default=Kind.SAFE)

    @property
    def stacks(self) -> Iterator[StackPlan]:
        """All stacks, in the order in which they are deployed."""
        for each in self.deployments:
            yield from each.stacks

    @property
    def would_change(self) -> bool:
        """Whether anything would change."""
        return any(each.would_change for each in self.stacks)

    @property
    def blocked(self) -> bool:
        """Whether a stack is in a state that cannot be deployed over."""
        return any(each.blocked for each in self.stacks)


@contextmanager
def planned(
    configuration: Configuration,
    deployments: Mapping[str, Deployment],
    *,
    access: Access,
    revert_drift: bool = False,
    tell: Callable[[str], None],
) -> Generator[Plan]:
    """Yield the plan of some deployments. Change sets that were not executed on exit are deleted.

    See before that the credentials are of the right account. ``revert_drift`` undoes changes made outside of
    CloudFormation.

    Raises:
        DisturbedError: somebody else changes a stack each time it is read.
        AwsRefusedError: a change set cannot be made, or AWS refuses.
        PinekeepError: a record is invalid, or the templates break a rule.
    """
    with scratch_folder() as folder, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        acting = {name: pool.submit(_acting, access, each) for name, each in deployments.items()}

        def look(deployment: Deployment) -> frozenset[str]:
            return _existing(access.clients_for(deployment))

        existing = once_for_each(look, lambda each: (*credentials_key(each), each.region))
        reading = partial(read_deployed, named=configuration.deployments, access=access, existing=existing)

        def read() -> dict[str, Future[Deployed]]:
            return {name: pool.submit(reading, name, each) for name, each in deployments.items()}

        first = read()
        assembly = folder / "cdk.out"
        assemble(configuration, deployments, folder=assembly)
        clients = {name: each.result() for name, each in acting.items()}

        lines: dict[Any, CdkCli] = {}

        def cdk_for(stack: str) -> CdkCli:
            of_stack = next(each for name, each in deployments.items() if stack in stacks_of(name, each))
            key = credentials_key(of_stack)
            if key not in lines:
                lines[key] = _QuietCdk(access.environment_for(of_stack), tell)
            return lines[key]

        def make(found: Mapping[str, Deployed]) -> AbstractContextManager[Review]:
            targets = [target_of(stack, clients[name]) for name, stack in _deployable(deployments, found)]
            late = {stack for name, each in deployments.items() for stack in _late(name, each, found[name])}
            return change_sets(targets, assembly=assembly, cdk=cdk_for, revert_drift=revert_drift, late=late, tell=tell)

        with _undisturbed(first, read, make) as (found, review):
            maker = _Maker(configuration, assembly, review, revert_drift)
            yield Plan(
                deployments=tuple(
                    maker.plan(name, each, found[name], clients[name]) for name, each in deployments.items()
                ),
                review=review,
            )


@contextmanager
def _undisturbed(
    reading: Mapping[str, Future[Deployed]],
    read: Callable[[], Mapping[str, Future[Deployed]]],
    make: Callable[[Mapping[str, Deployed]], AbstractContextManager[Review]],
) -> Generator[tuple[Mapping[str, Deployed], Review]]:
    """Yield the deployed state and change sets against just that; try again if somebody else changed a stack."""
    for attempts_left in reversed(range(ATTEMPTS)):
        found = {name: each.result() for name, each in reading.items()}
        with ExitStack() as this_attempt:
            try:
                review = this_attempt.enter_context(make(found))
            except DisturbedError:
                if not attempts_left:
                    raise
                reading = read()
                continue
            yield found, review
            return


def _existing(clients: Clients) -> frozenset[str]:
    """Return the names of the stacks of storage and monitoring that exist in an account and Region."""
    with refusals_told():
        return frozenset(each for each in stack_names(clients) if naming.is_further_stack(each))


def _acting(access: Access, deployment: Deployment) -> Clients:
    """Return clients that act as the bootstrap's role for deployments, after checking the bootstrap."""
    clients = as_deploy_role(access, deployment)
    require_bootstrap(clients, deployment)
    return clients


def _deployable(
    deployments: Mapping[str, Deployment], found: Mapping[str, Deployed]
) -> Iterator[tuple[str, DeployedStack]]:
    for name, now in found.items():
        for stack in _of_the_file(name, deployments[name], now):
            if stack.remedy is None:
                yield name, stack


def _late(name: str, deployment: Deployment, now: Deployed) -> Iterator[str]:
    """Yield the stacks that refer to one that does not exist yet.

    Raises:
        WrongInputError: this deployment will not create it either.
    """
    stacks = stacks_of(name, deployment)
    there = {each.name for each in now.stacks if each.template is not None}
    for stack in stacks:
        missing = [each for each in referred_stacks(stack, name, deployment) if each not in there]
        if absent := [each for each in missing if each not in stacks]:
            raise WrongInputError(
                f"{name}: stack {stack} refers to {' and '.join(f'stack {each}' for each in absent)}, which "
                f"{'does' if len(absent) == 1 else 'do'} not exist",
                hint=f"deploy all parts: pinekeep deploy --deployment {name}; one that was deleted, and whose "
                "bucket or key is still there, comes back with `pinekeep recover` (docs/plan.md)",
            )
        if missing:
            yield stack


class _QuietCdk(CdkCli):
    """The CDK command line, whose output is shown only if it fails."""

    def __init__(self, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._said: list[str] = []
        self._aloud = tell
        super().__init__(environment=environment, tell=self._said.append)

    def prepare(self, *, assembly: Path, stacks: Sequence[str], change_set: str, revert_drift: bool = False) -> None:
        """Make the change sets; see :meth:`CdkCli.prepare`."""
        try:
            super().prepare(assembly=assembly, stacks=stacks, change_set=change_set, revert_drift=revert_drift)
        except PinekeepError:
            for line in filter(str.strip, self._said):
                self._aloud(line)
            raise


def _of_the_file(name: str, deployment: Deployment, now: Deployed) -> list[DeployedStack]:
    wanted = stacks_of(name, deployment)
    return [each for each in now.stacks if each.name in wanted]


def _deployed_state(name: str, now: Deployed) -> State:
    storage = next((each.template for each in now.further if each.name == naming.storage_stack(name)), None)
    return deployed_state(cmek=now.cmek.template, link=now.link.template, storage=storage, outputs=now.outputs)


class _Maker:
    def __init__(self, configuration: Configuration, assembly: Path, review: Review, revert_drift: bool) -> None:
        self._file = configuration.deployments
        self._assembly = assembly
        self._pinecone = str(configuration.content.pinecone_account)
        self._review = review
        self._revert_drift = revert_drift

    def plan(self, name: str, deployment: Deployment, now: Deployed, clients: Clients) -> DeploymentPlan:
        stacks = [self._stack(name, deployment, each, clients) for each in _of_the_file(name, deployment, now)]
        named = stacks_of(name, self._file.get(name, deployment))
        changes = tuple(change for each in stacks for change in each.changes)
        there = [each for each in now.stacks if each.template is not None]
        before = _deployed_state(name, now) if there else None
        subject = Subject(
            name=name,
            deployment=deployment,
            before=before,
            after=self._after(name, deployment, before or State(), stacks),
            changes=changes,
            existing=frozenset(each.name for each in there),
            left_alone=tuple(each.name for each in there if each.name not in named),
            record=now.record,
            meaning=self._meaning(name, deployment, now, before, changes),
            pinecone_account=self._pinecone,
            former=now.former,
            gone_endpoints=now.gone_endpoints,
            key_state=now.live.key_state,
        )
        return DeploymentPlan(
            name=name,
            deployment=deployment,
            stacks=tuple(stacks),
            findings=classify(subject),
            record=now.record,
            has_registered_endpoint=bool(subject.registered_endpoints),
        )

    def _stack(self, name: str, deployment: Deployment, now: DeployedStack, clients: Clients) -> StackPlan:
        plan = StackPlan(
            now=now,
            clients=acting_on(now, clients),
            refers_to=tuple(referred_stacks(now.name, name, deployment)),
        )
        if (late := self._review.late.get(now.name)) is not None:
            return replace(plan, changes=late, would_change=True, late=True)
        if (found := self._review.sets.get(now.name)) is not None:
            return replace(plan, changes=found.changes, would_change=True)
        return plan

    def _after(self, name: str, deployment: Deployment, before: State, stacks: Sequence[StackPlan]) -> State:
        if any(each.blocked for each in stacks):
            return before
        return planned_state(
            name,
            deployment,
            cmek=self._template(naming.cmek_stack(name)),
            link=self._template(naming.private_link_stack(name)),
            storage=self._template(naming.storage_stack(name)),
            before=before,
            changes=[change for each in stacks for change in each.changes],
        )

    def _meaning(
        self, name: str, deployment: Deployment, now: Deployed, before: State | None, changes: tuple[Change, ...]
    ) -> Meaning:
        template = self._template(naming.cmek_stack(name))
        if template is None or now.cmek.remedy is not None:
            return Meaning()
        return meaning(
            name,
            deployment,
            pinecone_account=self._pinecone,
            templates=Templates(last=now.cmek.template, planned=template),
            live=now.live,
            before=before,
            changes=[each for each in changes if each.stack == now.cmek.name],
            handed_over=now.record.handed_over if now.record else None,
            reverts_drift=self._revert_drift,
        )

    def _template(self, stack: str) -> dict[str, Any] | None:
        path = self._assembly / f"{stack}.template.json"
        return json.loads(path.read_text()) if path.exists() else None
