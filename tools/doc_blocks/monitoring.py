"""The messages of the monitoring."""

from collections.abc import Callable
from typing import Final

from pinekeep.model.alarms.kinds import ALARMS
from pinekeep.model.monitoring.notices import NOTICES, Notice
from tools.doc_blocks.tables import table


def _messages() -> str:
    rows = [(f"`{notice.id}`", notice.title, notice.meaning, _action(notice)) for notice in NOTICES]
    return table(["Rule", "Message", "What it means", "What to do"], rows)


def _action(notice: Notice) -> str:
    return f"{notice.advice} `{notice.command.replace('{', '<').replace('}', '>')}`"


def _alarms() -> str:
    rows = [(f"`{each.kind}`", each.title, each.measures, each.means, each.todo, each.needs) for each in ALARMS]
    return table(["Alarm", "What happened", "Metric", "What it means", "What to do", "Needs"], rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {"monitoring-messages": _messages, "monitoring-alarms": _alarms}
