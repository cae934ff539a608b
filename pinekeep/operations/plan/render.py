"""A plan as text, as Markdown for a pull request, and for JSON."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from pinekeep.model.facts import prices
from pinekeep.model.output import plan as output
from pinekeep.operations.plan.changes import Change
from pinekeep.operations.plan.classify import Finding
from pinekeep.operations.plan.costs import Cost, cost_lines, costs_of, headline, total_of
from pinekeep.operations.plan.gate import unacceptable, would_be_refused
from pinekeep.operations.plan.phases import Waiting
from pinekeep.operations.plan.planning import DeploymentPlan, Plan, StackPlan
from pinekeep.operations.plan.rule_table import RULES
from pinekeep.operations.plan.rules import WHAT_DEPLOY_DOES, Kind, Rule

RECORD_DIFFERS: Final = "record-differs"
_BANNER: Final = "DIFFERS FROM WHAT PINECONE WAS GIVEN"
_LISTED_MAX: Final = 3
_WORST_FIRST: Final = tuple(reversed(Kind))


def as_output(plan: Plan, waiting: Iterable[Waiting] = ()) -> output.PlanOutput:
    """Return a plan for JSON, with the deployments whose DNS waits."""
    return output.PlanOutput(
        kind=plan.kind.value,
        would_change=plan.would_change,
        refused=would_be_refused(plan),
        deployments=[_deployment_output(each) for each in plan.deployments],
        waiting=[waiting_output(each) for each in waiting],
    )


def waiting_output(waiting: Waiting) -> output.WaitingOutput:
    """Return a deployment whose DNS waits, for JSON."""
    return output.WaitingOutput(
        deployment=waiting.deployment, endpoint_id=waiting.endpoint_id, state=waiting.state, why=waiting.why
    )


def as_text(plan: Plan) -> str:
    """Return a plan for a terminal."""
    return "\n".join(line for each in plan.deployments for line in _text(each)).rstrip()


def as_markdown(plan: Plan, waiting: Iterable[Waiting] = ()) -> str:
    """Return a plan for a pull request, with the deployments whose DNS waits."""
    lines = [line for each in plan.deployments for line in _markdown(each)]
    lines += [f"> [!NOTE]\n> {_cell(each.why)}.\n" for each in waiting]
    return "\n".join(lines).rstrip()


def verdict(plan: Plan) -> str | None:
    """Return in one sentence what ``deploy`` would do; None if the text of the plan says already that it is nothing."""
    if plan.blocked:
        return "deploy refuses: a stack is in a state that cannot be deployed over"
    if not plan.would_change and not would_be_refused(plan):
        return None if all(map(has_nothing_to_report, plan.deployments)) else "nothing would change"
    breaking = [each for each in plan.deployments if each.kind is Kind.BREAKS]
    if plan.kind is Kind.BREAKS and any(map(unacceptable, breaking)):
        if any(each.record for each in breaking):
            return "deploy refuses: it would break what was handed over to Pinecone"
        return "deploy refuses: AWS would roll it back"
    if plan.kind in (Kind.WEAKENS, Kind.BREAKS):
        names = ", ".join(each.name for each in plan.deployments if each.kind in (Kind.WEAKENS, Kind.BREAKS))
        return f"deploy refuses unless the name is typed, or given with --accept-breaking: {names}"
    return f"deploy {WHAT_DEPLOY_DOES[plan.kind].replace('`', '')}"


def has_nothing_to_report(plan: DeploymentPlan) -> bool:
    """Tell whether a deployment has no changes, no obstacles and no findings."""
    return not plan.findings and not any(each.would_change or each.blocked or _waits(each) for each in plan.stacks)


def _text(plan: DeploymentPlan) -> Iterator[str]:
    if has_nothing_to_report(plan):
        yield f"{plan.name} ({plan.deployment.account} in {plan.deployment.region}): nothing changes"
        return
    yield f"{plan.name} ({plan.deployment.account} in {plan.deployment.region}): {plan.kind.words}"
    if plan.record is not None:
        yield f"  handed over to Pinecone on {plan.record.recorded_at} by {plan.record.recorded_by}"
    for stack in plan.stacks:
        yield f"  {stack.now.place}: {_stack_words(stack)}"
    differing, others = _split(plan.findings)
    if differing:
        yield ""
        yield f"  !!! {_BANNER}"
        yield from (f"  !!! {each.what}" for each in differing)
    for kind, by_rule in _grouped(others):
        yield ""
        yield f"  {kind.words}"
        for rule, findings in by_rule:
            yield from (f"    {each}" for each in _lines(rule, findings))
            yield f"      {rule.why}"
    if costs := costs_of(plan.deployment):
        yield ""
        yield f"  {headline(costs)}"
        yield from (f"    {each}" for each in cost_lines(costs))
    yield ""


def _lines(rule: Rule, findings: Sequence[Finding]) -> list[str]:
    """Return the lines about one rule. Many safe changes of resources become one line."""
    named = [each.resource for each in findings if each.resource]
    if rule.kind is not Kind.SAFE or len(named) != len(findings) or len(named) <= _LISTED_MAX:
        return [each.what for each in findings]
    return [f"{len(named)} times, {rule.title}: {', '.join(named)}"]


def _stack_words(stack: StackPlan) -> str:
    if stack.blocked:
        return f"in state {stack.now.status}, which cannot be deployed over; {stack.blocked}"
    waits = " (it is in review: nothing was ever deployed to it)" if _waits(stack) else ""
    if not stack.would_change:
        return f"nothing changes{waits}"
    if stack.late and _is_there(stack):
        return "would be updated; its changes are known when the stacks that it refers to are deployed"
    if not _is_there(stack):
        return f"would be created, {_counted(stack.changes)}{waits}"
    return f"would be updated, {_counted(stack.changes)}"


def _waits(stack: StackPlan) -> bool:
    return bool(stack.now.status) and not _is_there(stack)


def _is_there(stack: StackPlan) -> bool:
    return stack.now.template is not None


def _counted(changes: Sequence[Change]) -> str:
    count = len(changes)
    return f"{count} change{'' if count == 1 else 's'}" if count else "outputs only"


def _markdown(plan: DeploymentPlan) -> Iterator[str]:
    yield f"## Plan for `{plan.name}`: {plan.kind.words}"
    yield ""
    yield f"Account {plan.deployment.account}, {plan.deployment.region}."
    if plan.record is not None:
        yield f"Handed over to Pinecone on {plan.record.recorded_at} by `{plan.record.recorded_by}`."
    yield ""
    yield "| Stack | Change |"
    yield "| --- | --- |"
    for stack in plan.stacks:
        yield f"| `{stack.name}` | {_cell(_stack_words(stack))} |"
    yield ""
    differing, others = _split(plan.findings)
    if differing:
        yield "> [!CAUTION]"
        yield f"> **{_BANNER}**"
        yield from (f"> - {_cell(each.what)}" for each in differing)
        yield ""
    for kind, by_rule in _grouped(others):
        yield f"### {_capital(kind.words)}"
        yield ""
        for rule, findings in by_rule:
            yield f"**{_capital(rule.title)}** (`{rule.id}`): {rule.why}."
            yield ""
            yield from (f"- {_cell(each.what)}" for each in findings)
            yield ""
    if costs := costs_of(plan.deployment):
        yield f"<details><summary>{headline(costs)}</summary>"
        yield ""
        yield "```"
        yield from cost_lines(costs)
        yield "```"
        yield ""
        yield "</details>"
        yield ""


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _split(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    differing = [each for each in findings if each.rule.id == RECORD_DIFFERS]
    return differing, [each for each in findings if each.rule.id != RECORD_DIFFERS]


def _grouped(findings: Iterable[Finding]) -> Iterator[tuple[Kind, list[tuple[Rule, list[Finding]]]]]:
    """Group findings, the most severe first, by kind and by rule."""
    for kind, of_kind in groupby(findings, lambda each: each.kind):
        by_rule: dict[str, tuple[Rule, list[Finding]]] = {}
        for each in of_kind:
            by_rule.setdefault(each.rule.id, (each.rule, []))[1].append(each)
        yield kind, list(by_rule.values())


def _deployment_output(plan: DeploymentPlan) -> output.PlannedDeploymentOutput:
    return output.PlannedDeploymentOutput(
        name=plan.name,
        account=plan.deployment.account,
        region=plan.deployment.region,
        kind=plan.kind.value,
        handed_over_at=plan.record.recorded_at if plan.record else None,
        stacks=[_stack_output(each) for each in plan.stacks],
        findings=[
            output.PlannedFindingOutput(
                kind=each.kind.value,
                rule=each.rule.id,
                what=each.what,
                why=each.rule.why,
                stack=each.stack,
                resource=each.resource,
            )
            for each in plan.findings
        ],
        monthly_cost=_cost_output(costs_of(plan.deployment)),
    )


def _cost_output(costs: Sequence[Cost]) -> output.PlannedCostOutput:
    return output.PlannedCostOutput(
        region=prices.REGION,
        as_of=prices.AS_OF.isoformat(),
        total_usd=float(total_of(costs)),
        items=[
            output.PlannedCostItemOutput(
                what=each.what,
                quantity=each.quantity,
                monthly_usd=None if each.monthly_usd is None else float(each.monthly_usd),
                unit_usd=None if each.price.usd is None else float(each.price.usd),
                unit=each.price.per,
                source=str(each.price.source),
            )
            for each in costs
        ],
    )


def _stack_output(stack: StackPlan) -> output.PlannedStackOutput:
    return output.PlannedStackOutput(
        name=stack.name,
        state=stack.now.status,
        would_change=stack.would_change,
        blocked=stack.blocked,
        changes=[
            output.PlannedChangeOutput(
                action=each.action.value,
                lost=each.lost,
                resource=each.logical_id,
                type=each.type,
                physical_id=each.physical_id,
                replacement=each.replacement.value,
                properties=[detail.name or detail.attribute for detail in each.details],
            )
            for each in stack.changes
        ],
    )


def rules_table() -> str:
    """Return the rules as a Markdown table, by kind, and what ``deploy`` does about each kind."""
    lines = ["| Kind | What `deploy` does |", "| --- | --- |"]
    lines += [f"| {kind.words} | {WHAT_DEPLOY_DOES[kind]} |" for kind in _WORST_FIRST]
    for kind in _WORST_FIRST:
        lines += ["", f"### {_capital(kind.words)}", "", "| Rule | What | Why |", "| --- | --- | --- |"]
        lines += [f"| `{each.id}` | {each.title} | {each.why} |" for each in RULES if each.kind is kind]
    return "\n".join(lines)
