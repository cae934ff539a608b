"""A plan as text, as Markdown for a pull request, and for JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pinekeep.model.output.plan import (
    PlannedChangeOutput,
    PlannedDeploymentOutput,
    PlannedFindingOutput,
    PlannedStackOutput,
    PlanOutput,
)
from pinekeep.operations.plan.changes import Change
from pinekeep.operations.plan.classify import Finding
from pinekeep.operations.plan.gate import given_up, would_be_refused
from pinekeep.operations.plan.kinds import WHAT_DEPLOY_DOES, Kind
from pinekeep.operations.plan.planning import DeploymentPlan, Plan, StackPlan
from pinekeep.operations.plan.rules import COMPARISONS, ROWS, Rule

LOUDEST: Final = "record-differs"
_BANNER: Final = "NOT WHAT PINECONE WAS GIVEN"
_ONE_BY_ONE: Final = 3
_GRAVEST_FIRST: Final = tuple(reversed(Kind))


def as_output(plan: Plan) -> PlanOutput:
    """Return a plan for JSON."""
    return PlanOutput(
        kind=plan.kind.value,
        would_change=plan.would_change,
        refused=would_be_refused(plan),
        deployments=[_deployment_output(each) for each in plan.deployments],
    )


def as_text(plan: Plan) -> str:
    """Return a plan for a terminal."""
    return "\n".join(line for each in plan.deployments for line in _text(each)).rstrip()


def as_markdown(plan: Plan) -> str:
    """Return a plan for a pull request."""
    return "\n".join(line for each in plan.deployments for line in _markdown(each)).rstrip()


def verdict(plan: Plan) -> str:
    """Return in one sentence what ``deploy`` would do."""
    if plan.blocked:
        return "deploy refuses: a stack is in a state that nothing can be deployed over"
    if not plan.would_change and not would_be_refused(plan):
        return "nothing would change"
    breaking = [each for each in plan.deployments if each.kind is Kind.BREAKS]
    if plan.kind is Kind.BREAKS and any(map(given_up, breaking)):
        if any(each.record for each in breaking):
            return "deploy refuses: it would break what was handed over to Pinecone"
        return "deploy refuses: AWS would undo it"
    if plan.kind is Kind.BREAKS:
        names = ", ".join(each.name for each in breaking)
        return f"deploy refuses unless the name is typed, or given with --accept-breaking: {names}"
    return f"deploy {WHAT_DEPLOY_DOES[plan.kind].replace('`', '')}"


# --- Text ---


def has_nothing_to_tell(plan: DeploymentPlan) -> bool:
    """Tell whether nothing of a deployment changes, stands in the way, or is worth a word."""
    return not plan.findings and not any(each.would_change or each.blocked or _waits(each) for each in plan.stacks)


def _text(plan: DeploymentPlan) -> Iterator[str]:
    if has_nothing_to_tell(plan):
        yield f"{plan.name} ({plan.deployment.account} in {plan.deployment.region}): nothing changes"
        return
    yield f"{plan.name} ({plan.deployment.account} in {plan.deployment.region}): {plan.kind.words}"
    if plan.record is not None:
        yield f"  handed over to Pinecone on {plan.record.recorded_at} by {plan.record.recorded_by}"
    for stack in plan.stacks:
        yield f"  {stack.name}: {_stack_words(stack)}"
    loudest, others = _split(plan.findings)
    if loudest:
        yield ""
        yield f"  !!! {_BANNER}"
        yield from (f"  !!! {each.what}" for each in loudest)
    for kind, by_rule in _grouped(others):
        yield ""
        yield f"  {kind.words}"
        for rule, findings in by_rule:
            yield from (f"    {each}" for each in _lines(rule, findings))
            yield f"      {rule.why}"
    yield ""


def _lines(rule: Rule, findings: Sequence[Finding]) -> list[str]:
    """Return the lines about one rule. What is safe is told in one, however many resources it is about."""
    named = [each.resource for each in findings if each.resource]
    if rule.kind is not Kind.SAFE or len(named) != len(findings) or len(named) <= _ONE_BY_ONE:
        return [each.what for each in findings]
    return [f"{len(named)} times, {rule.title}: {', '.join(named)}"]


def _stack_words(stack: StackPlan) -> str:
    if stack.blocked:
        return f"in state {stack.now.status}, nothing can be deployed over it; {stack.blocked}"
    waits = " (it waits in review: nothing was ever deployed to it)" if _waits(stack) else ""
    if not stack.would_change:
        return f"nothing changes{waits}"
    if not _is_there(stack):
        return f"would be made, {_counted(stack.changes)}{waits}"
    return f"would be updated, {_counted(stack.changes)}"


def _waits(stack: StackPlan) -> bool:
    return bool(stack.now.status) and not _is_there(stack)


def _is_there(stack: StackPlan) -> bool:
    return stack.now.template is not None


def _counted(changes: Sequence[Change]) -> str:
    count = len(changes)
    return f"{count} change{'' if count == 1 else 's'}" if count else "its outputs alone"


# --- Markdown ---


def _markdown(plan: DeploymentPlan) -> Iterator[str]:
    yield f"## Plan for `{plan.name}`: {plan.kind.words}"
    yield ""
    yield f"Account {plan.deployment.account}, {plan.deployment.region}."
    if plan.record is not None:
        yield f"Handed over to Pinecone on {plan.record.recorded_at} by `{plan.record.recorded_by}`."
    yield ""
    yield "| Stack | What would be done |"
    yield "| --- | --- |"
    for stack in plan.stacks:
        yield f"| `{stack.name}` | {_cell(_stack_words(stack))} |"
    yield ""
    loudest, others = _split(plan.findings)
    if loudest:
        yield "> [!CAUTION]"
        yield f"> **{_BANNER}**"
        yield from (f"> - {_cell(each.what)}" for each in loudest)
        yield ""
    for kind, by_rule in _grouped(others):
        yield f"### {kind.words[0].upper()}{kind.words[1:]}"
        yield ""
        for rule, findings in by_rule:
            yield f"**{rule.title[0].upper()}{rule.title[1:]}** (`{rule.id}`): {rule.why}."
            yield ""
            yield from (f"- {_cell(each.what)}" for each in findings)
            yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


# --- What both share ---


def _split(findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    loudest: list[Finding] = []
    others: list[Finding] = []
    for each in findings:
        (loudest if each.rule.id == LOUDEST else others).append(each)
    return loudest, others


def _grouped(findings: Iterable[Finding]) -> Iterator[tuple[Kind, list[tuple[Rule, list[Finding]]]]]:
    found = list(findings)
    for kind in _GRAVEST_FIRST:
        by_rule: dict[str, tuple[Rule, list[Finding]]] = {}
        for each in found:
            if each.kind is kind:
                by_rule.setdefault(each.rule.id, (each.rule, []))[1].append(each)
        if by_rule:
            yield kind, list(by_rule.values())


# --- JSON ---


def _deployment_output(plan: DeploymentPlan) -> PlannedDeploymentOutput:
    return PlannedDeploymentOutput(
        name=plan.name,
        account=str(plan.deployment.account),
        region=str(plan.deployment.region),
        kind=plan.kind.value,
        handed_over_at=plan.record.recorded_at if plan.record else None,
        stacks=[_stack_output(each) for each in plan.stacks],
        findings=[
            PlannedFindingOutput(
                kind=each.kind.value,
                rule=each.rule.id,
                what=each.what,
                why=each.rule.why,
                stack=each.stack,
                resource=each.resource,
            )
            for each in plan.findings
        ],
    )


def _stack_output(stack: StackPlan) -> PlannedStackOutput:
    return PlannedStackOutput(
        name=stack.name,
        state=stack.now.status,
        would_change=stack.would_change,
        blocked=stack.blocked,
        changes=[
            PlannedChangeOutput(
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


# --- The docs ---


def rules_table() -> str:
    """Return the rules as a Markdown table, by kind, and what ``deploy`` does about each kind."""
    lines = ["| Kind | What `deploy` does |", "| --- | --- |"]
    lines += [f"| {kind.words} | {WHAT_DEPLOY_DOES[kind]} |" for kind in _GRAVEST_FIRST]
    for kind in _GRAVEST_FIRST:
        lines += [
            "",
            f"### {kind.words[0].upper()}{kind.words[1:]}",
            "",
            "| Rule | What | Why |",
            "| --- | --- | --- |",
        ]
        rules: tuple[Rule, ...] = (*COMPARISONS, *ROWS)
        lines += [f"| `{each.id}` | {each.title} | {each.why} |" for each in rules if each.kind is kind]
    return "\n".join(lines)
