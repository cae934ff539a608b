"""The faults that a test shows, each with what the user reads and what is safe."""

from typing import Final

from tests.faults.fault import all_faults
from tools.doc_blocks.tables import table


def faults() -> str:
    """Return the table of the faults, made from the marks of the tests."""
    rows = sorted((each.what, each.sees, each.safe) for each in all_faults())
    return table(("What goes wrong", "What you read", "What is safe, and what to do"), rows)


BLOCKS: Final = {"faults": faults}
