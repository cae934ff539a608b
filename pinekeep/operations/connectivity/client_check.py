#!/usr/bin/env python3
"""Check that this machine reaches a Pinecone index through its private endpoint, and name what is wrong if not.

Needs Python 3.8 or newer, on Linux, macOS or Windows, and nothing else:

    python3 pinekeep_client_check.py --host INDEX_HOST

It looks up the private name of the index, connects to each address on port 443, and verifies the certificate. If the
environment variable PINECONE_API_KEY is set, it also asks the index for its statistics, which changes nothing.

Exit codes: 0 the index is reached, 1 a step failed, 2 wrong usage.
"""

# This file runs by itself, so it imports nothing of Pinekeep. What takes long to import (dataclasses, ipaddress, json,
# pathlib, typing) is avoided, or imported where it is needed: the check of a healthy path takes about as long as curl.
from __future__ import annotations

import gc
import os
import socket
import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Sequence

VERSION = 1
"""The version of this file's JSON output."""

# --- Facts ---

CHECKED = "2026-11-27"
"""When the facts were read in Pinecone's documentation: "Configure private endpoints", "Get index stats"."""
ENVIRONMENTS = {
    "aped-4627-b74a": "us-east-1",
    "apw5-4e34-81fa": "us-west-2",
    "apu-57e2-42f6": "eu-west-1",
    "apec-a2ee-38c6": "eu-central-1",
    "aps-d9bb-582b": "ap-southeast-1",
}
"""The environments that have private endpoints on AWS, as host names have them, each with its Region."""
DOMAIN = "pinecone.io"
CONTROL_PLANE = "api." + DOMAIN
PORT = 443
REQUEST_PATH = "/describe_index_stats"
API_VERSION = "2026-07"
KEY_VARIABLE = "PINECONE_API_KEY"
ENDPOINT_DOMAINS = (".vpce.amazonaws.com", ".vpce.amazonaws.com.cn")
"""The domains of the DNS names of endpoints."""

PUBLIC_ISSUERS = ("Amazon", "DigiCert", "GlobalSign", "Google Trust Services", "Let's Encrypt", "Sectigo", "ZeroSSL")
"""Organizations of public certificate authorities. Another issuer may be that of a TLS-inspecting proxy."""

VERDICTS = {
    # Name resolution
    "nxdomain": (
        "The DNS server answers that the private name does not exist (NXDOMAIN): no private DNS reaches this client",
        "in a VPC, associate the private hosted zone {zone} with it, or enable private DNS on its endpoint; outside "
        "AWS, forward {zone} to a Route 53 Resolver inbound endpoint",
    ),
    "no-private-link": (
        "The private name does not exist, and private endpoints are not documented for the environment of this index",
        "compare the host with `private_host` of the index (GET https://api.pinecone.io/indexes/NAME)",
    ),
    "record-missing": (
        "The private zone reaches this client, and has no record for this name",
        "add a wildcard record `*.{zone}` that leads to the endpoint. Another record under the same zone, such as "
        "`x.svc`, keeps the wildcard from applying to its siblings",
    ),
    "dangling-alias": (
        "The name is an alias for a name that does not exist: the endpoint was deleted, or its name is mistyped",
        "point the alias at the DNS name of the present endpoint",
    ),
    "nodata": (
        "The DNS server knows the private name, and has no address for it",
        "give the wildcard record of {zone} the type A (alias to the endpoint) or CNAME (the endpoint's DNS name)",
    ),
    "rebinding-guard": (
        "The DNS server removes private addresses from answers: a guard against DNS rebinding",
        "exempt {zone} on that server: `rebind-domain-ok=/{zone}/` in dnsmasq, `private-domain: {zone}` in Unbound, "
        '`deny-answer-addresses {{ ... }} except-from {{ "{zone}"; }}` in BIND, or the guard of the router',
    ),
    "dns-servfail": (
        "The DNS server could not resolve the name (SERVFAIL)",
        "look into the log of that server: its forwarder for {zone} may be unreachable, DNSSEC validation may fail, or "
        "`deny-answer-addresses` of BIND may reject private addresses",
    ),
    "dns-refused": (
        "The DNS server refuses to answer this client (REFUSED)",
        "allow this client on that server, or give {zone} an upstream there",
    ),
    "dns-timeout": (
        "A DNS server does not answer this client",
        "allow UDP and TCP port 53 from this client to the DNS server: security group of the Resolver inbound "
        "endpoint, network ACL, route, VPN",
    ),
    "system-resolver": (
        "The DNS server has the address, and the operating system does not give it to programs",
        "look at /etc/nsswitch.conf, the VPN client and the resolver's cache; clear the cache with "
        "`resolvectl flush-caches`, `sudo dscacheutil -flushcache` or `ipconfig /flushdns`",
    ),
    "unresolved": (
        "The private name does not resolve, and no DNS server is known that could be asked for the reason",
        "run it again with `--resolver ADDRESS`, the address of the DNS server of this client",
    ),
    # Addresses
    "search-domain": (
        "A search domain answers in place of the private name, which does not exist",
        "bring the private DNS of {zone} to this client, and remove the wildcard record of the search domain",
    ),
    "public-address": (
        "The private name resolves to a public address, so clients do not use the endpoint",
        "find the DNS server, hosts file or proxy that gives this address, and have it answer with the endpoint's "
        "addresses. If the VPC itself has public address ranges, run it again with `--endpoint-address ADDRESS`",
    ),
    "public-ipv6": (
        "A public IPv6 address stands beside the private IPv4 address, and clients may prefer it",
        "have the DNS server answer for AAAA too: `local=/{zone}/` beside `address=` in dnsmasq. If the endpoint is "
        "dual-stack, run it again with `--endpoint-address ADDRESS` for each of its IPv6 addresses",
    ),
    "blocked-address": (
        "The private name resolves to an address of this machine or to none: a DNS filter blocks it, or a hosts file",
        "exempt {zone} in the DNS filter, or remove the name from the hosts file",
    ),
    "not-the-endpoint": (
        "The private name resolves to private addresses that are not those of the endpoint",
        "point the record of {zone} at this endpoint; the VPC may have the zone of another one",
    ),
    # Connection
    "timed-out": (
        "Connections time out: a security group, a network ACL or a route drops them",
        "allow TCP {port} from this client in the endpoint's security group and in the network ACLs of its subnets, "
        "and check the route from here to them (peering, transit gateway, VPN)",
    ),
    "refused": (
        "The connection is refused: nothing listens there, or a firewall rejects it",
        "compare the addresses with those of the endpoint's network interfaces, and look for a firewall that rejects "
        "TCP {port}",
    ),
    "unreachable": (
        "The network says that the address cannot be reached: there is no route to it",
        "add a route from this client to the endpoint's subnets (peering, transit gateway, VPN)",
    ),
    # TLS
    "tls-inspection": (
        "The certificate is for this name, and its issuer is not trusted: a TLS-inspecting proxy is in between",
        "exempt *.{zone} from inspection. Trusting the proxy's authority (`--ca-file`) instead lets it read the data",
    ),
    "certificate-name": (
        "The certificate is for another name: another server answers",
        "check that the addresses are those of the endpoint of Pinecone's service in the Region of the index",
    ),
    "certificate-expired": (
        "The certificate is outside its period of validity",
        "check the clock of this machine, then which server or proxy answers",
    ),
    "certificate-untrusted": (
        "The certificate is not trusted",
        "if the issuer is unknown to you, another server answers; otherwise update the certificates of this machine, "
        "or give them with `--ca-file FILE`",
    ),
    "tls-closed": (
        "The connection is closed during the TLS handshake: a firewall or proxy rejects the name",
        "allow TLS to *.{zone} in the firewalls between this client and the endpoint",
    ),
    "tls-timeout": (
        "The TLS handshake times out although the connection was made: large packets are lost, or a proxy holds it",
        'lower the MTU of the VPN or allow ICMP "fragmentation needed", and look for a proxy in between',
    ),
    "not-tls": (
        "The server does not speak TLS that this machine accepts: another service or a captive portal answers",
        "check that the addresses are those of the endpoint, and that no proxy answers for them",
    ),
    # Request
    "unauthorized": (
        "Pinecone answers Unauthorized: the endpoint is not registered in the project, access is restricted, or the "
        "API key is wrong",
        "compare the endpoint's ID with Settings > Network > PRIVATE ENDPOINTS of the project in the Pinecone console, "
        "and check that " + KEY_VARIABLE + " is a key of the same project",
    ),
    "forbidden": (
        "Pinecone answers Forbidden: the API key may not read the index, or access to the project is restricted",
        "give the API key the role DataPlaneViewer, and look at Settings > Network of the project",
    ),
    "http-error": (
        "The server answers the request with an error",
        "if it is 404, compare the host with that of the index; if it is 429 or 5xx, run it again later",
    ),
    "not-http": (
        "The server does not answer the request in HTTP",
        "check that the addresses are those of the endpoint, and that no proxy answers for them",
    ),
    "no-answer": (
        "The server does not answer the request in time",
        "run it again with a longer --timeout; large packets may be lost between this client and the endpoint",
    ),
}
"""The verdicts: what each means, and how to fix it."""


# --- Input ---


class InputError(Exception):
    """Wrong usage: a sentence, and how to put it right."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


_HOST_FIX = "give `host` or `private_host` of the index, such as example-abc1234.svc.aped-4627-b74a." + DOMAIN
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_LABEL_MAX = 63
_NAME_MAX = 253
_FILE_MAX = 1 << 20
_TIMEOUTS = (0.1, 60.0)
DEFAULT_TIMEOUT = "5"
_PORTS = (1, 65535)


class Host:
    """The private name of an index.

    Attributes:
        name: the private name.
        public: the public name.
        environment: the label of the name that stands for Pinecone's environment.
        region: the AWS Region of the environment; None if private endpoints are not documented for it.
        remarks: what was changed in the input.
    """

    __slots__ = ("environment", "name", "public", "region", "remarks")

    def __init__(self, index: str, environment: str, remarks: Sequence[str]) -> None:
        self.name = f"{index}.svc.private.{environment}.{DOMAIN}"
        self.public = f"{index}.svc.{environment}.{DOMAIN}"
        self.environment = environment
        self.region = ENVIRONMENTS.get(environment)
        self.remarks = list(remarks)

    @property
    def zone(self) -> str:
        """The private DNS zone of the environment."""
        return f"private.{self.environment}.{DOMAIN}"


def read_host(given: str) -> Host:
    """Return the host that ``--host`` gives: a name of the index, or a file with the answer of describe-index.

    Raises:
        InputError: it is neither.
    """
    is_file = given.lower().endswith(".json") or os.path.isfile(given)
    return _host_from_file(given) if is_file else parse_host(given)


def parse_host(given: str) -> Host:
    """Return the private host for the public or private host of an index.

    Raises:
        InputError: it is no such host.
    """
    remarks = []
    text = given.strip(" \t\r\n")
    if not text:
        raise InputError("the host is empty", _HOST_FIX)
    if any(not character.isprintable() or character.isspace() for character in text):
        raise InputError(f"the host {shown(text)} has a space or a control character", _HOST_FIX)
    if not text.isascii():
        raise InputError(f"the host {shown(text)} has characters other than letters, digits and hyphens", _HOST_FIX)
    text = text.lower()
    scheme, separator, rest = text.partition("://")
    if separator and scheme != "https":
        raise InputError(f"the host {shown(given)} has the scheme {shown(scheme)}", "give it with https:// or without")
    text = (rest if separator else text).rstrip("/") if separator else text
    if "@" in text:
        raise InputError("the host has a user name or password before the @", _HOST_FIX)
    if any(mark in text for mark in "/?#\\"):
        raise InputError(f"the host {shown(given)} has a path", "give the host alone")
    if _is_address(text.strip("[]")):
        raise InputError(f"{shown(text)} is an IP address, and a certificate is verified against a name", _HOST_FIX)
    text, colon, port = text.partition(":")
    if colon and port != str(PORT):
        raise InputError(f"the host {shown(given)} has the port {shown(port)}", "give the host alone, or with :443")
    if text.endswith("."):
        text = text[:-1]
        remarks.append("the trailing dot was removed: TLS in Python refuses a name that has one")
    return _parse_name(text, given, remarks)


def _parse_name(name: str, given: str, remarks: Sequence[str]) -> Host:
    labels = name.split(".")
    if len(name) > _NAME_MAX or any(len(label) > _LABEL_MAX for label in labels):
        raise InputError(f"the host {shown(given)} is longer than DNS allows (63 a label, 253 in all)", _HOST_FIX)
    if not all(labels):
        raise InputError(f"the host {shown(given)} has an empty label", _HOST_FIX)
    if "_" in name:
        raise InputError(
            f"the host {shown(given)} has an underscore, which TLS in Python refuses where curl allows it", _HOST_FIX
        )
    if any(set(label) - _HOST_CHARACTERS or label[0] == "-" or label[-1] == "-" for label in labels):
        raise InputError(f"{shown(given)} is not a host name", _HOST_FIX)
    if name == CONTROL_PLANE:
        raise InputError(
            f"{name} is Pinecone's control plane, which clients reach over the internet; endpoints serve indexes",
            _HOST_FIX,
        )
    if labels[-2:] != DOMAIN.split("."):
        raise InputError(f"{shown(given)} is not a host of Pinecone: its names end with .{DOMAIN}", _HOST_FIX)
    index, *middle = labels[:-2] or [""]
    if middle[:2] == ["svc", "private"]:
        middle.pop(1)
    if len(middle) != 2 or middle[0] != "svc" or middle[1] == "private":  # noqa: PLR2004 - svc, environment
        raise InputError(
            f"{shown(given)} is not the host of an index, which is NAME.svc.ENVIRONMENT.{DOMAIN}", _HOST_FIX
        )
    return Host(index, middle[1], remarks)


def _host_from_file(path: str) -> Host:
    import json  # noqa: PLC0415

    fix = "save the answer of describe-index there: GET https://api.pinecone.io/indexes/NAME"
    try:
        with open(path, "rb") as file:
            data = file.read(_FILE_MAX + 1)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read: {error.strerror}", fix) from None
    if len(data) > _FILE_MAX:
        raise InputError(f"{shown(path)} is larger than 1 MiB", fix)
    # PowerShell redirects as UTF-16, with a byte order mark.
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        answer = json.loads(data.decode(encoding))
    except (ValueError, RecursionError):
        raise InputError(f"{shown(path)} is not JSON", fix) from None
    if isinstance(answer, dict) and isinstance(answer.get("indexes"), list):
        indexes = answer["indexes"]
        if len(indexes) != 1:
            raise InputError(f"{shown(path)} lists {len(indexes)} indexes", fix)
        answer = indexes[0]
    if not isinstance(answer, dict) or not (answer.keys() & {"host", "private_host"}):
        raise InputError(f"{shown(path)} has neither `host` nor `private_host`", fix)
    private, public = answer.get("private_host"), answer.get("host")
    chosen = private or public
    if not isinstance(chosen, str):
        raise InputError(
            f"the index in {shown(path)} has no host yet", "wait until the index is ready, and save it again"
        )
    host = parse_host(chosen)
    if not private:
        host.remarks.append(f"the index has no `private_host`; derived from `host`: {_place(answer)}")
    return host


def _place(answer: dict[str, object]) -> str:
    """Return where an index is, by the answer of the API 2026-07 (`deployment`) or of an older one (`spec`)."""
    for found in (answer.get("deployment"), answer.get("spec")):
        if isinstance(found, dict):
            inner = found.get("serverless") or found.get("pod") or found.get("byoc") or found
            if isinstance(inner, dict):
                cloud, region = inner.get("cloud"), inner.get("region") or inner.get("environment")
                return " ".join(clean(str(each)) for each in (cloud, region) if each) or "its place is unknown"
    return "its place is unknown"


def read_timeout(given: str) -> float:
    """Return a time limit in seconds. Raises InputError."""
    least, most = _TIMEOUTS
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not least <= seconds <= most:
        raise InputError(f"--timeout {shown(given)} is not a number of seconds from {least} to {most:g}", "try 5")
    return seconds


def read_port(given: str) -> int:
    """Return a port. Raises InputError."""
    least, most = _PORTS
    if not (given.isascii() and given.isdigit() and least <= int(given[:6]) <= most):
        raise InputError(f"--port {shown(given)} is not a port from {least} to {most}", f"leave it out for {PORT}")
    return int(given)


def read_key(given: str | None) -> str | None:
    """Return the API key, or None. Its value is in no error. Raises InputError."""
    key = (given or "").strip()
    if not all("!" <= character <= "~" for character in key):
        raise InputError(f"{KEY_VARIABLE} has a space or a character that no API key has", f"set {KEY_VARIABLE} again")
    return key or None


def read_endpoint(given: str) -> str:
    """Return an address, or the DNS name of an endpoint. Raises InputError."""
    text = given.strip().lower().rstrip(".")
    if _is_address(text):
        return text
    labels = text.split(".")
    if (
        text.endswith(ENDPOINT_DOMAINS)
        and len(text) <= _NAME_MAX
        and all(label and len(label) <= _LABEL_MAX and not set(label) - _HOST_CHARACTERS for label in labels)
    ):
        return text
    raise InputError(
        f"--endpoint-address {shown(given)} is neither an IP address nor the DNS name of an endpoint",
        "list them with `aws ec2 describe-vpc-endpoints --vpc-endpoint-ids vpce-... --query VpcEndpoints[].DnsEntries`",
    )


def read_resolver(given: str) -> str:
    """Return the address of a DNS server. Raises InputError."""
    text = given.strip()
    if not _is_address(text.partition("%")[0]):
        raise InputError(f"--resolver {shown(given)} is not an IP address", "give the address of a DNS server")
    return text


class Options:
    """What to check.

    Attributes:
        host: the host of the index.
        endpoint: addresses or DNS names of the endpoint, to compare with.
        resolvers: further DNS servers to ask.
        seconds: the time limit of each step.
        port: the port of the endpoint.
        ca_file: certificate authorities to trust in place of the machine's.
        api_key: makes one request if it is set.
    """

    __slots__ = ("api_key", "ca_file", "endpoint", "host", "port", "resolvers", "seconds")

    def __init__(
        self,
        *,
        host: str,
        endpoint: Iterable[str] = (),
        resolvers: Iterable[str] = (),
        timeout: str = DEFAULT_TIMEOUT,
        port: str = str(PORT),
        ca_file: str | None = None,
        api_key: str | None = None,
    ) -> None:
        """Read the input. Raises InputError."""
        self.host = read_host(host)
        self.endpoint = [read_endpoint(each) for each in endpoint]
        self.resolvers = [read_resolver(each) for each in resolvers]
        self.seconds = read_timeout(timeout)
        self.port = read_port(port)
        self.ca_file = ca_file
        self.api_key = read_key(api_key)
        if ca_file is not None and not os.path.isfile(ca_file):
            raise InputError(f"--ca-file {shown(ca_file)} is not a file", "give a file of certificates in PEM form")


# --- Text ---

_TEXT_MAX = 200


def clean(text: str) -> str:
    """Return text that came from elsewhere as printable ASCII of limited length."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in text[: _TEXT_MAX + 1])
    return plain if len(text) <= _TEXT_MAX else plain[:_TEXT_MAX] + "..."


def shown(text: str) -> str:
    """Return input in quotes, with everything escaped that is not printable ASCII."""
    return ascii(text if len(text) <= _TEXT_MAX else text[:_TEXT_MAX] + "...")


def listed(items: Iterable[str]) -> str:
    """Return a list in words."""
    return ", ".join(items)


# --- Addresses ---

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_BLOCKED = ("0.0.0.0/8", "127.0.0.0/8", "::/127")
_LINK_LOCAL = ("169.254.0.0/16", "fe80::/10")
_NAT64 = "64:ff9b::/96"
_MAPPED = "::ffff:0:0/96"


def _is_address(text: str) -> bool:
    return _packed(text) is not None


def _packed(text: str) -> bytes | None:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
    return None


def _within(address: str, network: str) -> bool:
    base, _, bits = network.partition("/")
    ours, theirs = _packed(address), _packed(base)
    if ours is None or theirs is None or len(ours) != len(theirs):
        return False
    shift = 8 * len(ours) - int(bits)
    return int.from_bytes(ours, "big") >> shift == int.from_bytes(theirs, "big") >> shift


def normal(address: str) -> str:
    """Return an address in its usual form, without a scope."""
    packed = _packed(address.partition("%")[0])
    if packed is None:
        return address
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)  # noqa: PLR2004


def kind_of(address: str) -> str:
    """Return ``private``, ``blocked`` (this machine, or none), ``link-local`` or ``public``.

    An IPv6 address that stands for an IPv4 address, of NAT64 or mapped, is of the kind of that one.
    """
    for network in (_NAT64, _MAPPED):
        packed = _packed(address)
        if packed is not None and _within(address, network):
            return kind_of(socket.inet_ntop(socket.AF_INET, packed[-4:]))
    for kind, networks in (("private", _PRIVATE), ("blocked", _BLOCKED), ("link-local", _LINK_LOCAL)):
        if any(_within(address, network) for network in networks):
            return kind
    return "public"


# --- Work with a time limit ---


class Task:
    """A call in a thread. A call that takes too long is given up, and its thread ends with the process."""

    __slots__ = ("_done", "_error", "_result")

    def __init__(self, call: Callable[[], object]) -> None:
        self._done = threading.Event()
        self._result: object = None
        self._error: Exception | None = None
        threading.Thread(target=self._run, args=(call,), daemon=True).start()

    def _run(self, call: Callable[[], object]) -> None:
        try:
            self._result = call()
        except Exception as error:  # it is raised where the result is asked for
            self._error = error
        self._done.set()

    def result(self, seconds: float) -> object:
        """Return the result. Raises what the call raised, or TimeoutError."""
        if not self._done.wait(max(seconds, 0)):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._result


# --- The resolver of this machine ---


class Lookup:
    """What the operating system answers for a name.

    Attributes:
        addresses: in the order in which clients use them.
        canonical: the name that was found in the end.
        error: the reason of a failure; None if there are addresses.
        timed_out: whether it did not answer in time.
        seconds: how long it took.
    """

    __slots__ = ("addresses", "canonical", "error", "seconds", "timed_out")

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.canonical = ""
        self.error: str | None = None
        self.timed_out = False
        self.seconds = 0.0


def system_lookup(name: str) -> Lookup:
    """Ask the operating system for the addresses of a name, as clients do."""
    found = Lookup()
    start = time.monotonic()
    try:
        for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME):
            found.canonical = found.canonical or entry[3]
            address = normal(str(entry[4][0]))
            if address not in found.addresses:
                found.addresses.append(address)
    except socket.gaierror as error:
        found.error = clean(str(error.strerror or error))
    except (OSError, UnicodeError) as error:
        found.error = clean(str(error))
    found.seconds = time.monotonic() - start
    return found


def await_lookup(task: Task, seconds: float) -> Lookup:
    """Return the result of a look-up in a task."""
    try:
        found = task.result(seconds)
    except TimeoutError:
        late = Lookup()
        late.timed_out = True
        late.error = f"no answer within {seconds:g} s"
        late.seconds = seconds
        return late
    assert isinstance(found, Lookup)  # noqa: S101 - for the type checker
    return found


class Resolver:
    """The configuration of name resolution.

    Attributes:
        servers: addresses of DNS servers, in their order.
        search: search domains.
        source: where it was read.
    """

    __slots__ = ("search", "servers", "source")

    def __init__(self, source: str) -> None:
        self.servers: list[str] = []
        self.search: list[str] = []
        self.source = source

    def add(self, server: str) -> None:
        """Add a server, if it is an address and new."""
        if _is_address(server.partition("%")[0]) and server not in self.servers:
            self.servers.append(server)


RESOLV_CONF = "/etc/resolv.conf"


def parse_resolv_conf(text: str) -> Resolver:
    """Read ``/etc/resolv.conf``."""
    found = Resolver(RESOLV_CONF)
    for line in text.splitlines():
        words = line.split("#")[0].split(";")[0].split()
        if len(words) > 1 and words[0] == "nameserver":
            found.add(words[1])
        elif len(words) > 1 and words[0] in ("search", "domain"):
            found.search = [word.strip(".").lower() for word in words[1:]]
    return found


def parse_resolvectl(text: str) -> Resolver:
    """Read the output of ``resolvectl dns``: ``Link 2 (eth0): 10.0.0.2``."""
    found = Resolver("resolvectl")
    for line in text.splitlines():
        for word in line.partition(": ")[2].split():
            found.add(word.partition("#")[0])
    return found


def parse_scutil(text: str) -> Resolver:
    """Read the output of ``scutil --dns``: ``nameserver[0] : 10.0.0.2``."""
    found = Resolver("scutil --dns")
    for line in text.splitlines():
        key, _, value = line.strip().partition(" : ")
        if key.startswith("nameserver["):
            found.add(value.strip())
        elif key.startswith("search domain["):
            found.search.append(value.strip().lower())
    return found


def parse_powershell(text: str) -> Resolver:
    """Read the output of ``Get-DnsClientServerAddress`` with one address a line."""
    found = Resolver("Get-DnsClientServerAddress")
    for line in text.splitlines():
        # Windows lists these site-local addresses where an adapter has no DNS server.
        if not line.strip().lower().startswith("fec0:"):
            found.add(line.strip())
    return found


_POWERSHELL = "(Get-DnsClientServerAddress).ServerAddresses"


def resolver_of_this_machine(*, thorough: bool) -> Resolver:
    """Return the configuration of name resolution. ``thorough``: also ask commands, which takes time."""
    if sys.platform == "win32":
        command = ["powershell", "-NoProfile", "-NonInteractive", "-Command", _POWERSHELL]
        return parse_powershell(_output(command)) if thorough else Resolver("Windows")
    if sys.platform == "darwin" and thorough:
        found = parse_scutil(_output(["scutil", "--dns"]))
        if found.servers:
            return found
    found = parse_resolv_conf(_read(RESOLV_CONF))
    if thorough and found.servers == ["127.0.0.53"]:
        behind = parse_resolvectl(_output(["resolvectl", "dns"]))
        for server in behind.servers:
            found.add(server)
            found.source = f"{RESOLV_CONF}, resolvectl"
    return found


def _output(command: list[str]) -> str:
    import subprocess  # noqa: PLC0415

    try:
        done = subprocess.run(command, capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_FILE_MAX)
    except OSError:
        return ""


def hosts_file() -> str:
    """Return the path of the hosts file."""
    if sys.platform == "win32":
        return os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "drivers", "etc", "hosts")
    return "/etc/hosts"


def hosts_entries(text: str, name: str) -> list[str]:
    """Return the addresses that a hosts file gives for a name."""
    found = []
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if name in (each.lower().rstrip(".") for each in names):
            found.append(normal(address))
    return found


# --- Questions to DNS servers ---

_TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "AAAA": 28, "OPT": 41}
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_EXTENDED_ERROR = 15
_BLOCKING = (15, 16, 17)
"""Extended errors of RFC 8914: blocked, censored, filtered."""
_DNS_PORT = 53
_DNS_SECONDS = 2.0
_SLOW_SECONDS = 0.9
"""A DNS server that does not answer is given up after a second or more."""
_POINTERS_MAX = 32
_SIBLING = "pinekeep-check-0000000"
"""A name that no index has; the wildcard record of the private zone answers for it."""


class Answer:
    """The answer of one DNS server for a name.

    Attributes:
        server: its address.
        status: the response code, or ``timeout``, ``unreachable`` or ``malformed``.
        addresses: A and AAAA.
        authoritative: whether the server says so of itself.
        aliases: the names that CNAME records lead to.
        zone: the zone that says there is no record, by its SOA; empty where it says nothing.
        reasons: texts of extended errors.
        blocked: whether an extended error says that the server, not the zone, took the answer away.
    """

    __slots__ = ("addresses", "aliases", "authoritative", "blocked", "reasons", "server", "status", "zone")

    def __init__(self, server: str, status: str) -> None:
        self.server = server
        self.status = status
        self.addresses: list[str] = []
        self.aliases: list[str] = []
        self.authoritative = False
        self.zone = ""
        self.reasons: list[str] = []
        self.blocked = False

    @property
    def answered(self) -> bool:
        """Whether the server answered at all."""
        return self.status not in ("timeout", "unreachable", "malformed")

    @property
    def private(self) -> bool:
        """Whether it has private addresses."""
        return any(kind_of(address) == "private" for address in self.addresses)

    @property
    def text(self) -> str:
        """The answer in words."""
        parts = [
            listed(self.addresses) if self.addresses else "no address" if self.status == "NOERROR" else self.status
        ]
        if self.aliases:
            parts.append(f"alias of {self.aliases[-1]}")
        if self.zone and not self.addresses:
            parts.append(f"by the zone {self.zone}")
        return f"{self.server}: {listed([*parts, *self.reasons])}"


def ask(server: str, name: str, seconds: float) -> Answer:
    """Ask a DNS server for A and AAAA of a name. Raises nothing."""
    tasks = [Task(lambda kind=kind: _ask(server, name, kind, seconds)) for kind in ("A", "AAAA")]
    answers = []
    for task in tasks:
        try:
            answer = task.result(2 * seconds + 1)
        except (TimeoutError, OSError) as error:
            answer = Answer(server, "timeout" if isinstance(error, (TimeoutError, socket.timeout)) else "unreachable")
        except (IndexError, ValueError):
            answer = Answer(server, "malformed")
        assert isinstance(answer, Answer)  # noqa: S101 - for the type checker
        answers.append(answer)
    first, second = answers
    # The answer for A decides: that for AAAA may be another one, from elsewhere.
    merged = first if first.answered or not second.answered else second
    merged.addresses = first.addresses + [each for each in second.addresses if each not in first.addresses]
    merged.aliases = first.aliases or second.aliases
    return merged


def ask_all(servers: Sequence[str], name: str, seconds: float) -> list[Answer]:
    """Ask DNS servers at once, and return their answers in the same order."""
    tasks = [Task(lambda server=server: ask(server, name, seconds)) for server in servers]
    found = [task.result(4 * seconds + 4) for task in tasks]
    return [each for each in found if isinstance(each, Answer)]


def _ask(server: str, name: str, kind: str, seconds: float) -> Answer:
    number = int.from_bytes(os.urandom(2), "big")
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    question = labels + b"\0" + _TYPES[kind].to_bytes(2, "big") + b"\0\1"
    # Recursion desired; one question, and one OPT record with room for 1232 bytes.
    query = number.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\1" + question + b"\0\0\x29\x04\xd0\0\0\0\0\0\0"
    family, _, _, _, place = socket.getaddrinfo(server, _DNS_PORT, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[
        0
    ]
    data = _exchange(family, place, query, question, seconds)
    if data[2] & 2:  # truncated
        data = _exchange_by_tcp(family, place, query, seconds)
        if data[:2] != query[:2]:
            raise ValueError
    return parse_answer(server, data)


def _exchange(family: int, place: tuple[object, ...], query: bytes, question: bytes, seconds: float) -> bytes:
    with socket.socket(family, socket.SOCK_DGRAM) as channel:
        channel.connect(place)
        until = time.monotonic() + seconds
        # One repetition: a datagram may be lost.
        for part in (until - seconds / 2, until):
            channel.send(query)
            while (left := part - time.monotonic()) > 0:
                channel.settimeout(left)
                try:
                    data = channel.recv(4096)
                except socket.timeout:
                    break
                if data[:2] == query[:2] and len(data) > 11 and data[2] & 128 and question.lower() in data.lower():  # noqa: PLR2004
                    return data
    raise TimeoutError


def _exchange_by_tcp(family: int, place: tuple[object, ...], query: bytes, seconds: float) -> bytes:
    with socket.socket(family, socket.SOCK_STREAM) as channel:
        channel.settimeout(seconds)
        channel.connect(place)
        channel.sendall(len(query).to_bytes(2, "big") + query)
        size = int.from_bytes(_receive(channel, 2), "big")
        return _receive(channel, size)


def _receive(channel: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = channel.recv(size - len(data))
        if not part:
            raise ValueError
        data += part
    return data


def parse_answer(server: str, data: bytes) -> Answer:
    """Read a DNS message. Raises ValueError or IndexError if it is malformed."""
    answer = Answer(server, _RCODES.get(data[3] & 15, f"RCODE {data[3] & 15}"))
    answer.authoritative = bool(data[2] & 4)
    counts = [int.from_bytes(data[place : place + 2], "big") for place in (4, 6, 8, 10)]
    place = 12
    for _ in range(counts[0]):
        place = _name(data, place)[1] + 4
    for number in range(sum(counts[1:])):
        owner, place = _name(data, place)
        kind = int.from_bytes(data[place : place + 2], "big")
        size = int.from_bytes(data[place + 8 : place + 10], "big")
        start = place + 10
        value = data[start : start + size]
        if len(value) != size:
            raise ValueError
        place = start + size
        if number < counts[1] and kind in (_TYPES["A"], _TYPES["AAAA"]) and size in (4, 16):
            answer.addresses.append(socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, value))  # noqa: PLR2004
        elif number < counts[1] and kind == _TYPES["CNAME"]:
            answer.aliases.append(_name(data, start)[0])
        elif kind == _TYPES["SOA"]:
            answer.zone = owner or "."
        elif kind == _TYPES["OPT"]:
            for code, text in _extended_errors(value):
                answer.blocked = answer.blocked or code in _BLOCKING
                answer.reasons.append(f"extended error {code}" + (f" ({clean(text)})" if text else ""))
    return answer


def _name(data: bytes, place: int) -> tuple[str, int]:
    """Return the name at a place of a DNS message, and the place after it."""
    labels: list[str] = []
    end = 0
    for _ in range(_POINTERS_MAX * 8):
        size = data[place]
        if size & 192 == 192:  # noqa: PLR2004 - a pointer
            end = end or place + 2
            place = (size & 63) << 8 | data[place + 1]
        elif size:
            labels.append(clean(data[place + 1 : place + 1 + size].decode("ascii", "replace")).lower())
            place += 1 + size
        else:
            return ".".join(labels), end or place + 1
    raise ValueError


def _extended_errors(options: bytes) -> list[tuple[int, str]]:
    """Return the extended errors among the options of an OPT record: number and text."""
    found: list[tuple[int, str]] = []
    place = 0
    while place + 4 <= len(options):
        code, size = (int.from_bytes(options[at : at + 2], "big") for at in (place, place + 2))
        if code == _EXTENDED_ERROR:
            text = options[place + 6 : place + 4 + size].decode("utf-8", "replace")
            number = int.from_bytes(options[place + 4 : place + 6], "big")
            found.append((number, text))
        place += 4 + size
    return found


# --- The report ---


class Step:
    """One step of the check.

    Attributes:
        name: its stable name.
        status: ``ok``, ``note``, ``failed`` or ``skipped``.
        code: the verdict of a step that failed, or the name of a note.
        found: what was seen.
        fix: how to fix it, or None.
        seconds: how long it took.
    """

    __slots__ = ("code", "fix", "found", "name", "seconds", "status")

    def __init__(
        self, name: str, status: str, found: str, *, code: str = "", fix: str | None = None, seconds: float = 0.0
    ) -> None:
        self.name = name
        self.status = status
        self.code = code or status
        self.found = found
        self.fix = fix
        self.seconds = seconds

    def as_json(self) -> dict[str, object]:
        """Return the step for JSON."""
        return {
            "step": self.name,
            "status": self.status,
            "code": self.code,
            "found": self.found,
            "fix": self.fix,
            "seconds": round(self.seconds, 4),
        }


class Report:
    """The result of the check.

    Attributes:
        host: the private host.
        steps: in their order.
        addresses: what the private name resolves to.
        request_made: whether a request with the API key was sent.
    """

    __slots__ = ("addresses", "host", "request_made", "steps")

    def __init__(self, host: Host) -> None:
        self.host = host
        self.steps: list[Step] = []
        self.addresses: list[str] = []
        self.request_made = False

    @property
    def failure(self) -> Step | None:
        """The first step that failed."""
        return next((step for step in self.steps if step.status == "failed"), None)

    @property
    def passed(self) -> bool:
        """Whether no step failed."""
        return self.failure is None

    @property
    def verdict(self) -> str:
        """The code of the verdict: ``ok``, or a key of ``VERDICTS``."""
        return self.failure.code if self.failure else "ok"

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        if self.failure:
            return VERDICTS[self.failure.code][0]
        if self.request_made:
            return "This client reaches the index through private addresses, and Pinecone accepts the API key"
        return (
            f"This client reaches the index through private addresses; no request was made, {KEY_VARIABLE} is not set"
        )

    def as_json(self) -> dict[str, object]:
        """Return the report for JSON."""
        return {
            "version": VERSION,
            "passed": self.passed,
            "verdict": self.verdict,
            "summary": self.summary,
            "fix": self.failure.fix if self.failure else None,
            "host": self.host.name,
            "region": self.host.region,
            "addresses": self.addresses,
            "request_made": self.request_made,
            "steps": [step.as_json() for step in self.steps],
        }

    def lines(self, mark: Callable[[str], str]) -> Iterable[str]:
        """Yield the report as text. ``mark``: shows a status."""
        yield self.host.name
        for step in self.steps:
            took = f" ({step.seconds * 1000:.0f} ms)" if step.seconds else ""
            yield f"  {mark(step.status)} {step.name}: {step.found}{took}"
            if step.fix and step.status != "ok":
                yield f"      {'fix' if step.status == 'failed' else 'what to do'}: {step.fix}"
        yield f"verdict: {self.verdict}: {self.summary}"


# --- The steps ---


def check(options: Options) -> Report:
    """Check the way from this client to the index. Raises InputError if the file of authorities cannot be used."""
    host = options.host
    report = Report(host)
    # While the operating system looks the names up, ssl is imported, which takes longest.
    lookup = Task(lambda: system_lookup(host.name))
    endpoint = [
        (name, Task(lambda name=name: system_lookup(name))) for name in options.endpoint if not _is_address(name)
    ]
    context = _context(options.ca_file, whole_store=False)

    report.steps.append(_host_step(host))
    found = await_lookup(lookup, options.seconds)
    known = [normal(each) for each in options.endpoint if _is_address(each)]
    unknown = []
    for name, task in endpoint:
        own = await_lookup(task, options.seconds)
        known += own.addresses
        if not own.addresses:
            unknown.append(name)
    report.addresses = found.addresses
    names = _Names(options, found, known, unknown)
    addresses = names.step()
    report.steps += [names.resolver_step(), addresses]
    if unknown and addresses.status != "failed":
        addresses.status, addresses.code = "note", "endpoint-name"
        addresses.found += f"; the endpoint's name {listed(unknown)} does not resolve, so nothing was compared with it"
        addresses.fix = "check the name, or give the addresses of the endpoint's network interfaces"
    targets = [each for each in found.addresses if each in known or kind_of(each) == "private"]
    attempts = _attempts([] if addresses.code == "search-domain" else targets, options, context)
    report.steps += [
        _connection_step(attempts, options),
        _certificate_step(attempts, options),
        _proxy_step(host, options.port),
    ]
    report.steps.append(_request_step(attempts, options, report))
    for attempt in attempts:
        attempt.close()
    return report


def _verdict(code: str, step: str, found: str, host: Host, *, port: int = PORT, seconds: float = 0.0) -> Step:
    fix = VERDICTS[code][1].format(zone=host.zone, port=port)
    return Step(step, "failed", found, code=code, fix=fix, seconds=seconds)


def _host_step(host: Host) -> Step:
    found = listed([f"{host.name} ({host.region or 'environment ' + host.environment})", *host.remarks])
    if host.region:
        return Step("host", "ok", found)
    return Step(
        "host",
        "note",
        f"{found}: private endpoints were not documented for this environment on {CHECKED}",
        code="unknown-environment",
        fix="compare it with `private_host` of the index; documented are " + listed(ENVIRONMENTS.values()),
    )


class _Names:
    """The steps of name resolution."""

    def __init__(self, options: Options, found: Lookup, known: Sequence[str], unknown: Sequence[str]) -> None:
        self.options = options
        self.host = options.host
        self.found = found
        self.known = known
        self.unknown = unknown
        self.hosts = hosts_entries(_read(hosts_file()), self.host.name)
        self.resolver = resolver_of_this_machine(thorough=False)
        self.answers: list[Answer] = []

    def resolver_step(self) -> Step:
        """Say who resolves names here."""
        if self.resolver.servers:
            found = f"DNS servers {listed(self.resolver.servers)} ({self.resolver.source})"
        else:
            found = f"the resolver of {self.resolver.source}"
        if self.resolver.search:
            found += f", search domains {clean(listed(self.resolver.search))}"
        if self.answers:
            found += "; asked directly: " + "; ".join(answer.text for answer in self.answers)
        if self.hosts:
            return Step(
                "resolver",
                "note",
                f"{hosts_file()} gives {listed(self.hosts)} for this name, before any DNS server; {found}",
                code="hosts-file",
                fix=f"remove the name from {hosts_file()}: the addresses of an endpoint change when it is replaced",
            )
        return Step("resolver", "ok", found)

    def step(self) -> Step:
        """Judge the addresses."""
        found = self.found
        kinds = {address: "endpoint" if address in self.known else kind_of(address) for address in found.addresses}
        if found.addresses and self._by_search_domain():
            return self._failed("search-domain", f"{clean(found.canonical)} answers: {listed(found.addresses)}")
        code = self._code(kinds) if kinds else self._reason()
        if code:
            if kinds:
                self._ask()
                text = listed(f"{address} ({kind})" for address, kind in kinds.items())
            else:
                text = f"{self.host.name} does not resolve: {found.error}"
            return self._failed(code, text)
        if self.options.resolvers:
            self._ask()
        text = listed(found.addresses)
        text += ", all of the endpoint" if self.known else ", all private"
        if found.seconds >= _SLOW_SECONDS:
            self._ask()
            fix = "a DNS server that is asked before the one with the answer is silent: remove it, or allow this client"
            return Step("addresses", "note", text, code="slow-resolver", fix=fix, seconds=found.seconds)
        return Step("addresses", "ok", text, seconds=found.seconds)

    def _failed(self, code: str, found: str) -> Step:
        step = _verdict(code, "addresses", found, self.host, seconds=self.found.seconds)
        if self.hosts and code in ("public-address", "blocked-address", "not-the-endpoint"):
            step.fix = f"remove {self.host.name} from {hosts_file()}"
        elif code != "system-resolver" and (server := self._elsewhere()):
            step.fix = f"{server} has private addresses for the name: forward {self.host.zone} to it. Or {step.fix}"
        return step

    def _code(self, kinds: dict[str, str]) -> str | None:
        """Return the verdict on addresses, or None if they are in order."""
        values = set(kinds.values())
        if "blocked" in values or "link-local" in values:
            return "blocked-address"
        if "public" in values:
            others = {kind for address, kind in kinds.items() if ":" not in address}
            return "public-ipv6" if others and others <= {"private", "endpoint"} else "public-address"
        return "not-the-endpoint" if self.known and values != {"endpoint"} else None

    def _by_search_domain(self) -> bool:
        name = self.found.canonical.lower().rstrip(".")
        return name.startswith(self.host.name + ".")

    def _ask(self) -> None:
        """Ask the DNS servers themselves, which say more than the operating system does."""
        self.resolver = resolver_of_this_machine(thorough=True)
        servers = self.resolver.servers[:3]
        servers += [each for each in self.options.resolvers if each not in servers]
        self.answers = ask_all(servers, self.host.name, min(self.options.seconds, _DNS_SECONDS))

    def _reason(self) -> str:
        """Return why the name does not resolve."""
        self._ask()
        configured = [each for each in self.answers if each.server in self.resolver.servers]
        first = next((each for each in configured if each.answered), None)
        if not configured:
            return "unresolved"
        if first is None or (self.found.timed_out and not configured[0].answered):
            return "dns-timeout"
        if first.addresses:
            return "system-resolver"
        if first.status == "NXDOMAIN":
            if first.aliases:
                return "dangling-alias"
            if first.zone == self.host.zone or first.zone.endswith("." + self.host.zone):
                return "record-missing"
            return "nxdomain" if self.host.region else "no-private-link"
        if self._guarded(first):
            return "rebinding-guard"
        return {"NOERROR": "nodata", "REFUSED": "dns-refused"}.get(first.status, "dns-servfail")

    def _guarded(self, answer: Answer) -> bool:
        """Return whether an answer without addresses is that of a guard against rebinding.

        It is if the server says so, if another server has a private address, or if the same happens to the name of
        the endpoint, which is public. It is likely if the answer lacks what belongs to the answer for a name that has
        no address (the SOA record, or authority), every other name of the zone is emptied too, and the public name
        resolves.
        """
        emptied = answer.status == "NOERROR"
        if answer.status not in ("NOERROR", "SERVFAIL"):
            return False
        if emptied and (answer.blocked or any(each.private for each in self.answers if each is not answer)):
            return True
        seconds = min(self.options.seconds, _DNS_SECONDS)
        public = ask(answer.server, self.host.public, seconds)
        for name in self.unknown:
            own = ask(answer.server, name, seconds)
            if own.status == answer.status and not own.addresses and public.addresses:
                return True
        if not emptied or answer.zone or answer.authoritative or not public.addresses:
            return False
        sibling = ask(answer.server, f"{_SIBLING}.svc.{self.host.zone}", seconds)
        return sibling.status == "NOERROR" and not sibling.addresses

    def _elsewhere(self) -> str:
        """Return a DNS server that has private addresses for the name, or nothing."""
        return next((each.server for each in self.answers if each.private), "")


# --- Connection and TLS ---


def _context(ca_file: str | None, *, whole_store: bool = True) -> ssl.SSLContext:
    """Return what verifies certificates.

    ``whole_store``: load all authorities of the machine, which takes longer than the rest of the check. Otherwise they
    are looked up one by one in the store's directory, if there is one; not every machine has all of them there.
    """
    import ssl  # noqa: PLC0415

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    directory = None if whole_store else ssl.get_default_verify_paths().capath
    try:
        if ca_file is not None:
            context.load_verify_locations(ca_file)
        elif directory:
            context.load_verify_locations(capath=directory)
        else:
            context.load_default_certs()
    except OSError as error:  # ssl.SSLError is one
        fix = "give a file of certificates in PEM form"
        raise InputError(f"--ca-file {shown(str(ca_file))} cannot be used: {clean(str(error))}", fix) from None
    return context


class Attempt:
    """A connection to one address.

    Attributes:
        address: the address.
        channel: the TLS connection; None if there is none.
        failure: the verdict on the connection, or empty.
        tls_failure: the verdict on TLS, or empty.
        detail: what was seen.
        issuer: the organization or name of the certificate's issuer.
        seconds: the time of the connection.
        tls_seconds: the time of the handshake.
    """

    __slots__ = ("address", "channel", "detail", "failure", "issuer", "seconds", "tls_failure", "tls_seconds", "until")

    def __init__(self, address: str) -> None:
        self.address = address
        self.channel: ssl.SSLSocket | None = None
        self.failure = ""
        self.tls_failure = ""
        self.detail = ""
        self.issuer = ""
        self.until = ""
        self.seconds = 0.0
        self.tls_seconds = 0.0

    def close(self) -> None:
        """Close the connection."""
        if self.channel is not None:
            self.channel.close()


def _attempts(addresses: Sequence[str], options: Options, context: ssl.SSLContext) -> list[Attempt]:
    """Connect to each address, all at once."""
    tasks = [(each, Task(lambda address=each: _attempt(address, options, context))) for each in addresses]
    # Connecting and a handshake, at most three times, each within its own limit.
    until = time.monotonic() + 6 * options.seconds + 1
    found = []
    for address, task in tasks:
        try:
            attempt = task.result(until - time.monotonic())
        except TimeoutError:
            attempt = Attempt(address)
            attempt.tls_failure, attempt.detail = "tls-timeout", "the handshake does not end"
        assert isinstance(attempt, Attempt)  # noqa: S101 - for the type checker
        found.append(attempt)
    return found


def _connect(address: str, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    channel = socket.socket(family, socket.SOCK_STREAM)
    channel.settimeout(seconds)
    try:
        channel.connect((address, port))
    except BaseException:
        channel.close()
        raise
    return channel


def _attempt(address: str, options: Options, context: ssl.SSLContext) -> Attempt:
    attempt = Attempt(address)
    start = time.monotonic()
    try:
        channel = _connect(address, options.port, options.seconds)
    except OSError as error:
        attempt.failure, attempt.detail = _connection_failure(error)
        return attempt
    finally:
        attempt.seconds = time.monotonic() - start
    start = time.monotonic()
    try:
        attempt.channel = _handshake(channel, options, context)
    except (OSError, ValueError) as error:
        attempt.tls_failure, attempt.detail = _tls_failure(error, address, options)
    else:
        certificate = attempt.channel.getpeercert() or {}
        names = {key: value for part in certificate.get("issuer", ()) for key, value in part}
        attempt.issuer = clean(names.get("organizationName") or names.get("commonName") or "")
        attempt.until = clean(str(certificate.get("notAfter", "")))
    attempt.tls_seconds = time.monotonic() - start
    return attempt


def _handshake(channel: socket.socket, options: Options, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Begin TLS; if the certificate is not trusted, once more with all authorities of the machine."""
    import ssl  # noqa: PLC0415

    place = channel.getpeername()
    try:
        return context.wrap_socket(channel, server_hostname=options.host.name)
    except ssl.SSLCertVerificationError:
        channel.close()
        if options.ca_file is not None:
            raise
    except BaseException:
        channel.close()
        raise
    channel = _connect(place[0], options.port, options.seconds)
    try:
        return _context(None).wrap_socket(channel, server_hostname=options.host.name)
    except BaseException:
        channel.close()
        raise


def _connection_failure(error: OSError) -> tuple[str, str]:
    import errno  # noqa: PLC0415

    if isinstance(error, (socket.timeout, TimeoutError)) or error.errno == errno.ETIMEDOUT:
        return "timed-out", "timed out"
    if isinstance(error, ConnectionRefusedError):
        return "refused", "refused"
    return "unreachable", clean(error.strerror or str(error))


_X509 = {9: "certificate-expired", 10: "certificate-expired", 62: "certificate-name", 64: "certificate-name"}
"""Numbers of OpenSSL's verification errors: not yet valid, expired, another host name, another address."""


def _tls_failure(error: Exception, address: str, options: Options) -> tuple[str, str]:
    import ssl  # noqa: PLC0415

    if isinstance(error, ssl.SSLCertVerificationError):
        subject, issuer, names = _certificate(address, options)
        code = _X509.get(error.verify_code, "")
        if not code:
            # An authority of one's own that issues a certificate for this name is a proxy's.
            forged = any(_matches(name, options.host.name) for name in names) and issuer != subject
            code = "tls-inspection" if forged else "certificate-untrusted"
        whose = (
            f"for {clean(listed(names[:3])) or subject or 'unknown names'}, issued by {issuer or 'an unknown issuer'}"
        )
        return code, f"{clean(error.verify_message.rstrip('.'))}; the certificate is {whose}"
    if isinstance(error, (socket.timeout, TimeoutError)):
        return "tls-timeout", f"no handshake within {options.seconds:g} s"
    if isinstance(error, (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "tls-closed", "closed during the handshake"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        # What a server, or what stands in between, says of the name.
        told = "ALERT" in reason or "UNRECOGNIZED_NAME" in reason
        return ("tls-closed" if told else "not-tls"), clean(reason.replace("_", " ").lower())
    return "tls-closed", clean(str(error))


def _matches(pattern: str, name: str) -> bool:
    pattern = pattern.lower()
    if pattern.startswith("*."):
        return pattern[2:] == name.partition(".")[2]
    return pattern == name


def _certificate(address: str, options: Options) -> tuple[str, str, list[str]]:
    """Return subject, issuer and names of a certificate that was not accepted. No data is sent to its server."""
    import ssl  # noqa: PLC0415

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        # Nested, because Python 3.8 has no parentheses here.
        with _connect(address, options.port, options.seconds) as channel:
            with context.wrap_socket(channel, server_hostname=options.host.name) as tls:
                return read_certificate(tls.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError, IndexError):
        return "", "", []


_COMMON_NAME = b"\x55\x04\x03"
_ORGANIZATION = b"\x55\x04\x0a"
_ALTERNATIVE_NAMES = b"\x55\x1d\x11"
_DNS_NAME = 0x82
_CONTEXT_3 = 0xA3
_VERSION_TAG = 0xA0


def read_certificate(der: bytes) -> tuple[str, str, list[str]]:
    """Return subject, issuer and DNS names of a certificate in DER form. Raises ValueError or IndexError.

    Python decodes a certificate for a program only if it is trusted.
    """
    body = _items(_items(_items(der)[0][1])[0][1])
    if body[0][0] == _VERSION_TAG:
        body = body[1:]
    issuer, subject = body[2][1], body[4][1]
    names: list[str] = []
    for tag, value in body[6:]:
        if tag == _CONTEXT_3:
            for _, extension in _items(_items(value)[0][1]):
                parts = _items(extension)
                if parts[0][1] == _ALTERNATIVE_NAMES:
                    names = [
                        clean(each.decode("ascii", "replace"))
                        for kind, each in _items(_items(parts[-1][1])[0][1])
                        if kind == _DNS_NAME
                    ]
    return _distinguished(subject), _distinguished(issuer), names


def _distinguished(name: bytes) -> str:
    found = {}
    for _, part in _items(name):
        (_, kind), (_, value) = _items(_items(part)[0][1])[:2]
        found[kind] = clean(value.decode("utf-8", "replace"))
    both = [found[kind] for kind in (_COMMON_NAME, _ORGANIZATION) if kind in found]
    return " of ".join(both)


def _items(der: bytes) -> list[tuple[int, bytes]]:
    """Return the tags and values of DER in a row."""
    found = []
    place = 0
    while place < len(der):
        tag, size = der[place], der[place + 1]
        place += 2
        if size & 128:
            count = size & 127
            size = int.from_bytes(der[place : place + count], "big")
            place += count
        if place + size > len(der):
            raise ValueError
        found.append((tag, der[place : place + size]))
        place += size
    return found


def _connection_step(attempts: Sequence[Attempt], options: Options) -> Step:
    if not attempts:
        return Step("connection", "skipped", "there is no private address to connect to")
    failed = [each for each in attempts if each.failure]
    found = listed(f"{each.address} {each.detail if each.failure else 'connected'}" for each in attempts)
    found = f"port {options.port}: {found}"
    seconds = max(each.seconds for each in attempts)
    if not failed:
        return Step("connection", "ok", found, seconds=seconds)
    old = all(each.failure == "unreachable" and ":" in each.address for each in failed) and len(failed) < len(attempts)
    if old:
        fix = "nothing, if clients here use IPv4 alone; otherwise route IPv6 to the endpoint's subnets"
        return Step("connection", "note", found, code="ipv6-unreachable", fix=fix, seconds=seconds)
    step = _verdict(failed[0].failure, "connection", found, options.host, port=options.port, seconds=seconds)
    if len(failed) < len(attempts):
        step.fix = f"compare the subnets of {listed(each.address for each in failed)} with the others: {step.fix}"
    return step


def _certificate_step(attempts: Sequence[Attempt], options: Options) -> Step:
    connected = [each for each in attempts if not each.failure]
    if not connected:
        return Step("certificate", "skipped", "there is no connection")
    seconds = max(each.tls_seconds for each in connected)
    failed = next((each for each in connected if each.tls_failure), None)
    if failed:
        found = f"{failed.address}: {failed.detail}"
        return _verdict(failed.tls_failure, "certificate", found, options.host, seconds=seconds)
    first = connected[0]
    found = f"matches the name, issued by {first.issuer or 'an unknown issuer'}, valid until {first.until}"
    other = next((each.issuer for each in connected if not each.issuer.startswith(PUBLIC_ISSUERS)), None)
    if other is None:
        return Step("certificate", "ok", found, seconds=seconds)
    return Step(
        "certificate",
        "note",
        found,
        code="private-issuer",
        fix=f"if {other or 'the issuer'} is your organization, a TLS-inspecting proxy reads the data: exempt "
        f"*.{options.host.zone} from inspection",
        seconds=seconds,
    )


# --- Proxies ---


def _proxies() -> tuple[str, str]:
    """Return the proxy for HTTPS and the exceptions, as clients find them; both may be empty."""
    if sys.platform in ("win32", "darwin"):
        from urllib.request import getproxies  # noqa: PLC0415 - the settings of the system beside the environment

        found = getproxies()
        return found.get("https") or found.get("all") or "", found.get("no") or ""
    values = [os.environ.get(each, "") for each in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")]
    return next(filter(None, values), ""), os.environ.get("no_proxy", "") or os.environ.get("NO_PROXY", "")


def exempt(name: str, port: int, exceptions: str) -> bool:
    """Return whether a name is exempt from the proxy, by the value of NO_PROXY."""
    for each in exceptions.lower().replace(" ", ",").split(","):
        pattern, _, at = each.strip().partition(":")
        if at and at != str(port):
            continue
        pattern = pattern.lstrip("*").strip(".") if pattern != "*" else pattern
        if pattern and (pattern in ("*", name) or name.endswith("." + pattern)):
            return True
    return False


def _proxy_step(host: Host, port: int) -> Step:
    proxy, exceptions = _proxies()
    if not proxy:
        return Step("proxy", "ok", "none is set")
    # A proxy's address may hold a password.
    where = clean(proxy.rpartition("@")[2].rpartition("//")[2])
    if exempt(host.name, port, exceptions):
        return Step("proxy", "ok", f"{where} is set, and the private name is exempt from it")
    return Step(
        "proxy",
        "note",
        f"HTTPS_PROXY is set to {where}: clients that honour it bypass the endpoint; this check does not use it",
        code="proxy",
        fix=f"add .{host.zone} to NO_PROXY",
    )


# --- The request ---

_ANSWER_MAX = 65536


def _request_step(attempts: Sequence[Attempt], options: Options, report: Report) -> Step:
    if options.api_key is None:
        return Step("request", "skipped", f"no request was made: {KEY_VARIABLE} is not set")
    sound = next((each for each in attempts if each.channel is not None), None)
    if report.failure or sound is None or sound.channel is None:
        return Step("request", "skipped", "no request was made: a step before it failed")
    report.request_made = True
    start = time.monotonic()
    try:
        head, body = _request(sound.channel, options)
    except OSError as error:
        late = isinstance(error, (socket.timeout, TimeoutError))
        found = f"no answer within {options.seconds:g} s" if late else clean(str(error))
        code = "no-answer" if late else "not-http"
        return _verdict(code, "request", found, options.host, seconds=time.monotonic() - start)
    seconds = time.monotonic() - start
    words = head.split(" ", 2)
    if not words[0].startswith("HTTP/1.") or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004
        return _verdict("not-http", "request", clean(head) or "an empty answer", options.host, seconds=seconds)
    status = int(words[1])
    # An answer could repeat what it was sent.
    said = clean(" ".join(words[1:]) + (f": {body[:_TEXT_MAX]}" if status >= 300 and body else ""))  # noqa: PLR2004
    found = f"POST {REQUEST_PATH}: {said.replace(options.api_key, '***')}"
    if 200 <= status < 300:  # noqa: PLR2004
        return Step("request", "ok", found, seconds=seconds)
    code = {401: "unauthorized", 403: "forbidden"}.get(status, "http-error")
    return _verdict(code, "request", found, options.host, seconds=seconds)


def _request(channel: ssl.SSLSocket, options: Options) -> tuple[str, str]:
    """Ask for the statistics of the index; return the status line and the body."""
    name = options.host.name + ("" if options.port == PORT else f":{options.port}")
    lines = (
        f"POST {REQUEST_PATH} HTTP/1.1",
        f"Host: {name}",
        f"Api-Key: {options.api_key}",
        f"X-Pinecone-Api-Version: {API_VERSION}",
        "User-Agent: pinekeep-client-check",
        "Accept: application/json",
        "Content-Type: application/json",
        "Content-Length: 2",
        "Connection: close",
    )
    until = time.monotonic() + options.seconds
    channel.settimeout(options.seconds)
    channel.sendall(("\r\n".join(lines) + "\r\n\r\n{}").encode("ascii"))
    data = b""
    while len(data) < _ANSWER_MAX:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        part = channel.recv(16384)
        if not part:
            break
        data += part
        if _complete(data):
            break
    head, _, body = data.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0].decode("latin-1"), body.decode("utf-8", "replace").strip()


def _complete(data: bytes) -> bool:
    """Return whether an answer is whole, so that nothing waits for the server to close the connection."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return len(body) >= int(value)
    return body.endswith(b"0\r\n\r\n")


# --- The command ---

MARKS = {"ok": "✓", "note": "•", "failed": "✗", "skipped": "-"}
PLAIN_MARKS = {"ok": "ok  ", "note": "note", "failed": "FAIL", "skipped": "skip"}


def mark(status: str) -> str:
    """Return a status as a mark, or as a word where stdout cannot encode the mark."""
    try:
        MARKS[status].encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN_MARKS[status]
    return MARKS[status]


def _write_json(value: object) -> None:
    import json  # noqa: PLC0415

    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def _refuse(error: InputError, *, as_json: bool) -> int:
    sys.stderr.write(f"error: {error.message}\n\nhint: {error.fix}\n")
    if as_json:
        _write_json({"error": error.message, "hint": error.fix, "exit_code": 2, "problems": []})
    return 2


# A plain reading of the options, because importing argparse takes as long as connecting.

USAGE = f"""\
usage: python3 pinekeep_client_check.py --host HOST [options]

{__doc__}
options:
  --host HOST                 the host of the index, public or private, or a file with its description as JSON
  --endpoint-address ADDRESS  an address or the DNS name of the endpoint, to compare with; repeat for several
  --endpoint-ip ADDRESS       the same
  --resolver ADDRESS          another DNS server to ask, to compare with; repeat for several
  --timeout SECONDS           the time limit of each step [default: 5]
  --ca-file FILE              certificate authorities to trust in place of the machine's, in PEM form
  --port PORT                 another port than {PORT}, for tests
  --json                      write the result as JSON
  --help                      show this
"""
_ONCE = {"--host": "host", "--timeout": "timeout", "--port": "port", "--ca-file": "ca_file"}
_REPEATED = {"--endpoint-address": "endpoint", "--endpoint-ip": "endpoint", "--resolver": "resolvers"}


def read_arguments(arguments: Sequence[str]) -> Options:
    """Return the options of a command line, without ``--json``. Raises InputError."""
    fix = "`--help` shows the usage"
    once: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name not in _ONCE and name not in _REPEATED:
            raise InputError(f"unknown argument {shown(name)}", fix)
        if not equals:
            if not rest or rest[0].startswith("--"):
                raise InputError(f"{name} needs a value", fix)
            value = rest.pop(0)
        if name in _REPEATED:
            repeated.setdefault(_REPEATED[name], []).append(value)
        elif _ONCE[name] in once:
            raise InputError(f"{name} is given twice and takes one value", fix)
        else:
            once[_ONCE[name]] = value
    if "host" not in once:
        raise InputError("--host is missing", fix)
    return Options(
        host=once["host"],
        endpoint=repeated.get("endpoint", ()),
        resolvers=repeated.get("resolvers", ()),
        timeout=once.get("timeout", DEFAULT_TIMEOUT),
        port=once.get("port", str(PORT)),
        ca_file=once.get("ca_file"),
        api_key=os.environ.get(KEY_VARIABLE),
    )


def main(arguments: Sequence[str]) -> int:
    """Run the check and return the exit code."""
    if "--help" in arguments or "-h" in arguments:
        sys.stdout.write(USAGE)
        return 0
    as_json = "--json" in arguments
    try:
        report = check(read_arguments([each for each in arguments if each != "--json"]))
    except InputError as error:
        return _refuse(error, as_json=as_json)
    if as_json:
        _write_json(report.as_json())
    else:
        sys.stdout.write("\n".join(report.lines(mark)) + "\n")
    sys.stdout.flush()
    return 0 if report.passed else 1


if __name__ == "__main__":
    gc.disable()  # it ends before there is garbage
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of the output has closed it; Python would say so again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
