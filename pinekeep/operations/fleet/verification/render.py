"""The results of a verification as output."""

from collections import Counter
from pathlib import Path
from typing import Any

from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.output import fleet_verification as output
from pinekeep.operations.fleet.verification.observing import OBSERVATIONS
from pinekeep.operations.fleet.verification.questions import QUESTIONS
from pinekeep.operations.fleet.verification.results import WORST_FIRST, TargetResult
from pinekeep.operations.fleet.verification.run import Verified


def verify_output(fleet: FleetTargets, verified: Verified, *, store: Path) -> output.FleetVerifyOutput:
    """Return the results of a verification as output."""
    counts = Counter(each.status for each in verified.results)
    return output.FleetVerifyOutput(
        fleet=fleet.name,
        passed=all(each.passes for each in verified.results),
        run=verified.run,
        store=str(store),
        counts={status: counts[status] for status in WORST_FIRST if counts[status]},
        continued=verified.continued,
        incomplete=[f"{account}: {reason}" for account, reason in fleet.incomplete],
        extra=[" ".join(each) for each in verified.extra],
        targets=[_target(each) for each in verified.results],
    )


def _target(result: TargetResult) -> output.FleetTargetOutput:
    return output.FleetTargetOutput(
        account=result.account,
        region=result.region,
        status=result.status,
        verified=result.at,
        reason=result.reason,
        fix=result.fix,
        findings=[_finding(each) for each in result.findings if each.status != "ok"],
    )


def _finding(found: Any) -> output.FleetFindingOutput:
    return output.FleetFindingOutput(
        check=found.check,
        what=found.what,
        status=found.status,
        found=found.found,
        wanted=found.wanted,
        fix=found.fix,
        meaning=found.meaning,
    )


def queries_output(tables: dict[str, list[str]]) -> output.FleetQueriesOutput:
    """Return the saved questions as output. ``tables``: what SQL can use, with the columns."""
    return output.FleetQueriesOutput(
        queries=[
            output.FleetQuestionOutput(
                name=each.name,
                question=each.question,
                parameters=[
                    output.FleetParameterOutput(name=one.name, description=one.description, default=one.default)
                    for one in each.parameters
                ],
            )
            for each in QUESTIONS.values()
        ],
        tables=tables,
        observations=dict(OBSERVATIONS),
    )


def queries_text(found: output.FleetQueriesOutput) -> str:
    """Return the saved questions for a terminal."""
    width = max(len(each.name) for each in found.queries)
    lines = []
    for each in found.queries:
        lines.append(f"{each.name.ljust(width)}  {each.question}")
        for one in each.parameters:
            option = "--since TIME" if one.name == "since" else f"--param {one.name}=…"
            lines.append(f"{'':{width}}  {option}  {one.description}")
    lines += ["", "For --sql:"]
    lines += [f"{name.ljust(width)}  {', '.join(columns)}" for name, columns in found.tables.items()]
    return "\n".join(lines)
