"""Configurations of dnsmasq, BIND and Unbound: servers with the private zone, with the public one, and with guards."""

from collections.abc import Iterator
from typing import Final

from tests.operations.connectivity.network import BLACK_HOLE, NO_ROUTE, NO_ROUTE_6, Network

ENVIRONMENT: Final = "aped-4627-b74a"
ZONE: Final = f"private.{ENVIRONMENT}.pinecone.io"
PUBLIC_NET: Final = "198.51.100"
PUBLIC: Final = f"{PUBLIC_NET}.7"
PUBLIC_6: Final = "2001:db8:7::7"
"""Addresses for documentation: no host has them."""
ENDPOINT_NAME: Final = "vpce-0abc-1.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com"

RECORDS: Final[dict[str, tuple[str, ...]]] = {
    "good": ("10.20.0.10",),
    "both": ("10.20.0.10", "fd00:20::10"),
    "six": ("fd00:20::10",),
    "zones": ("10.20.0.10", "10.20.0.25"),
    "wrong-name": ("10.20.0.11",),
    "expired": ("10.20.0.12",),
    "self-signed": ("10.20.0.13",),
    "inspected": ("10.20.0.14",),
    "plain": ("10.20.0.15",),
    "closed": ("10.20.0.16",),
    "hanging": ("10.20.0.17",),
    "http-401": ("10.20.0.18",),
    "http-403": ("10.20.0.19",),
    "http-404": ("10.20.0.20",),
    "http-503": ("10.20.0.21",),
    "garbage": ("10.20.0.22",),
    "silent": ("10.20.0.23",),
    "private-ca": ("10.20.0.24",),
    "keeps-open": ("10.20.0.26",),
    "dripping": ("10.20.0.28",),
    "reset": ("10.20.0.27",),
    "refused": ("10.20.0.1",),
    "timed-out": (BLACK_HOLE,),
    "one-timed-out": ("10.20.0.10", BLACK_HOLE),
    "unreachable": (NO_ROUTE,),
    "no-ipv6": ("10.20.0.10", NO_ROUTE_6),
    "echoes": ("10.20.0.29",),
    "public": (PUBLIC,),
    "many": tuple(f"{PUBLIC_NET}.{number}" for number in range(1, 101)),
    "both-public": (PUBLIC, "10.20.0.10"),
    "leaks-ipv6": ("10.20.0.10", PUBLIC_6),
    "sinkhole": ("0.0.0.0",),  # noqa: S104 - an answer
}
"""What is behind the name of an index, by its first part."""


def private(label: str) -> str:
    """Return the private host of an index."""
    return f"{label}-abc1234.svc.{ZONE}"


def _each() -> Iterator[tuple[str, str, str]]:
    """Yield name, type and address of every record."""
    for label, addresses in RECORDS.items():
        for address in addresses:
            yield private(label), "AAAA" if ":" in address else "A", address


# --- dnsmasq ---


def dnsmasq(network: Network, name: str, address: str, *lines: str) -> str:
    """Start dnsmasq, and return its address."""
    file = network.folder / f"{name}.conf"
    common = (
        "no-resolv",
        "no-hosts",
        "no-daemon",
        f"listen-address={address}",
        "bind-interfaces",
        "user=",
        "pid-file=",
    )
    file.write_text("\n".join([*common, *lines]) + "\n")
    network.start_dns(name, address, "dnsmasq", f"--conf-file={file}")
    return address


def dnsmasq_records() -> list[str]:
    """Return the private zone for dnsmasq."""
    records = [f"host-record={name},{address}" for name, _, address in _each()]
    return [f"local=/{ZONE}/", f"txt-record={private('empty')},nothing", *records]


# --- BIND ---

_SOA: Final = "$TTL 60\n@ IN SOA ns.invalid. hostmaster.invalid. 1 60 60 60 60\n@ IN NS ns.invalid.\n"


def bind(network: Network, name: str, address: str, *, zones: dict[str, str] | None = None, options: str = "") -> str:
    """Start BIND with zones by their records, and return its address."""
    folder = network.folder / name
    folder.mkdir()
    text = (
        f'options {{ directory "{folder}"; pid-file none; session-keyfile none; listen-on {{ {address}; }};\n'
        f"listen-on-v6 {{ none; }}; dnssec-validation no; {options} }};\ncontrols {{ }};\n"
    )
    for zone, records in (zones or {}).items():
        (folder / f"{zone}.zone").write_text(_SOA + records)
        text += f'zone "{zone}" {{ type primary; file "{zone}.zone"; }};\n'
    (folder / "named.conf").write_text(text)
    network.start_dns(name, address, "named", "-f", "-n", "1", "-c", folder / "named.conf")
    return address


def bind_records() -> str:
    """Return the private zone for BIND."""
    records = [f"{name}. IN {kind} {address}" for name, kind, address in _each()]
    alias = (f"{private('alias')}. IN CNAME {ENDPOINT_NAME}.", f"{private('dangling')}. IN CNAME gone.{ENDPOINT_NAME}.")
    return "\n".join([*records, *alias, f"{private('empty')}. IN TXT nothing"]) + "\n"


WILDCARD_RECORDS: Final = (
    f"*.svc IN A 10.20.0.10\n{private('alias')}. IN CNAME {ENDPOINT_NAME}.\n{private('empty')}. IN TXT nothing\n"
)
"""A wildcard, and two names beside it."""
PUBLIC_RECORDS: Final = f"*.svc.{ENVIRONMENT} IN A {PUBLIC}\n"
AMAZON_RECORDS: Final = f"{ENDPOINT_NAME}. IN A 10.20.0.10\n"


# --- Unbound ---


def unbound(network: Network, name: str, address: str, *, server: str = "", rest: str = "") -> str:
    """Start Unbound, and return its address."""
    file = network.folder / f"{name}.conf"
    file.write_text(
        f'server:\n username: ""\n chroot: ""\n pidfile: ""\n directory: "{network.folder}"\n use-syslog: no\n'
        f" interface: {address}\n access-control: 0.0.0.0/0 allow\n do-daemonize: no\n num-threads: 1\n"
        f' module-config: "iterator"\n do-not-query-localhost: no\n{server}\n{rest}\n'
        "remote-control:\n control-enable: no\n"
    )
    network.start_dns(name, address, "unbound", "-d", "-c", file)
    return address


def unbound_records() -> str:
    """Return the private zone for Unbound."""
    records = [f' local-data: "{name}. IN {kind} {address}"' for name, kind, address in _each()]
    empty = f' local-data: "{private("empty")}. IN TXT nothing"'
    return "\n".join([f' local-zone: "{ZONE}." static', *records, empty])


def forward(zone: str, address: str) -> str:
    """Return the forwarding of a zone for Unbound."""
    return f'forward-zone:\n name: "{zone}"\n forward-addr: {address}'
