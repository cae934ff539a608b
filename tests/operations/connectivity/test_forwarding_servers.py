"""The texts for DNS servers, loaded by the servers themselves and asked.

The surrounding configuration validates DNSSEC below trust anchors that nothing matches, and has the guard against DNS
rebinding switched on, so that a text without its exemptions fails.
"""

import ipaddress
import re
import subprocess
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pinekeep.operations.connectivity.forwarding import (
    Instructions,
    Server,
    forwarding_rule,
    wildcard_alias,
)
from tests.operations.connectivity.dns_world import (
    AAAA,
    HTTPS,
    NOERROR,
    NXDOMAIN,
    SERVFAIL,
    TXT,
    A,
    Answer,
    TinyDns,
    ask,
    free_port,
    program,
    running,
)

pytestmark = pytest.mark.process

ZONE = "private.aped-4627-b74a.pinecone.io"
HOST = f"docs-abc1234.svc.{ZONE}"
TARGET = "vpce-0a1b2c3d4e5f60718-abcd1234.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com"
ADDRESSES = {"10.20.0.5", "10.20.32.5"}
OUTSIDE, OUTSIDE_ADDRESS = "www.example.com", "198.41.0.4"
_DIGEST = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
_LISTEN = "127.0.0.1"
EXCEPT_FROM = "except-from"
"""The exemption that BIND's text can only name in a note, because the option is in the administrator's own file."""

BIND, UNBOUND, DNSMASQ = Server.BIND, Server.UNBOUND, Server.DNSMASQ
REAL = (BIND, UNBOUND, DNSMASQ)


def _inbound(name: str, kind: int) -> tuple[int, list[tuple[str, int, str]]]:
    """Answer as Resolver does where the endpoint has its private DNS: every name of the zone, A alone."""
    if name != ZONE and not name.endswith(f".{ZONE}"):
        return NXDOMAIN, []
    return NOERROR, [(name, A, each) for each in sorted(ADDRESSES)] if kind == A else []


def _public(name: str, kind: int) -> tuple[int, list[tuple[str, int, str]]]:
    """Answer as the internet does: it knows the endpoint's own name, and no private name of Pinecone's."""
    known = {TARGET: sorted(ADDRESSES), OUTSIDE: [OUTSIDE_ADDRESS]}
    if name not in known:
        return NXDOMAIN, []
    return NOERROR, [(name, A, each) for each in known[name]] if kind == A else []


@dataclass(frozen=True)
class World:
    """A DNS server with a text of the product, the internet behind it, and a Resolver inbound endpoint."""

    server: tuple[str, int]
    inbound: TinyDns
    public: TinyDns

    def ask(self, name: str, kind: int) -> Answer:
        return ask(self.server, name, kind)

    @property
    def leaked(self) -> list[tuple[str, int]]:
        """The private names that the internet was asked for."""
        return [each for each in self.public.asked if each[0].endswith(ZONE)]


Make = Callable[[Server, tuple[str, int]], Instructions]


def _rule(server: Server, inbound: tuple[str, int]) -> Instructions:
    addresses = [ipaddress.ip_address(inbound[0])]
    return forwarding_rule(server=server, zone=ZONE, addresses=addresses, port=inbound[1])


def _alias(server: Server, _: tuple[str, int]) -> Instructions:
    addresses = [ipaddress.ip_address(each) for each in sorted(ADDRESSES)]
    return wildcard_alias(server=server, zone=ZONE, target=TARGET, addresses=addresses)


@contextmanager
def world(server: Server, make: Make, folder: Path, *, without: str = "") -> Generator[World]:
    """Run a server with the text, from which the lines with ``without`` are taken."""
    with ExitStack() as stack:
        inbound = stack.enter_context(TinyDns("127.0.0.2", _inbound))
        public = stack.enter_context(TinyDns("127.0.0.3", _public))
        made = make(server, inbound.address)
        if without == EXCEPT_FROM:
            made = replace(made, notes=())
        elif without:
            kept = tuple(replace(each, text=_without(each.text, without)) for each in made.parts)
            assert kept != made.parts
            made = replace(made, parts=kept)
        address = (_LISTEN, free_port(_LISTEN))
        command = _CONFIGURE[server](made, folder, address[1], public.address)
        # BIND listens before it has loaded its zones, and refuses until then.
        ready = b"all zones loaded" if server is BIND else b""
        yield World(stack.enter_context(running(command, address, folder, ready=ready)), inbound, public)


def _without(text: str, part: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if part not in line)


def _named(made: Instructions, folder: Path, port: int, upstream: tuple[str, int]) -> list[str | Path]:
    inside = "".join(each.text for each in made.parts if each.place == "named.conf, inside options")
    outside = "".join(each.text for each in made.parts if each.place == "named.conf, outside of options")
    for each in made.parts:
        if each.place.startswith("/etc/bind/"):
            path = folder / Path(each.place).name
            path.write_text(each.text)
            outside = outside.replace(each.place, str(path))
    exempt = [match[1] for each in made.notes if (match := re.search(r'add "(\S+)" to its except-from', each))]
    anchors = "".join(f'"{each}" static-ds 1 13 2 "{_DIGEST}"; ' for each in ("pinecone.io", "vpce.amazonaws.com"))
    (folder / "named.conf").write_text(
        f"""options {{
    directory "{folder}"; pid-file none; session-keyfile "{folder}/session.key"; managed-keys-directory "{folder}";
    listen-on port {port} {{ {_LISTEN}; }}; listen-on-v6 {{ none; }};
    recursion yes; forward only; forwarders {{ {upstream[0]} port {upstream[1]}; }};
    dnssec-validation yes;
    deny-answer-addresses {{ 10.0.0.0/8; }} except-from {{ "{exempt[0] if exempt else "elsewhere.example"}"; }};
    {inside}
}};
controls {{ }};
trust-anchors {{ {anchors} }};
{outside}"""
    )
    return [program("named"), "-g", "-c", folder / "named.conf"]


def _unbound(made: Instructions, folder: Path, port: int, upstream: tuple[str, int]) -> list[str | Path]:
    (folder / "pinecone.conf").write_text("".join(each.text for each in made.parts))
    (folder / "unbound.conf").write_text(
        f"""server:
    interface: {_LISTEN}@{port}
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    do-not-query-localhost: no
    access-control: 127.0.0.0/8 allow
    module-config: "validator iterator"
    trust-anchor: "pinecone.io. DS 1 13 2 {_DIGEST}"
    trust-anchor: "vpce.amazonaws.com. DS 1 13 2 {_DIGEST}"
    private-address: 10.0.0.0/8
remote-control:
    control-enable: no
include: "{folder}/pinecone.conf"
forward-zone:
    name: "."
    forward-addr: {upstream[0]}@{upstream[1]}
"""
    )
    return [program("unbound"), "-d", "-c", folder / "unbound.conf"]


def _dnsmasq(made: Instructions, folder: Path, port: int, upstream: tuple[str, int]) -> list[str | Path]:
    (folder / "pinecone.conf").write_text("".join(each.text for each in made.parts))
    # With its trust anchor at the root nothing validates; a zone with a server of its own is not validated.
    (folder / "dnsmasq.conf").write_text(
        f"""port={port}
listen-address={_LISTEN}
bind-interfaces
no-resolv
no-hosts
pid-file
user=root
stop-dns-rebind
dnssec
trust-anchor=.,1,13,2,{_DIGEST}
server={upstream[0]}#{upstream[1]}
server=/example.com/{upstream[0]}#{upstream[1]}
conf-file={folder}/pinecone.conf
"""
    )
    return [program("dnsmasq"), "--keep-in-foreground", "--log-facility=-", f"--conf-file={folder}/dnsmasq.conf"]


_CONFIGURE = {BIND: _named, UNBOUND: _unbound, DNSMASQ: _dnsmasq}


@pytest.mark.parametrize("make", [_rule, _alias])
@pytest.mark.parametrize("server", REAL)
def test_every_private_name_resolves_and_none_leaks(server: Server, make: Make, tmp_path: Path) -> None:
    with world(server, make, tmp_path) as found:
        for name in (HOST, f"other.svc.{ZONE}", f"deeper.{HOST}"):
            assert found.ask(name, A).addresses == ADDRESSES
        for kind in (AAAA, TXT, HTTPS):
            answer = found.ask(HOST, kind)
            assert (answer.code, answer.addresses) == (NOERROR, set())
        assert found.ask(OUTSIDE, A).addresses == {OUTSIDE_ADDRESS}
        assert not found.leaked
        assert not [name for name, _ in found.inbound.asked if not name.endswith(ZONE)]
        # The surroundings do validate: what is beside the zone fails.
        assert found.ask("svc.aped-4627-b74a.pinecone.io", A).code == SERVFAIL
        asked = {kind for _, kind in found.inbound.asked}
        assert asked == ({A, AAAA, TXT, HTTPS} if make is _rule else set())


@pytest.mark.parametrize(
    ("server", "make", "exemption"),
    [
        (BIND, _rule, "validate-except"),
        (BIND, _alias, "validate-except"),
        (BIND, _rule, EXCEPT_FROM),
        (BIND, _alias, EXCEPT_FROM),
        (UNBOUND, _rule, "private-domain"),
        (UNBOUND, _rule, "domain-insecure"),
        (UNBOUND, _alias, f'private-domain: "{TARGET}'),
        (UNBOUND, _alias, f'domain-insecure: "{TARGET}'),
        (DNSMASQ, _rule, "rebind-domain-ok"),
    ],
)
def test_without_an_exemption_the_server_swallows_the_answer(
    server: Server, make: Make, exemption: str, tmp_path: Path
) -> None:
    with world(server, make, tmp_path, without=exemption) as found:
        assert not found.ask(HOST, A).addresses


def test_dnsmasq_without_local_asks_the_internet_for_private_names(tmp_path: Path) -> None:
    with world(DNSMASQ, _alias, tmp_path, without="local=/") as found:
        found.ask(HOST, AAAA)
        assert found.leaked


CHECK = {
    BIND: ("named-checkconf", "pinecone.conf"),
    UNBOUND: ("unbound-checkconf", "pinecone.conf"),
    DNSMASQ: ("dnsmasq", "--test", "--conf-file=pinecone.conf"),
}


@pytest.mark.parametrize("server", REAL)
def test_ipv6_addresses_are_accepted(server: Server, tmp_path: Path) -> None:
    addresses = [ipaddress.ip_address("fd00::10"), ipaddress.ip_address("10.20.0.10")]
    for port in (53, 5353):
        made = forwarding_rule(server=server, zone=ZONE, addresses=addresses, port=port)
        (tmp_path / "pinecone.conf").write_text(made.parts[0].text)
        command = [program(CHECK[server][0]), *CHECK[server][1:]]
        found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stderr + found.stdout


def _unreachable(server: Server, _: tuple[str, int]) -> Instructions:
    """Return a rule whose Resolver inbound endpoint does not answer."""
    address = "127.0.0.4"
    return _rule(server, (address, free_port(address)))


@pytest.mark.parametrize("server", REAL)
def test_while_the_inbound_endpoint_does_not_answer_no_name_leaks(server: Server, tmp_path: Path) -> None:
    with world(server, _unreachable, tmp_path) as found:
        # Unbound and dnsmasq try on while the client waits.
        with suppress(TimeoutError):
            assert ask(found.server, HOST, A, seconds=1).addresses == set()
        assert not found.leaked
        assert found.ask(OUTSIDE, A).addresses == {OUTSIDE_ADDRESS}
