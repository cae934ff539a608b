"""What each role needs, and why."""

from typing import Final

from pinekeep.decisions.privileges import permissions_table

BLOCKS: Final = {"permissions": permissions_table}
