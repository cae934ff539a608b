"""The progress of an offboarding, as text and for JSON."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from pinekeep.account.record.offboarding import Gate, OffboardingState
from pinekeep.model.output.revocation import GateOutput, OffboardOutput
from pinekeep.operations.offboarding.gate import TITLES

_MARKS: Final = {"passed": "✓", "begun": "…", "next": "→", "open": " ", "skipped": "-"}
_SKIPPED: Final = "skipped: the key is adopted, or in other accounts"


def gate_outputs(state: OffboardingState) -> list[GateOutput]:
    """Return every gate with its status, including those that this deployment skips."""
    found = []
    for gate in Gate:
        made = partial(GateOutput, gate=gate.value, title=TITLES[gate])
        if gate not in state.gates:
            found.append(made(status="skipped", saw=_SKIPPED))
        elif passed := state.passing(gate):
            found.append(made(status="passed", at=passed.at.isoformat(), by=passed.by, saw=passed.saw))
        elif gate is state.next_gate:
            found.append(made(status="begun" if state.begun is gate else "next"))
        else:
            found.append(made(status="open"))
    return found


def as_text(output: OffboardOutput) -> str:
    """Return the progress for a terminal."""
    return "\n".join(_lines(output))


def _lines(output: OffboardOutput) -> Iterator[str]:
    yield output.deployment
    for number, gate in enumerate(output.gates, start=1):
        yield f"  {_MARKS[gate.status]} {number} {gate.title}{_when(gate)}"
        if gate.status in ("passed", "skipped") and gate.saw:
            yield f"      {gate.saw}"
        if gate.gate == output.looked_at and gate.status != "passed":
            yield from (f"      sees: {line}" for line in output.sees)
            if output.blocked:
                yield f"      blocked: {output.blocked}"
            if output.hint:
                yield f"      hint: {output.hint}"
    for line in output.done:
        yield f"  {line}"
    if all(gate.status in ("passed", "skipped") for gate in output.gates):
        yield "  all gates are passed"
        if output.changed:
            yield from (f"  {line}" for line in output.sees if line.startswith("keeps "))


def _when(gate: GateOutput) -> str:
    if gate.status == "begun":
        return " (begun and not finished: run it again)"
    return f" ({gate.at} by {gate.by})" if gate.at else ""
