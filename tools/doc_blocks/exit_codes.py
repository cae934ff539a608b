"""The exit codes."""

from typing import Final

from pinekeep.errors import ExitCode
from tools.doc_blocks.tables import table

MEANINGS: Final = {
    "FINE": "Success.",
    "CHECK_FAILED": "A check failed, a deployment did not succeed, or you declined.",
    "WRONG_INPUT": "The command line or the configuration file is wrong. Nothing was changed.",
    "AWS_REFUSED": "AWS or Pinecone refused or could not be reached: credentials, permissions, network.",
    "FAULT": "Pinekeep itself failed. Please report it.",
    "INTERRUPTED": "Interrupted by Ctrl-C.",
}


def exit_codes() -> str:
    """Return the table of the exit codes.

    Raises:
        KeyError: a code has no meaning here yet.
    """
    return table(("Exit code", "Meaning"), ((f"`{int(each)}`", MEANINGS[each.name]) for each in ExitCode))


BLOCKS: Final = {"exit-codes": exit_codes}
