"""The rules by which `pinekeep plan` sorts changes, and the steps of a change of the DNS mode."""

from collections.abc import Callable
from itertools import product
from typing import Final

from pinekeep.operations.plan.render import rules_table
from pinekeep.operations.plan.resolution import MODES, steps
from tools.doc_blocks.tables import table


def _dns_steps() -> str:
    changes = [(before, after) for before, after in product(MODES, MODES) if before not in {after, "none"}]
    most = max(len(steps(*each)) for each in changes)
    rows = []
    for before, after in changes:
        deployments = [f"`{each}`" for each in steps(before, after)]
        rows.append([f"`{before}`", f"`{after}`", *deployments, *[""] * (most - len(deployments))])
    return table(["From", "To", *(f"Deployment {number}" for number in range(1, most + 1))], rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "plan-rules": rules_table,
    "dns-steps": _dns_steps,
}
