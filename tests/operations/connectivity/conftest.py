"""The network with every DNS server and endpoint, built once; and the check, run by a client in it."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from pinekeep.operations.connectivity import client_check
from tests.operations.connectivity import certificates, dns_servers
from tests.operations.connectivity.dns_servers import RECORDS, ZONE
from tests.operations.connectivity.network import MissingError, Network

KEY: Final = "pcsk_not-a-real-key"
PORT: Final = 443
_OK: Final = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_DOES: Final = {
    "plain": "plain",
    "closed": "close",
    "hanging": "hang",
    "silent": "silent",
    "keeps-open": "keep",
    "reset": "reset",
    "dripping": "drip",
}
_WITHOUT_TLS: Final = ("plain", "closed", "hanging", "reset", "dripping")
_BODIES: Final = {
    "http-401": ("401 Unauthorized", "Unauthorized"),
    "http-403": ("403 Forbidden", '{"message": "Forbidden"}'),
    "echoes": ("400 Bad Request", KEY),
    "http-404": ("404 Not Found", ""),
    "http-503": ("503 Service Unavailable", "\x1b[31mupstream\x07"),
}


def _endpoints(folder: Path) -> list[dict[str, object]]:
    """Return what is behind each address of the VPC."""
    certificates.make_authority(folder, "public", "/O=Amazon/CN=Made for one test run")
    certificates.make_authority(folder, "company", "/O=Example Corp/CN=Inspection authority")
    certificates.make_authority(folder, "unknown", "/O=Example Corp/CN=Unknown authority")
    (folder / "trusted.pem").write_text((folder / "public.pem").read_text() + (folder / "company.pem").read_text())
    issue, wildcard = partial(certificates.issue, folder), f"*.svc.{ZONE}"
    right = issue("right", host=wildcard, authority="public")
    others = {
        "wrong-name": issue("wrong-name", host="appliance.example.com", authority="public"),
        "expired": issue("expired", host=wildcard, authority="public", expired=True),
        "inspected": issue("inspected", host=wildcard, authority="unknown"),
        "private-ca": issue("private-ca", host=wildcard, authority="company"),
        "self-signed": certificates.self_signed(folder, "self-signed", wildcard),
    }
    made: dict[str, dict[str, object]] = {}
    for label, addresses in RECORDS.items():
        for address in addresses:
            if not address.startswith(("10.20.0.", "fd00:20:")) or label == "refused":
                continue
            status, body = _BODIES.get(label, ("", ""))
            answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}" if status else _OK
            endpoint: dict[str, object] = {
                "address": address,
                "port": PORT,
                "does": _DOES.get(label, "answer"),
                "certificate": None if label in _WITHOUT_TLS else str(others.get(label, right)),
                "answer": "SSH-2.0-OpenSSH\r\n" if label == "garbage" else answer,
            }
            made.setdefault(address, endpoint)
    return list(made.values())


class Site:
    """The network, with DNS servers that are started when a test first needs them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.requests = network.folder / "requests.jsonl"
        network.start_vpc(_endpoints(network.folder), self.requests)
        self._started: dict[str, str] = {}

    def dns(self, name: str) -> str:
        """Return the address of a DNS server of ``SERVERS``, and start it if need be."""
        if name not in self._started:
            address = f"10.9.1.{len(self._started) + 1}"
            self._started[name] = ""
            SERVERS[name](self, name, address)
            self._started[name] = address
        return self._started[name]

    def check(self, *arguments: str, key: str | None = None, timeout: str = "10", **environment: str) -> "Checked":
        """Run the check on the client as its own file."""
        variables = {**environment, **({client_check.KEY_VARIABLE: key} if key else {})}
        trusted = () if "--ca-file" in arguments else ("--ca-file", str(self.network.folder / "trusted.pem"))
        before = len(self.seen())
        command = (sys.executable, "-I", client_check.__file__, *arguments, "--timeout", timeout, "--json", *trusted)
        done = self.network.client.run(*command, environment=variables)
        assert done.stderr == ""
        assert KEY not in done.stdout
        return Checked(done.returncode, json.loads(done.stdout), self.seen()[before:])

    def seen(self) -> list[dict[str, str]]:
        """Return the requests that endpoints have received."""
        return [json.loads(line) for line in self.requests.read_text().splitlines()] if self.requests.exists() else []


class Checked:
    """What a run of the check gave, and the requests that it made."""

    def __init__(self, code: int, output: Any, requests: list[dict[str, str]]) -> None:
        self.code = code
        self.output = output
        self.requests = requests
        self.steps: dict[str, Any] = {step["step"]: step for step in output["steps"]}

    def require(self, verdict: str, step: str, *parts: str) -> None:
        """Require a verdict, at a step whose words have these parts."""
        assert self.output["verdict"] == verdict, json.dumps(self.output, indent=1)
        assert self.code == (0 if verdict == "ok" else 1)
        assert self.output["passed"] is (verdict == "ok")
        if verdict != "ok":
            assert self.steps[step]["code"] == verdict
            assert self.output["fix"] == self.steps[step]["fix"]
        text = f"{self.steps[step]['found']} | {self.steps['resolver']['found']} | {self.steps[step]['fix']}"
        assert [part for part in parts if part not in text] == [], text


_ZONES: Final = {ZONE: dns_servers.bind_records(), "vpce.amazonaws.com": dns_servers.AMAZON_RECORDS}
_PUBLIC_ZONES: Final = {
    "pinecone.io": dns_servers.PUBLIC_RECORDS,
    "corp.example": "wild IN A 10.66.6.6\n",
    "vpce.amazonaws.com": dns_servers.AMAZON_RECORDS,
}
_SIBLINGS: Final = {ZONE: "* IN A 10.20.0.10\nx.svc IN A 10.20.0.10\n"}
_GUARDED: Final = " private-address: 10.0.0.0/8"

SERVERS: Final[dict[str, Callable[[Site, str, str], object]]] = {
    # The private zone, in each of the servers
    "dnsmasq": lambda site, name, at: dns_servers.dnsmasq(
        site.network, name, at, *dns_servers.dnsmasq_records(), f"server={site.dns('public')}"
    ),
    "bind": lambda site, name, at: dns_servers.bind(site.network, name, at, zones={**_PUBLIC_ZONES, **_ZONES}),
    "unbound": lambda site, name, at: dns_servers.unbound(
        site.network, name, at, server=dns_servers.unbound_records(), rest=dns_servers.forward(".", site.dns("public"))
    ),
    # The public zone alone
    "public": lambda site, name, at: dns_servers.bind(site.network, name, at, zones=_PUBLIC_ZONES),
    "dnsmasq-public": lambda site, name, at: dns_servers.dnsmasq(
        site.network, name, at, f"server={site.dns('public')}"
    ),
    "unbound-public": lambda site, name, at: dns_servers.unbound(
        site.network, name, at, rest=dns_servers.forward(".", site.dns("public"))
    ),
    # Guards in front of the private zone
    "dnsmasq-guard": lambda site, name, at: dns_servers.dnsmasq(
        site.network, name, at, "stop-dns-rebind", f"server={site.dns('wildcard')}"
    ),
    "unbound-guard": lambda site, name, at: dns_servers.unbound(
        site.network, name, at, server=_GUARDED, rest=dns_servers.forward(".", site.dns("wildcard"))
    ),
    "bind-guard": lambda site, name, at: dns_servers.bind(
        site.network,
        name,
        at,
        options=f"forward only; forwarders {{ {site.dns('wildcard')}; }}; deny-answer-addresses {{ 10.0.0.0/8; }};",
    ),
    # The private zone as Route 53 has it
    "wildcard": lambda site, name, at: dns_servers.bind(
        site.network, name, at, zones={**_PUBLIC_ZONES, ZONE: dns_servers.WILDCARD_RECORDS}
    ),
    # Mistakes
    "leaky": lambda site, name, at: dns_servers.dnsmasq(
        site.network, name, at, f"address=/{ZONE}/10.20.0.10", f"server={site.dns('leaks')}"
    ),
    "leaks": lambda site, name, at: dns_servers.bind(
        site.network, name, at, zones={"pinecone.io": f"* IN AAAA {dns_servers.PUBLIC_6}\n"}
    ),
    "siblings": lambda site, name, at: dns_servers.bind(site.network, name, at, zones=_SIBLINGS),
    "refusing": lambda site, name, at: dns_servers.bind(site.network, name, at, options="allow-query { none; };"),
    "failing": lambda site, name, at: dns_servers.unbound(
        site.network, name, at, rest=dns_servers.forward(".", site.dns("refusing"))
    ),
    "search": lambda site, name, at: dns_servers.dnsmasq(
        site.network, name, at, "address=/corp.example/10.66.6.6", f"server={site.dns('public')}"
    ),
}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The network; skipped where the machine forbids it, which fails in CI."""
    folder = tmp_path_factory.mktemp("network")
    try:
        network = Network(folder)
    except MissingError as error:
        if os.environ.get("CI", "").lower() not in ("", "0", "false"):
            pytest.fail(f"the tests in namespaces need {error}", pytrace=False)
        pytest.skip(f"the tests in namespaces need {error}")
    try:
        yield Site(network)
    finally:
        network.close()
