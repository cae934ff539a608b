"""The callers of Pinecone's indexes over the internet, whom a restriction to private endpoints would cut off.

They are found in VPC flow logs: connections on 443 to the public addresses of an index's host. Records are read one by
one, so memory grows with the number of callers, not of records.
"""

import ipaddress
import socket
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.facts import pinecone
from pinekeep.model.output import callers as output
from pinekeep.model.values.networks import PRIVATE_NETWORKS
from pinekeep.model.words import plain, shown
from pinekeep.operations.connectivity.audit_activity import Principal
from pinekeep.operations.connectivity.flow_logs import Flow, Reading

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FLOW_LOGS_SHOW: Final = (
    "flow logs record the traffic of their own VPC: laptops, other VPCs and other clouds are not in them",
    "a NAT gateway appears as a caller of its own, beside the callers behind it",
    "the public addresses of a host change: connections to earlier ones are not counted unless they are given",
)
AUDIT_LOGS_SHOW: Final = (
    "audit logs hold management events, without source address: they show who is active, not from where, and no "
    "request to an index",
)


@dataclass
class _Tally:
    connections: int = 0
    rejected: int = 0
    size: int = 0


@dataclass
class _Caller:
    first: int = sys.maxsize
    last: int = 0
    by_interface: dict[str, _Tally] = field(default_factory=dict)

    def of(self, interface: str) -> _Tally:
        return self.by_interface.setdefault(interface, _Tally())


class Callers:
    """The callers in flow logs, by their address and by whether they use the endpoint.

    Args:
        public: the public addresses of the index's host.
        endpoint: the addresses of the endpoint's network interfaces, as far as they are known.
        interfaces: the IDs of these network interfaces, as far as they are known.
    """

    def __init__(
        self, *, public: Sequence[Network], endpoint: Collection[str] = (), interfaces: Collection[str] = ()
    ) -> None:
        self._endpoint = {str(ipaddress.ip_address(each)) for each in endpoint}
        self._interfaces = frozenset(interfaces)
        self._found: dict[tuple[str, bool], _Caller] = {}
        networks = list(public)

        @lru_cache(1 << 16)
        def is_public(address: str) -> bool:
            parsed = ipaddress.ip_address(address)
            return any(parsed in network for network in networks)

        self._is_public = is_public

    def add(self, flows: Iterable[Flow]) -> None:
        """Add records. What has nothing to do with the host or the endpoint is passed over."""
        port = pinecone.PRIVATE_ENDPOINT_PORT
        for flow in flows:
            if flow.destination_port == port and (path := self._path(flow, flow.destination)) is not None:
                self._count(flow, flow.source, path, outgoing=True)
            elif flow.source_port == port and (path := self._path(flow, flow.source)) is not None:
                self._count(flow, flow.destination, path, outgoing=False)

    def _path(self, flow: Flow, server: str) -> bool | None:
        """Return whether a server is the endpoint; None where it is neither that nor the index's host."""
        if server in self._endpoint or (flow.interface in self._interfaces and not self._is_public(server)):
            return True
        return False if self._is_public(server) else None

    def _count(self, flow: Flow, caller: str, through_endpoint: bool, *, outgoing: bool) -> None:
        key = caller, through_endpoint
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = _Caller()
        tally = found.of(flow.interface)
        if not flow.accepted:
            tally.rejected += outgoing
            return
        found.first, found.last = min(found.first, flow.start), max(found.last, flow.end)
        tally.connections += outgoing
        tally.size += flow.size

    def output(self) -> list[output.CallerOutput]:
        """Return the callers: those over the internet first, then by when they were last seen.

        The same traffic is recorded at each network interface that it passes, so the one with the most records counts.
        A caller whose connections were all rejected is left out: it is cut off already.
        """
        made = []
        for (address, through_endpoint), found in self._found.items():
            most = max(found.by_interface.values(), key=lambda each: (each.connections, each.size))
            if not most.connections and not most.size:
                continue
            made.append(
                output.CallerOutput(
                    address=address,
                    through_endpoint=through_endpoint,
                    first_seen=_time(found.first),
                    last_seen=_time(found.last),
                    records=most.connections,
                    rejected=most.rejected,
                    bytes=most.size,
                )
            )
        return sorted(made, key=lambda each: (not each.through_endpoint, each.last_seen, each.address), reverse=True)


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return "unknown"


def public_networks(given: Sequence[str]) -> list[Network]:
    """Return the public networks and addresses that were given. Raises WrongInputError if one is no such."""
    found: list[Network] = []
    for each in given:
        try:
            network = ipaddress.ip_network(each)
        except ValueError:
            raise WrongInputError(
                f"--public-address: it is written like 52.0.2.10, or 52.0.2.0/24 for a network, got {shown(each)}",
                hint="`dig +short HOST`, asked outside the VPC, prints the addresses of the index's public host",
            ) from None
        private = [ipaddress.ip_network(one) for one in (*PRIVATE_NETWORKS, "127.0.0.0/8", "fc00::/7", "::1/128")]
        if any(network.version == one.version and network.overlaps(one) for one in private):
            raise WrongInputError(
                f"--public-address: {network} is private, or contains private addresses",
                hint="give the addresses of the index's public host; the endpoint's go with --endpoint-address",
            )
        found.append(network)
    return found


def public_addresses_of(host: str, *, resolve: Callable[[str], Sequence[str]] | None = None) -> list[Network]:
    """Resolve the public host of an index on this machine.

    Raises:
        WrongInputError: it is a private name, or does not resolve to public addresses.
    """
    name = host.lower().rstrip(".")
    if ".svc.private." in name or name.startswith("private."):
        raise WrongInputError(
            f"--host: {plain(name)} is a private name; the callers over the internet use the public one",
            hint=f"use --host {plain(name.replace('.svc.private.', '.svc.'))}",
        )
    try:
        found = sorted(set((resolve or _resolved)(name)))
    except (OSError, UnicodeError) as error:
        raise WrongInputError(
            f"--host: {plain(name)} does not resolve ({error})",
            hint="give the index's host as `pinekeep pinecone status` shows it, or its addresses with --public-address",
        ) from None
    if not found or not all(ipaddress.ip_address(each).is_global for each in found):
        raise WrongInputError(
            f"--host: {plain(name)} resolves to {', '.join(found) or 'nothing'} here, which is no public address",
            hint="resolve it on a machine outside the VPC, and give the addresses with --public-address",
        )
    return [ipaddress.ip_network(each) for each in found]


def _resolved(host: str) -> list[str]:
    found = socket.getaddrinfo(host, pinecone.PRIVATE_ENDPOINT_PORT, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def callers_output(
    *,
    callers: Callers | None,
    public: Sequence[Network],
    flow_logs: Reading,
    principals: Sequence[Principal] | None,
    audit_logs: Reading,
) -> output.CallersOutput:
    """Return what was found. ``callers``: None without flow logs. ``principals``: None without audit logs."""
    found: list[output.CallerOutput] = [] if callers is None else callers.output()
    cut_off = sum(not each.through_endpoint for each in found)
    return output.CallersOutput(
        cut_off=None if callers is None else cut_off,
        verdict=_verdict(None if callers is None else cut_off),
        public_addresses=[str(each) for each in public],
        callers=found,
        principals=[
            output.PrincipalOutput(
                type=each.kind,
                id=each.id,
                name=each.name,
                first_seen=each.first.isoformat(),
                last_seen=each.last.isoformat(),
                events=each.events,
                failures=each.failures,
                user_agents=each.agents,
            )
            for each in principals or []
        ],
        flow_logs=None if callers is None else _reading_output(flow_logs),
        audit_logs=None if principals is None else _reading_output(audit_logs),
        limits=[
            *(FLOW_LOGS_SHOW if callers is not None else ()),
            *(AUDIT_LOGS_SHOW if principals is not None else ()),
        ],
    )


def _verdict(cut_off: int | None) -> str:
    if cut_off is None:
        return "without flow logs it is not known who would be cut off"
    if not cut_off:
        return "no caller over the internet was seen; that is no proof that there is none"
    return f"{cut_off} {'caller' if cut_off == 1 else 'callers'} would be cut off by: {pinecone.RESTRICT_ACCESS}"


def _reading_output(reading: Reading) -> output.ReadingOutput:
    return output.ReadingOutput(
        records=reading.lines, skipped=reading.skipped, broken=reading.broken, broken_at=reading.broken_at
    )


def callers_text(found: output.CallersOutput) -> str:
    """Return what was found for a terminal."""
    lines = [found.verdict]
    if found.callers:
        rows = [("CALLER", "PATH", "FIRST SEEN", "LAST SEEN", "RECORDS", "BYTES")]
        for each in found.callers:
            path = "endpoint" if each.through_endpoint else "internet"
            rows.append((each.address, path, each.first_seen, each.last_seen, f"{each.records:,}", f"{each.bytes:,}"))
        lines += ["", *_table(rows)]
    if found.principals:
        rows = [("PRINCIPAL", "TYPE", "FIRST SEEN", "LAST SEEN", "EVENTS", "USER AGENTS")]
        for who in found.principals:
            agents = ", ".join(map(plain, who.user_agents)) or "-"
            rows.append((plain(who.name), plain(who.type), who.first_seen, who.last_seen, f"{who.events:,}", agents))
        lines += ["", *_table(rows)]
    lines.append("")
    for words, reading in (("flow logs", found.flow_logs), ("audit logs", found.audit_logs)):
        if reading is not None:
            lines += list(_reading_lines(words, reading))
    return "\n".join([*lines, "", "What these logs cannot show:", *(f"  {each}" for each in found.limits)])


def _reading_lines(words: str, reading: output.ReadingOutput) -> Iterable[str]:
    yield f"{words}: {reading.records:,} {'record' if reading.records == 1 else 'records'} read"
    if reading.skipped:
        yield f"  AWS left records out in {reading.skipped:,} intervals (SKIPDATA)"
    if reading.broken:
        yield f"  {reading.broken:,} {'line is no record' if reading.broken == 1 else 'lines are no records'}:"
        yield from (f"    {each if each.isprintable() else ascii(each)}" for each in reading.broken_at)
        if reading.broken > len(reading.broken_at):
            yield f"    … and {reading.broken - len(reading.broken_at):,} more"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
