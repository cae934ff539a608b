"""What is looked at before a deployment, and by which calls."""

from typing import Final

from pinekeep.operations.preflight.inventory import PAGINATED, PERMISSIONS
from pinekeep.operations.preflight.preflight import CHECKS
from tools.doc_blocks.tables import code, table


def checks() -> str:
    """Return the table of what ``preflight`` looks at."""
    rows = [
        (
            code(check.id),
            check.title,
            check.wanted[0].upper() + check.wanted[1:],
            check.meaning,
            "yes" if check.blocks else "no, it is noted",
            ", ".join(map(code, check.permissions)),
        )
        for check in CHECKS
    ]
    return table(("Check", "Looks at", "Wanted", "Why it matters", "Stands in the way", "Needs"), rows)


def pages() -> str:
    """Return the table of the reads that take more than one call where there is much."""
    bounds: dict[tuple[str, str], None] = {
        (", ".join(map(code, PERMISSIONS[field][-1:])), bound): None for field, bound in PAGINATED.items()
    }
    return table(("Call", "Pages"), bounds)


BLOCKS: Final = {"preflight-checks": checks, "preflight-pages": pages}
