"""The configuration of DNS servers outside AWS for Pinecone's private names, as text.

There are two forms. With a Route 53 Resolver inbound endpoint, the server forwards the zone to it
(:func:`forwarding_rule`). With ``dns: none``, the server answers the zone itself with a wildcard alias of the
endpoint's DNS name (:func:`wildcard_alias`).

The texts for BIND 9.18, Unbound 1.17 and dnsmasq 2.90 are loaded by these servers in the tests, with DNSSEC validation
and the guard against DNS rebinding switched on. Those for Windows DNS and CoreDNS are tested for their structure only.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinekeep.model.facts.aws import DNS_PORT
from pinekeep.model.output import forwarding as output
from pinekeep.model.words import listed
from pinekeep.operations.connectivity.addresses import Address

ALIAS_SECONDS: Final = 60
"""The TTL of the alias. It is short because another endpoint has another name."""


class Server(StrEnum):
    """A DNS server, by its name on the command line."""

    BIND = "bind"
    UNBOUND = "unbound"
    WINDOWS = "windows"
    DNSMASQ = "dnsmasq"
    COREDNS = "coredns"

    @property
    def words(self) -> str:
        """The server's name in a sentence."""
        return _TITLES[self]


_TITLES: Final = {
    Server.BIND: "BIND 9",
    Server.UNBOUND: "Unbound",
    Server.WINDOWS: "Windows DNS",
    Server.DNSMASQ: "dnsmasq",
    Server.COREDNS: "CoreDNS",
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """A text and the place where it belongs."""

    place: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Instructions:
    """What the administrator of one DNS server has to add. ``notes``: sentences without a full stop."""

    server: Server
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


def forwarding_rule(*, server: Server, zone: str, addresses: Sequence[Address], port: int = DNS_PORT) -> Instructions:
    """Return the text with which a server forwards a zone to a Route 53 Resolver inbound endpoint.

    Args:
        zone: Pinecone's private zone, without a final dot.
        addresses: the addresses of the inbound endpoint.
        port: the port of the inbound endpoint. It is 53; tests use another one.
    """
    match server:
        case Server.BIND:
            targets = " ".join(f"{each}{'' if port == DNS_PORT else f' port {port}'};" for each in addresses)
            zone_text = (
                f'zone "{zone}" {{\n    type forward;\n    forward only;\n    forwarders {{ {targets} }};\n}};\n'
            )
            return Instructions(
                server=server,
                parts=(Part(place="named.conf, outside of options", text=zone_text), _bind_exemption(zone)),
                notes=_bind_notes(zone),
            )
        case Server.UNBOUND:
            targets = "".join(
                f"    forward-addr: {each}{'' if port == DNS_PORT else f'@{port}'}\n" for each in addresses
            )
            text = (
                f"{_unbound_exemption(zone)}"
                f'forward-zone:\n    name: "{zone}."\n{targets}    # Never ask the internet for these names.\n'
                "    forward-first: no\n"
            )
            return Instructions(server=server, parts=(Part(place="unbound.conf", text=text),))
        case Server.DNSMASQ:
            targets = "".join(f"server=/{zone}/{each}{'' if port == DNS_PORT else f'#{port}'}\n" for each in addresses)
            return Instructions(
                server=server, parts=(Part(place="dnsmasq.conf", text=f"{targets}rebind-domain-ok=/{zone}/\n"),)
            )
        case Server.WINDOWS:
            servers = ", ".join(map(str, addresses))
            text = (
                f"Add-DnsServerConditionalForwarderZone -Name '{zone}' -MasterServers {servers} "
                "-ReplicationScope Forest\n"
                f"Set-DnsServerConditionalForwarderZone -Name '{zone}' -UseRecursion $false\n"
            )
            return Instructions(
                server=server,
                parts=(_powershell(text),),
                notes=("on a server that is no domain controller, leave -ReplicationScope Forest out",),
            )
        case Server.COREDNS:
            targets = " ".join(_host_port(each, port) for each in addresses)
            text = f"{zone}:53 {{\n    errors\n    cache 30\n    forward . {targets}\n}}\n"
            return Instructions(server=server, parts=(Part(place="Corefile", text=text),))


def _host_port(address: Address, port: int) -> str:
    if port == DNS_PORT:
        return str(address)
    return f"[{address}]:{port}" if isinstance(address, ipaddress.IPv6Address) else f"{address}:{port}"


def wildcard_alias(*, server: Server, zone: str, target: str, addresses: Sequence[Address] = ()) -> Instructions:
    """Return the text with which a server resolves every name of a zone to an endpoint, without a Resolver endpoint.

    Args:
        zone: Pinecone's private zone, without a final dot.
        target: the endpoint's regional DNS name, without a final dot. It resolves in the public DNS, to the endpoint's
            private addresses.
        addresses: the addresses of the endpoint's network interfaces, for a server without wildcard aliases (dnsmasq).
    """
    match server:
        case Server.BIND:
            clause = f'zone "{zone}" {{\n    type primary;\n    file "/etc/bind/db.{zone}";\n}};\n'
            records = (
                f"$TTL {ALIAS_SECONDS}\n"
                f"@ IN SOA localhost. hostmaster.localhost. 1 3600 600 86400 {ALIAS_SECONDS}\n"
                "@ IN NS localhost.\n"
                "; Add no other name: a record such as x.svc would hide every other name below svc.\n"
                f"* IN CNAME {target}.\n"
            )
            return Instructions(
                server=server,
                parts=(
                    Part(place="named.conf, outside of options", text=clause),
                    Part(place=f"/etc/bind/db.{zone}", text=records),
                    _bind_exemption(target),
                ),
                notes=_bind_notes(target),
            )
        case Server.UNBOUND:
            text = (
                f"{_unbound_exemption(zone, target)}"
                "    # redirect answers every name of the zone; Unbound takes a * in local-data literally.\n"
                f'    local-zone: "{zone}." redirect\n'
                f'    local-data: "{zone}. {ALIAS_SECONDS} IN CNAME {target}."\n'
            )
            return Instructions(server=server, parts=(Part(place="unbound.conf", text=text),))
        case Server.DNSMASQ:
            return _dnsmasq_addresses(zone, addresses)
        case Server.WINDOWS:
            text = (
                f"Add-DnsServerPrimaryZone -Name '{zone}' -ReplicationScope Forest\n"
                f"Add-DnsServerResourceRecordCName -ZoneName '{zone}' -Name '*' -HostNameAlias '{target}.' "
                f"-TimeToLive (New-TimeSpan -Seconds {ALIAS_SECONDS})\n"
            )
            note = (
                f"on a server that is no domain controller, write -ZoneFile '{zone}.dns' for -ReplicationScope Forest"
            )
            return Instructions(server=server, parts=(_powershell(text),), notes=(note,))
        case Server.COREDNS:
            text = (
                f"{zone}:53 {{\n    errors\n    template IN ANY {{\n"
                f'        answer "{{{{ .Name }}}} {ALIAS_SECONDS} IN CNAME {target}."\n    }}\n}}\n'
            )
            note = f"CoreDNS resolves {target} itself, so the Corefile needs a block for . that forwards"
            return Instructions(server=server, parts=(Part(place="Corefile", text=text),), notes=(note,))


def _dnsmasq_addresses(zone: str, addresses: Sequence[Address]) -> Instructions:
    if not addresses:
        return Instructions(
            server=Server.DNSMASQ,
            parts=(),
            notes=(
                "dnsmasq has no wildcard alias of a name that it does not know itself; give the addresses of the "
                "endpoint's network interfaces with --address, or use another server",
            ),
        )
    lines = "".join(f"address=/{zone}/{each}\n" for each in addresses)
    text = f"# Without local, dnsmasq would ask its upstream for other types of these names.\n{lines}local=/{zone}/\n"
    return Instructions(
        server=Server.DNSMASQ,
        parts=(Part(place="dnsmasq.conf", text=text),),
        notes=("another endpoint has other addresses: change these lines when it is replaced",),
    )


def _bind_exemption(name: str) -> Part:
    return Part(place="named.conf, inside options", text=f'validate-except {{ "{name}"; }};\n')


def _bind_notes(name: str) -> tuple[str, ...]:
    return (
        "named.conf has one validate-except: if there is one, add the name to it",
        f'if options has deny-answer-addresses, add "{name}" to its except-from',
    )


def _unbound_exemption(*names: str) -> str:
    lines = [f'    {option}: "{name}."\n' for name in names for option in ("private-domain", "domain-insecure")]
    return f"server:\n{''.join(lines)}"


def _powershell(text: str) -> Part:
    return Part(place="PowerShell, as an administrator", text=text)


def forwarding_output(
    *,
    name: str,
    zone: str,
    servers: Sequence[Server],
    addresses: Sequence[Address],
    target: str | None,
    warnings: Sequence[str] = (),
) -> output.ForwardingDeploymentOutput:
    """Return the texts of the servers for one deployment.

    ``target``: the endpoint's DNS name, for servers that answer the zone themselves; None for those that forward it.
    """
    made = [
        forwarding_rule(server=each, zone=zone, addresses=addresses)
        if target is None
        else wildcard_alias(server=each, zone=zone, target=target, addresses=addresses)
        for each in servers
    ]
    return output.ForwardingDeploymentOutput(
        name=name,
        zone=zone,
        form="forward" if target is None else "alias",
        addresses=list(map(str, addresses)),
        target=target,
        warnings=list(warnings),
        servers=[
            output.ForwardingServerOutput(
                server=each.server.value,
                parts=[output.ForwardingPartOutput(place=part.place, text=part.text) for part in each.parts],
                notes=list(each.notes),
            )
            for each in made
        ],
    )


def forwarding_text(deployment: output.ForwardingDeploymentOutput) -> str:
    """Return the texts for a terminal, each under the place where it belongs."""
    if deployment.target:
        what = f"every name in {deployment.zone} becomes an alias of {deployment.target}"
    else:
        what = f"queries for {deployment.zone} are forwarded to {listed(deployment.addresses)}"
    lines = [f"{deployment.name}: {what}"]
    for each in deployment.servers:
        for part in each.parts:
            lines += ["", f"=== {Server(each.server).words}: {part.place} ===", "", part.text.rstrip()]
        if each.notes:
            lines += ["", *(f"Note ({Server(each.server).words}): {note}." for note in each.notes)]
    return "\n".join(lines)
