"""The messages of the monitoring."""

from collections.abc import Callable
from typing import Final

from pinekeep.model.monitoring.notices import NOTICES, Notice
from tools.doc_blocks.tables import table


def _messages() -> str:
    rows = [(f"`{notice.id}`", notice.title, notice.meaning, _action(notice)) for notice in NOTICES]
    return table(["Rule", "Message", "What it means", "What to do"], rows)


def _action(notice: Notice) -> str:
    return f"{notice.advice} `{notice.command.replace('{', '<').replace('}', '>')}`"


BLOCKS: Final[dict[str, Callable[[], str]]] = {"monitoring-messages": _messages}
