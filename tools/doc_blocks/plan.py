"""The rules by which `pinekeep plan` sorts changes."""

from collections.abc import Callable
from typing import Final

from pinekeep.operations.plan.render import rules_table

BLOCKS: Final[dict[str, Callable[[], str]]] = {"plan-rules": rules_table}
