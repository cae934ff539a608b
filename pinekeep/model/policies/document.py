"""The shape that all policies share."""

from collections.abc import Iterable
from typing import Any, Final

Statement = dict[str, Any]
Policy = dict[str, Any]

VERSION: Final = "2012-10-17"


def policy(statements: Iterable[Statement]) -> Policy:
    """Return the policy document that holds the statements, in their order."""
    return {"Version": VERSION, "Statement": list(statements)}
