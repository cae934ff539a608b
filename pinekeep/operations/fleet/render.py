"""The plan of a fleet as text, as Markdown, and for JSON. Targets with the same plan are written together."""

from collections.abc import Iterator, Sequence
from typing import Final

from pinekeep.model.output import fleet_plan as output
from pinekeep.operations.fleet.classification import RULES
from pinekeep.operations.fleet.plans import Action, FleetPlan, TargetPlan
from pinekeep.operations.plan.rules import Kind

_PLACES_MAX: Final = 8
"""Of more targets with the same plan, these are named; all are in the JSON."""


def as_output(plan: FleetPlan) -> output.FleetPlanOutput:
    """Return a plan for JSON."""
    administrator = plan.found.fleet.administrator
    return output.FleetPlanOutput(
        fleet=plan.desired.name,
        shape=plan.desired.shape,
        kind=plan.kind.value,
        would_change=plan.would_change,
        refused=bool(plan.held_back),
        counts={each.value: number for each, number in plan.counts.items()},
        stack_set=output.FleetStackSetOutput(
            name=plan.desired.stack_set,
            account=administrator.account,
            region=administrator.region,
            exists=not plan.changes.creates,
            template=plan.changes.template,
            tags=list(plan.changes.tags),
            turns_off_automatic_deployment=plan.changes.auto_deployment,
            turns_on_managed_execution=plan.changes.managed_execution,
        ),
        warnings=list(plan.warnings),
        targets=[_target(each) for each in plan.targets],
    )


def as_text(plan: FleetPlan) -> str:
    """Return a plan for a terminal."""
    lines = [f"{plan.desired.name}: {summary(plan)}", *(f"  {each}" for each in _stack_set(plan))]
    for targets in _alike(plan):
        first = targets[0]
        lines += ["", f"  {_heading(first, len(targets))}", *(f"    {each}" for each in _places(targets))]
        if first.reason is not None and not (first.findings and first.reason == first.findings[0].what):
            lines.append(f"    {first.reason}")
        for each in first.findings:
            lines += [f"    {each.what}", f"      {each.rule.why}"] if each.kind is not Kind.SAFE else []
        if safe := sum(each.kind is Kind.SAFE for each in first.findings):
            lines.append(f"    {safe} safe change{'' if safe == 1 else 's'}")
        if first.remedy is not None:
            lines.append(f"    {_remedy(targets)}")
    return "\n".join(lines)


def as_markdown(plan: FleetPlan) -> str:
    """Return a plan for a pull request."""
    lines = [f"## Plan for fleet `{plan.desired.name}`: {plan.kind.words}", "", f"{_capital(summary(plan))}.", ""]
    lines += [f"- {_cell(each)}" for each in _stack_set(plan)]
    for targets in _alike(plan):
        first = targets[0]
        lines += ["", f"### {_capital(_heading(first, len(targets)))}", "", _cell("; ".join(_places(targets))), ""]
        if first.reason is not None:
            lines.append(f"{_cell(_capital(first.reason))}.")
        lines += [f"- **{each.kind.words}** (`{each.rule.id}`): {_cell(each.what)}" for each in first.findings]
        if first.remedy is not None:
            lines += ["", f"> {_cell(_capital(_remedy(targets)))}"]
    lines += ["", *(f"> [!NOTE]\n> {_cell(each)}.\n" for each in plan.warnings)]
    return "\n".join(lines).rstrip()


def summary(plan: FleetPlan) -> str:
    """Return the number of targets by action, in words."""
    counts = plan.counts
    if not counts:
        return "no targets"
    if not plan.would_change and set(counts) == {Action.NONE}:
        number = counts[Action.NONE]
        return f"nothing changes in {number:,} target{'' if number == 1 else 's'}"
    return ", ".join(f"{number:,} {action.words}" for action, number in counts.items())


def verdict(plan: FleetPlan) -> str | None:
    """Return in one sentence what ``fleet deploy`` would do; None if the text of the plan says it already."""
    held = len(plan.held_back)
    others = "goes on with the others" if plan.would_change else "has nothing else to do"
    if held:
        return f"fleet deploy leaves {held:,} target{'' if held == 1 else 's'} as {_it_is(held)}, and {others}"
    if not plan.would_change:
        return None
    return "fleet deploy asks, and goes ahead with --yes"


def fleet_rules_table() -> str:
    """Return the rules of fleets alone as a Markdown table."""
    lines = ["| Kind | Rule | What | Why |", "| --- | --- | --- | --- |"]
    lines += [f"| {each.kind.words} | `{each.id}` | {each.title} | {each.why} |" for each in RULES]
    return "\n".join(lines)


def _it_is(number: int) -> str:
    return "it is" if number == 1 else "they are"


def _stack_set(plan: FleetPlan) -> Iterator[str]:
    administrator, changes = plan.found.fleet.administrator, plan.changes
    where = f"stack set {plan.desired.stack_set} in account {administrator.account}, {administrator.region}"
    if changes.creates:
        yield f"{where}: created"
        return
    what = [
        *(["its template changes"] if changes.template else []),
        *([f"its tags change ({', '.join(changes.tags)})"] if changes.tags else []),
        *(["automatic deployment is turned off"] if changes.auto_deployment else []),
        *(["managed execution is turned on"] if changes.managed_execution else []),
    ]
    yield f"{where}: {', '.join(what) or 'no change'}"


def _alike(plan: FleetPlan) -> list[list[TargetPlan]]:
    """Return the targets in groups of the same plan, in order; without those that do not change."""
    found: dict[object, list[TargetPlan]] = {}
    for each in plan.targets:
        if each.action is not Action.NONE:
            said = (each.action, _general(each.reason, each), each.remedy is None, _said(each))
            found.setdefault(said, []).append(each)
    return list(found.values())


def _said(target: TargetPlan) -> tuple[tuple[str, str | None], ...]:
    return tuple((each.rule.id, _general(each.what, target)) for each in target.findings)


def _general(text: str | None, target: TargetPlan) -> str | None:
    return None if text is None else text.replace(target.account, "ACCOUNT").replace(target.region or "?", "REGION")


def _heading(first: TargetPlan, number: int) -> str:
    kind = f", {first.kind.words}" if first.findings else ""
    return f"{first.action.words}{kind}: {number:,} target{'' if number == 1 else 's'}"


def _places(targets: Sequence[TargetPlan]) -> list[str]:
    """Return the accounts, each with its Regions; the first of many."""
    regions: dict[str, list[str]] = {}
    for each in targets:
        regions.setdefault(each.account, []).extend([each.region] if each.region else [])
    lines = [f"{account} {', '.join(names)}".rstrip() for account, names in regions.items()]
    if len(lines) > _PLACES_MAX + 1:
        lines = [*lines[:_PLACES_MAX], f"and {len(lines) - _PLACES_MAX:,} more accounts: --json has all"]
    return lines


def _remedy(targets: Sequence[TargetPlan]) -> str:
    """Return the remedy; of commands for one target each, the first."""
    first = targets[0].remedy or ""
    return first if all(each.remedy == first for each in targets) else f"for example: {first}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _target(target: TargetPlan) -> output.FleetTargetOutput:
    instance, wanted = target.instance, target.desired
    return output.FleetTargetOutput(
        account=target.account,
        region=target.region,
        action=target.action.value,
        kind=target.kind.value,
        reason=target.reason,
        remedy=target.remedy,
        parameters=list(target.parameters),
        template=target.template,
        stack_id=instance.stack_id if instance else None,
        status=instance.status if instance else None,
        place=wanted.target.place if wanted else None,
        findings=[
            output.FleetFindingOutput(
                kind=each.kind.value, rule=each.rule.id, what=each.what, why=each.rule.why, resource=each.resource
            )
            for each in target.findings
        ],
    )
