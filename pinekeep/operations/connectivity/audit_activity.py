"""Pinecone's audit logs: who was active, and with which programs.

The events have no source address, and none is about a request to an index. Their fields are those of Pinecone's page
"Configure audit logs"; whether a file holds an array, one object or lines is not documented, so all three are read.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pinekeep.errors import WrongInputError
from pinekeep.operations.audit_files.framing import events_of
from pinekeep.operations.connectivity.flow_logs import Reading

AGENTS_SHOWN: Final = 5


@dataclass
class Principal:
    """A user, an API key or a service account that was active. ``first``, ``last``: as in the events."""

    kind: str
    id: str
    name: str
    first: datetime
    last: datetime
    events: int = 0
    agents: list[str] = field(default_factory=list)
    failures: int = 0


class AuditActivity:
    """The principals in audit logs."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[tuple[str, str], Principal] = {}

    @property
    def principals(self) -> list[Principal]:
        """The principals, the latest first."""
        return sorted(self._found.values(), key=lambda each: each.last, reverse=True)

    def read(self, folder: Path) -> int:
        """Read every file in a folder and below; return how many. Raises WrongInputError if there is none."""
        if not folder.is_dir():
            raise WrongInputError(
                f"--audit-logs: {folder} is no folder",
                hint=f"`aws s3 sync s3://BUCKET/PREFIX {folder}` copies the audit logs into it",
            )
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if not files:
            raise WrongInputError(
                f"--audit-logs: {folder} is empty",
                hint=f"`aws s3 sync s3://BUCKET/PREFIX {folder}` copies the audit logs into it",
            )
        for path in files:
            for place, event in events_of(path, self._reading):
                self._reading.lines += 1
                self._add(place, event)
        return len(files)

    def _add(self, place: str, event: Any) -> None:
        try:
            actor, happened = event["actor"], event["event"]
            time = datetime.fromisoformat(str(happened["time"]))
            kind, identifier = str(actor["principal_type"]), str(actor["principal_id"])
            name = str(actor.get("display_name") or actor.get("principal_name") or identifier)
            agent = str((event.get("client") or {}).get("userAgent") or "")
            failed = str((happened.get("outcome") or {}).get("result", "")).lower() in ("failure", "failed", "error")
            if time.tzinfo is None:
                raise ValueError("the time has no zone")
        except (KeyError, TypeError, ValueError, AttributeError):
            self._reading.reject(place, "it is no event with actor and time")
            return
        found = self._found.setdefault((kind, identifier), Principal(kind, identifier, name, time, time))
        found.first, found.last = min(found.first, time), max(found.last, time)
        found.events += 1
        found.failures += failed
        if agent and agent not in found.agents and len(found.agents) < AGENTS_SHOWN:
            found.agents.append(agent)
