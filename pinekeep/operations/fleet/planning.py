"""Planning a fleet: comparing its stack set as it is with the one that it should be."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import Instance, StackSet
from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet.handover import read_changes
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.config.problems import Problem
from pinekeep.model.words import listed, plain
from pinekeep.operations.fleet.classification import Classifier, changed_parameters
from pinekeep.operations.fleet.desired import (
    Desired,
    DesiredInstance,
    Place,
    call_as,
    digest_of,
    part_of,
    stack_set_name,
    template_digest,
)
from pinekeep.operations.fleet.fingerprints import Fingerprints
from pinekeep.operations.fleet.members import Members
from pinekeep.operations.fleet.observed import CURRENT, INOPERABLE, Observed, read_observed, with_parameters
from pinekeep.operations.fleet.obstacles import require_no_obstacles
from pinekeep.operations.fleet.plans import DEPLOYED, Action, FleetPlan, Narrowing, SetChanges, TargetPlan
from pinekeep.operations.fleet.proof import desired_of
from pinekeep.operations.fleet.reasons import because, quiet, remedy_of, removal, warnings, why_outdated
from pinekeep.operations.fleet.surroundings import read_surroundings
from pinekeep.operations.plan.classify import worst
from pinekeep.operations.plan.rules import Kind

_SUSPENDED: Final = "SKIPPED_SUSPENDED_ACCOUNT"
_HELD_BACK: Final = (Kind.BREAKS, Kind.DESTROYS)


def plan_fleet(
    found: FleetTargets,
    *,
    clients: Clients,
    members: Members | None = None,
    narrowing: Narrowing | None = None,
    file: str = "pinekeep.yaml",
    fingerprints: Callable[[str], Fingerprints] = Fingerprints.of_stack_set,
) -> FleetPlan:
    """Return the plan of a fleet. ``clients``: those of the administrator. ``file``: the configuration file.

    Reads only: the stack set, its instances and operations by pages; the parameters of instances of which they are not
    known; and for new instances the organization, the quotas and other fleets' stack sets.

    Raises:
        ConfigurationError: obstacles, all at once: the stack set is not this fleet's, accounts are not in the
            organization, quotas are too low, or one template cannot express all targets.
        WrongInputError: an account or Region that the plan is narrowed to has no target.
        AwsRefusedError: AWS refuses.
    """
    narrowing = narrowing or Narrowing()
    members = members or Members()
    as_whom = call_as(found)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_observed, clients, stack_set_name(found.name, part_of(found)), call_as=as_whom)
        desired = desired_of(found, file=file)
        observed = reading.result()
    if observed.stack_set is not None:
        desired = desired.with_current(observed.stack_set.parameters)
    wanted = {place for place in desired.instances if narrowing.includes(place)}
    new = sorted(wanted - observed.instances.keys())
    surroundings = read_surroundings(found, observed, clients=clients, new=new, members=members)
    require_no_obstacles(found, observed, surroundings, new=new, members=members, file=file)
    if observed.stack_set is not None:
        kept = fingerprints(observed.stack_set.id)
        observed = with_parameters(
            observed, desired, clients=clients, call_as=as_whom, places=wanted, fingerprints=kept
        )
    planner = _Planner(found, desired, observed, members, read_changes(Path(file), found))
    targets = planner.targets(wanted, narrowing)
    changes = planner.changes()
    _require_matches(found, targets, narrowing)
    return FleetPlan(
        found=found,
        desired=desired,
        observed=observed,
        targets=targets,
        changes=changes,
        members=members,
        surroundings=surroundings,
        warnings=(*warnings(found, observed, changes, narrowed=bool(narrowing)), *surroundings.notes),
        narrowed=bool(narrowing),
    )


def _require_matches(found: FleetTargets, targets: Iterable[TargetPlan], narrowing: Narrowing) -> None:
    """Refuse accounts and Regions that no target has."""
    places = [(each.account, each.region) for each in targets]
    unknown = [
        *(f"account {plain(each)}" for each in sorted(narrowing.accounts) if each not in {one for one, _ in places}),
        *(f"Region {plain(each)}" for each in sorted(narrowing.regions) if each not in {one for _, one in places}),
    ]
    if unknown:
        raise WrongInputError(
            f"fleet {found.name} has no target in {listed(unknown)}",
            hint=f"list its targets: pinekeep fleet targets --fleet {found.name}",
        )


class _Planner:
    def __init__(
        self,
        found: FleetTargets,
        desired: Desired,
        observed: Observed,
        members: Members,
        recorded: Mapping[Place, Sequence[Problem]],
    ) -> None:
        self._found = found
        self._recorded = recorded
        self._desired = desired
        self._observed = observed
        self._members = members
        stack_set = observed.stack_set
        self._template = stack_set is not None and template_digest(stack_set.template) != desired.template_digest
        self._tags = _changed_tags(stack_set, desired)
        template = desired.template if stack_set is None else stack_set.template
        self._classifier = Classifier(desired, template=template, pinecone_account=found.pinecone_account)
        self._blocked = False
        """Whether the new template breaks an instance: it is then rolled out nowhere."""

    def changes(self) -> SetChanges:
        """Return what changes in the stack set."""
        stack_set = self._observed.stack_set
        if stack_set is None:
            return SetChanges(creates=True)
        return SetChanges(
            template=self._template and not self._blocked,
            tags=self._tags,
            auto_deployment=stack_set.auto_deployment,
            managed_execution=not stack_set.managed_execution,
        )

    def targets(self, wanted: Collection[Place], narrowing: Narrowing) -> tuple[TargetPlan, ...]:
        """Return the plans of the targets, the most severe first."""
        made = [
            self._existing(instance, self._observed.instances[place])
            if place in self._observed.instances
            else TargetPlan(account=place[0], region=place[1], action=Action.CREATE, desired=instance)
            for place, instance in self._desired.instances.items()
            if place in wanted
        ]
        made = [self._as_handed_over(each) for each in made]
        made = [*self._waiting(self._without_template(made)), *self._others(narrowing)]
        return tuple(
            sorted(
                made,
                key=lambda each: (-each.kind.rank, each.action.rank, each.account, each.region or ""),
            )
        )

    def _existing(self, wanted: DesiredInstance, instance: Instance) -> TargetPlan:
        account, region = wanted.place

        def plan(action: Action, reason: str | None = None, **more: object) -> TargetPlan:
            return TargetPlan(
                account=account,
                region=region,
                action=action,
                reason=reason,
                instance=instance,
                desired=wanted,
                **more,  # pyrefly: ignore[bad-argument-type] - the callers below name the fields
            )

        if instance.detailed_status == _SUSPENDED or account in self._members.suspended:
            return plan(Action.SKIPPED, "the account is suspended")
        if instance.status == INOPERABLE:
            return plan(
                Action.HELD_BACK,
                because("StackSets can no longer operate on the stack", instance),
                remedy="take it out of the stack set, which keeps the stack, then deploy again: "
                f"{removal(self._found.name, account, region)}",
            )
        if instance.status != CURRENT and _has_nothing_to_lose(wanted, instance, template=self._template):
            return plan(Action.RETRY, because(why_outdated(instance), instance))
        values = self._observed.values(wanted.place, self._desired)
        if values is None:
            return plan(Action.RETRY, "its parameters could not be read: the instance is gone by now")
        names = changed_parameters(values, wanted.values)
        if not names and not self._template:
            if instance.status == CURRENT:
                return plan(Action.UPDATE, "the tags of the stack set change") if self._tags else plan(Action.NONE)
            return plan(Action.RETRY, because(why_outdated(instance), instance))
        findings = self._classifier.findings(wanted, values)
        if self._template and self._breaks_by_template(wanted, values):
            self._blocked = True
        if worst(findings) in _HELD_BACK:
            return plan(
                Action.HELD_BACK,
                findings[0].what,
                remedy=remedy_of(findings[0].rule, by_values=bool(names)),
                findings=findings,
                parameters=names,
                template=self._template,
            )
        reason = None if findings else quiet(names, template=self._template)
        return plan(Action.UPDATE, reason, findings=findings, parameters=names, template=self._template)

    def _as_handed_over(self, plan: TargetPlan) -> TargetPlan:
        """Hold back what would change a value that Pinecone was given, by the record beside the file."""
        if plan.region is None or plan.action is Action.HELD_BACK:
            return plan
        problems = self._recorded.get((plan.account, plan.region), ())
        return _held_back(plan, problems[0].message, problems[0].hint) if problems else plan

    def _breaks_by_template(self, wanted: DesiredInstance, values: Mapping[str, str]) -> bool:
        return worst(self._classifier.of_template(wanted, values)) in _HELD_BACK

    def _without_template(self, made: Iterable[TargetPlan]) -> list[TargetPlan]:
        """Hold back what needs the new template, if that breaks an instance: a stack set has one template."""
        if not self._blocked:
            return list(made)
        return [
            _held_back(
                each,
                "the stack set keeps its template, as the new one breaks another instance",
                "see the instances that are held back with findings",
            )
            if each.action in DEPLOYED
            else each
            for each in made
        ]

    def _waiting(self, made: Iterable[TargetPlan]) -> Iterator[TargetPlan]:
        """Hold back the keys of new Regions in accounts whose role is held back: they name the role."""
        made = list(made)
        held = {
            each.account: each.region
            for each in made
            if each.action is Action.HELD_BACK and each.desired is not None and each.desired.has_role
        }
        for each in made:
            names_role = each.desired is not None and not each.desired.has_role
            if each.action is Action.CREATE and each.account in held and names_role:
                yield _held_back(each, f"the role of the account is held back in {held[each.account]}", None)
            else:
                yield each

    def _others(self, narrowing: Narrowing) -> Iterator[TargetPlan]:
        """Yield what is in the stack set and not in the file, and the accounts of units that are no targets."""
        for place, instance in self._observed.instances.items():
            if place in self._desired.instances or not narrowing.includes(place):
                continue
            account, region = place
            suspended = account in self._members.suspended or instance.detailed_status == _SUSPENDED
            yield TargetPlan(
                account=account,
                region=region,
                action=Action.SKIPPED if suspended else Action.LEFT_ALONE,
                reason="the account is suspended" if suspended else "it is in the stack set, and not in the file",
                remedy=None if suspended else removal(self._found.name, account, region),
                instance=instance,
            )
        for account, reason in self._found.incomplete:
            if narrowing.includes((account, None)) or (account in narrowing.accounts):
                yield TargetPlan(
                    account=account,
                    region=None,
                    action=Action.INCOMPLETE,
                    reason=reason,
                    remedy=f"add a row for it to the file of fleet {self._found.name}",
                )
        known = {account for account, _ in (*self._observed.instances, *self._desired.instances)}
        for account in self._members.suspended:
            if account not in known and narrowing.includes((account, None)):
                yield TargetPlan(account=account, region=None, action=Action.SKIPPED, reason="the account is suspended")


def _held_back(plan: TargetPlan, reason: str, remedy: str | None) -> TargetPlan:
    return replace(plan, action=Action.HELD_BACK, reason=reason, remedy=remedy)


def _has_nothing_to_lose(wanted: DesiredInstance, instance: Instance, *, template: bool) -> bool:
    """Return whether there is nothing to compare: no stack was ever created, or the last operation tried this very one.

    StackSets need not keep the parameters of an instance that it could not create. ``template``: whether the template
    of the stack set changes.
    """
    return instance.stack_id is None or (not template and digest_of(instance.last_operation) == wanted.digest)


def _changed_tags(stack_set: StackSet | None, desired: Desired) -> tuple[str, ...]:
    if stack_set is None:
        return ()
    own = {key: value for key, value in stack_set.tags.items() if not key.lower().startswith("aws:")}
    return tuple(sorted(key for key in {**own, **desired.tags} if own.get(key) != desired.tags.get(key)))
