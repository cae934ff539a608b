"""The verdicts of the client check."""

from typing import Final

from pinekeep.operations.connectivity.client_check import PORT, VERDICTS
from tools.doc_blocks.tables import code, table


def verdicts() -> str:
    """Return the table of the verdicts."""
    rows = [(code(name), meaning, fix.format(zone="ZONE", port=PORT)) for name, (meaning, fix) in VERDICTS.items()]
    return table(("Verdict", "Meaning", "Fix"), rows)


BLOCKS: Final = {"client-verdicts": verdicts}
