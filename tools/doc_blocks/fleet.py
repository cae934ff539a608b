"""Fleets: the rules of their plans, and the checks that differ from those of single deployments."""

from collections.abc import Callable
from typing import Final

from pinekeep.operations.fleet.render import fleet_rules_table
from pinekeep.operations.fleet.verification.handed_over import HANDED_OVER
from pinekeep.operations.fleet.verification.instances import INSTANCE_CHECKS
from pinekeep.operations.fleet.verification.subject import LEFT_OUT
from tools.doc_blocks.tables import code, table


def _checks() -> str:
    """Return the table of the checks of fleets alone."""
    rows = [(code(each.id), each.title, each.meaning) for each in (*INSTANCE_CHECKS, HANDED_OVER)]
    return table(("Check", "Subject", "What a failure means"), rows)


def _left_out() -> str:
    """Return the table of the checks that are not made of a fleet, by the reason."""
    reasons: dict[str, list[str]] = {}
    for check, reason in LEFT_OUT.items():
        reasons.setdefault(reason, []).append(code(check))
    return table(("Check", "Why it is left out"), [(", ".join(checks), reason) for reason, checks in reasons.items()])


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "fleet-rules": fleet_rules_table,
    "fleet-checks": _checks,
    "fleet-checks-left-out": _left_out,
}
