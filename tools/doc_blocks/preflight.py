"""The preflight checks, and the reads that take several pages."""

from typing import Final

from pinekeep.operations.preflight.inventory import PAGINATED, PERMISSIONS
from pinekeep.operations.preflight.preflight import CHECKS
from tools.doc_blocks.tables import code, table


def checks() -> str:
    """Return the table of the preflight checks."""
    rows = [
        (
            code(check.id),
            check.title,
            check.wanted[0].upper() + check.wanted[1:],
            check.meaning,
            "failed" if check.blocks else "note",
            ", ".join(map(code, check.permissions)),
        )
        for check in CHECKS
    ]
    return table(("Check", "Subject", "Expected", "Why it matters", "Otherwise", "Permissions"), rows)


def pages() -> str:
    """Return the table of the reads that take several pages where there is much."""
    bounds: dict[tuple[str, str], None] = {
        (", ".join(map(code, PERMISSIONS[field][-1:])), bound): None for field, bound in PAGINATED.items()
    }
    return table(("Call", "Pages"), bounds)


BLOCKS: Final = {"preflight-checks": checks, "preflight-pages": pages}
