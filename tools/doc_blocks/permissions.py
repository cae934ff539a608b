"""The permissions of each command and role, with the reasons."""

from typing import Final

from pinekeep.decisions.privileges import permissions_table

BLOCKS: Final = {"permissions": permissions_table}
