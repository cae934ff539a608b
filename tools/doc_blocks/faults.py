"""The failures that tests cause, each with its message and what is safe."""

from typing import Final

from tests.faults.fault import all_faults
from tools.doc_blocks.tables import table


def faults() -> str:
    """Return the table of the failures, from the marks of the tests."""
    rows = sorted((each.what, each.sees, each.safe) for each in all_faults())
    return table(("Failure", "Message", "What is safe, and what to do"), rows)


BLOCKS: Final = {"faults": faults}
