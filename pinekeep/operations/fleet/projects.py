"""The Pinecone projects of a fleet: one for each target, created where the target is deployed.

Targets are worked on one after another, and one that fails does not stop the others. A run that was ended continues
with the next one: each reads what exists first.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import Instance
from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.output.pinecone import (
    FleetProjectOutput,
    FleetProjectsOutput,
)
from pinekeep.model.words import listed
from pinekeep.operations.fleet.handoff import MissingTarget, not_deployed, place_of, read_deployed
from pinekeep.pinecone.apply import PineconeSide, read_organization
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.inventory import Project
from pinekeep.pinecone.plan import CurrentState, Plan

CURRENT: Final = "CURRENT"
_COMMAND: Final = re.compile(r"`pinekeep pinecone (apply|rotate|status|plan)\b(?! --fleet)")
_SHOWN: Final = 5

ClientsFor = Callable[[Target], Clients]


def with_fleet(text: str, fleet: str, target: Target) -> str:
    """Return a text with the commands for a deployment's project as those for a target's."""
    return _COMMAND.sub(rf"`pinekeep pinecone \1 --fleet {fleet} --account {target.account}", text)


@dataclass(kw_only=True)
class TargetProject:
    """One target's project: the plan, and how far it came.

    Attributes:
        plan: None where the target is skipped.
        skipped: why nothing is planned for it, with what to do about it.
        failed: what ended its plan.
    """

    target: Target
    plan: Plan | None = None
    skipped: MissingTarget | None = None
    failed: PinekeepError | None = None
    done: bool = False

    @property
    def steps(self) -> int:
        """The number of steps that can be taken."""
        return len(self.plan.steps) if self.plan and not self.plan.problems else 0

    def output(self, fleet: str) -> FleetProjectOutput:
        """Return its JSON. ``fleet``: the fleet's name, for the commands in hints."""
        plan, project = self.plan, self.target.deployment.pinecone
        if self.skipped is not None:
            status, reason, fix = "skipped", self.skipped.reason, self.skipped.fix
        elif self.failed is not None:
            status, reason, fix = "failed", self.failed.message, self.failed.hint
        elif plan is not None and plan.problems:
            status, reason, fix = "refused", plan.problems[0].message, plan.problems[0].hint
        else:
            status = "applied" if self.done else "planned" if plan is not None and plan.steps else "in order"
            reason = fix = None
        made = plan.output() if plan is not None else None
        return FleetProjectOutput(
            account=self.target.account,
            region=self.target.region,
            project=project.project if project else "",
            project_id=made.project_id if made else None,
            status=status,
            steps=made.steps if made else [],
            notes=[with_fleet(each, fleet, self.target) for each in (made.notes if made else ())],
            reason=with_fleet(reason, fleet, self.target) if reason is not None else None,
            fix=with_fleet(fix, fleet, self.target) if fix is not None else None,
        )


@dataclass(kw_only=True)
class FleetProjects:
    """The projects of a fleet's targets at Pinecone.

    Attributes:
        targets: the targets to work on, each with a ``pinecone`` section.
        instances: of the fleet's stack set.
        verification_clients: clients that may read a target's account.
        secret_clients: clients that may store API keys in a target's account.
    """

    targets: FleetTargets
    instances: Iterable[Instance]
    admin: PineconeAdmin
    verification_clients: ClientsFor
    secret_clients: ClientsFor
    tell: Callable[[str], None] = field(default=lambda _: None)

    def plans(self, *, remove_undeclared: bool = False) -> list[TargetProject]:
        """Return a plan for each target. Reads only.

        Raises WrongInputError as :func:`require_projects`; PinekeepError if Pinecone refuses to list what there is.
        """
        require_projects(self.targets)
        skipped = self._skipped()
        organization = read_organization(
            self.admin,
            {place: each.deployment for place, each in _named(self.targets)},
            remove_undeclared=remove_undeclared,
        )
        by_name = projects_by_name(organization.projects)
        return [
            TargetProject(target=each, skipped=skipped[place_of(each)])
            if place_of(each) in skipped
            else self._planned(each, organization, by_name, remove_undeclared=remove_undeclared)
            for each in self.targets.targets
        ]

    def apply(self, each: TargetProject) -> None:
        """Carry out the plan of a target. A step that fails is noted in it, and the steps before it stay done."""
        if each.plan is None or not each.steps:
            return
        try:
            self.side(each.target).apply(each.plan)
        except PinekeepError as error:
            each.failed = error
        else:
            each.done = True

    def _planned(
        self,
        target: Target,
        organization: CurrentState,
        by_name: Mapping[str, list[Project]],
        *,
        remove_undeclared: bool,
    ) -> TargetProject:
        wanted = target.deployment.pinecone
        own = replace(organization, projects=by_name.get(wanted.project, []) if wanted else [])
        try:
            plan = self.side(target).plan(self.targets.name, own, remove_undeclared=remove_undeclared)
        except PinekeepError as error:
            return TargetProject(target=target, failed=error)
        return TargetProject(target=target, plan=plan)

    def _skipped(self) -> dict[tuple[str, str], MissingTarget]:
        """Return the targets that are not deployed. Only stacks whose last operation did not succeed are read."""
        by_place = {each.place: each for each in self.instances}
        found: dict[tuple[str, str], MissingTarget] = {}
        unclear: list[Target] = []
        for target in self.targets.targets:
            instance = by_place.get(place_of(target))
            missing = not_deployed(self.targets.name, target, instance)
            if missing is not None:
                found[place_of(target)] = missing
            elif instance is not None and instance.status != CURRENT:
                unclear.append(target)
        if unclear:
            part = replace(self.targets, targets=tuple(unclear))
            _, missing_targets = read_deployed(part, by_place.values(), self.verification_clients)
            found |= {place_of(each.target): each for each in missing_targets}
        return found

    def side(self, target: Target) -> PineconeSide:
        """Return Pinecone's side of one target."""

        def clients_for(_: Deployment) -> Clients:
            return self.secret_clients(target)

        def tell(step: str) -> None:
            self.tell(f"{target.account}/{target.region}: {step}")

        return PineconeSide({self.targets.name: target.deployment}, self.admin, clients_for, tell=tell)


def projects_by_name(projects: Iterable[Project]) -> dict[str, list[Project]]:
    """Return projects by their names, which several may have."""
    found: dict[str, list[Project]] = {}
    for each in projects:
        found.setdefault(each.name, []).append(each)
    return found


def _named(targets: FleetTargets) -> Iterator[tuple[str, Target]]:
    for each in targets.targets:
        yield f"{each.account}/{each.region}", each


def require_projects(targets: FleetTargets) -> None:
    """Require that each target has a project, and API keys only with a role that may store them.

    That no two targets have the same project is a rule of the file. Raises WrongInputError with what to write.
    """
    without = [name for name, each in _named(targets) if each.deployment.pinecone is None]
    if without:
        raise WrongInputError(
            f"fleet {targets.name} has no pinecone section for {_some(without)}",
            hint=f"add pinecone: {{project: {targets.name}-${{AWS::AccountId}}}} to its settings, or a column "
            "pinecone.project to its file",
        )
    with_keys = [
        name for name, each in _named(targets) if each.deployment.pinecone and each.deployment.pinecone.api_keys
    ]
    if with_keys and targets.fleet.pinecone_role_name is None:
        raise WrongInputError(
            f"{_some(with_keys)} have API keys, and fleet {targets.name} names no role that may store them: the "
            "verification role changes nothing",
            hint="create a role in each account that may write the secrets, and name it in pinecone_role_name; or "
            "remove api_keys",
        )


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return listed(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def projects_output(targets: FleetTargets, found: Sequence[TargetProject], *, changed: bool) -> FleetProjectsOutput:
    """Return the JSON of a plan, or of what was done. ``changed``: whether anything was done."""
    outputs = [each.output(targets.name) for each in found]
    return FleetProjectsOutput(
        fleet=targets.name,
        changed=changed,
        passed=not any(each.status in ("failed", "refused", "skipped") for each in outputs),
        targets=outputs,
    )
