"""Instances that fail, or wait, because a test asked for it.

A test sends its rules to the path of :data:`pinekeep.emulator.stack_sets.PATH`; see
:meth:`pinekeep.emulator.server.EmbeddedAws.fail_instances`.
"""

import asyncio
from fnmatch import fnmatchcase
from typing import Final

from pinekeep.emulator.stack_sets import InstanceRule

_POLL_SECONDS: Final = 0.005
rules: list[InstanceRule] = []


async def expected_failure(stack_set: str, account: str, region: str, action: str) -> str | None:
    """Return the reason for which an instance is to fail, after the time for which it is to wait; None for neither."""

    def matching() -> list[InstanceRule]:
        place = {"stack_set": stack_set, "account": account, "region": region, "action": action}
        return [each for each in rules if all(fnmatchcase(place[name], getattr(each, name)) for name in place)]

    while any(each.kind == "hold" for each in matching()):
        await asyncio.sleep(_POLL_SECONDS)
    found = next((each for each in matching() if each.kind == "fail"), None)
    if found is None:
        return None
    if found.times:
        rules.remove(found)
        if found.times > 1:
            rules.append(found.with_times(found.times - 1))
    return found.reason
