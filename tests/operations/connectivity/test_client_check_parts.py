"""The parts of the client check that need no network."""

import ast
import random
import ssl
import string
import sys
from pathlib import Path

import pytest

from pinekeep.model.facts import pinecone, pinecone_api
from pinekeep.operations.connectivity import client_check
from pinekeep.operations.connectivity.client_check import (
    exempt,
    hosts_entries,
    kind_of,
    parse_answer,
    parse_powershell,
    parse_resolv_conf,
    parse_resolvectl,
    parse_scutil,
    read_certificate,
)
from tests.operations.connectivity import certificates

SOURCE = Path(client_check.__file__).read_text(encoding="utf-8")
TREE = ast.parse(SOURCE)

# --- The file by itself ---


def test_it_carries_the_facts() -> None:
    zones = {region: each.private_zone for region, each in pinecone.PRIVATE_LINK.items()}
    assert {region: f"private.{each}.pinecone.io" for each, region in client_check.ENVIRONMENTS.items()} == zones
    assert pinecone.PRIVATE_ENDPOINTS_PAGE.checked.isoformat() == client_check.CHECKED
    assert pinecone.PRIVATE_ENDPOINT_PORT == client_check.PORT
    assert (pinecone_api.STATS_METHOD, pinecone_api.STATS_PATH) == ("POST", client_check.REQUEST_PATH)
    assert pinecone_api.STATS_API_VERSION == client_check.API_VERSION
    assert f"https://{client_check.CONTROL_PLANE}" == pinecone_api.API_HOST


def test_it_is_python_3_8() -> None:
    ast.parse(SOURCE, feature_version=(3, 8))


def test_its_output_is_ascii_but_for_the_marks() -> None:
    assert {character for character in SOURCE if not character.isascii()} == {"✓", "•", "✗"}


def test_it_imports_only_the_standard_library() -> None:
    found = {
        name.split(".")[0]
        for node in ast.walk(TREE)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or "."] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert found <= set(sys.stdlib_module_names)


def test_every_verdict_can_be_filled_in_and_is_used() -> None:
    used = {node.value for node in ast.walk(TREE) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for code, (meaning, fix) in client_check.VERDICTS.items():
        assert code in used
        assert not meaning.endswith(".")
        filled = fix.format(zone="ZONE", port=443)
        assert "{zone}" not in filled
        assert "{port}" not in filled
    assert SOURCE.count('"dns-timeout"') == 2


# --- Addresses ---


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.1", "public"),
        ("192.168.1.1", "private"),
        ("192.169.1.1", "public"),
        ("100.64.0.1", "private"),
        ("100.127.255.254", "private"),
        ("100.128.0.1", "public"),
        ("fd00::1", "private"),
        ("fc00::1", "private"),
        ("fe00::1", "public"),
        ("2600::1", "public"),
        ("127.0.0.1", "blocked"),
        ("0.0.0.0", "blocked"),  # noqa: S104 - an answer
        ("::", "blocked"),
        ("::1", "blocked"),
        ("::2", "public"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::8.8.8.8", "public"),
        ("::ffff:10.0.0.1", "private"),
        ("8.8.8.8", "public"),
    ],
)
def test_the_kind_of_an_address(address: str, kind: str) -> None:
    assert kind_of(address) == kind


# --- The configuration of resolvers ---


def test_resolv_conf() -> None:
    found = parse_resolv_conf(
        "# made\nnameserver 10.0.0.2 # first\nnameserver fe80::1%eth0\nnameserver junk\nnameserver 10.0.0.2\n"
        "search Corp.Example. svc.cluster.local\noptions ndots:5\nnameserver\n;nameserver 1.1.1.1\n"
    )
    assert found.servers == ["10.0.0.2", "fe80::1%eth0"]
    assert found.search == ["corp.example", "svc.cluster.local"]


def test_resolvectl() -> None:
    text = "Global: 1.1.1.1#cloudflare-dns.com\nLink 2 (eth0): 10.0.0.2 fe80::1%2\nLink 3 (docker0):\n"
    assert parse_resolvectl(text).servers == ["1.1.1.1", "10.0.0.2", "fe80::1%2"]


def test_scutil() -> None:
    text = (
        "DNS configuration\n\nresolver #1\n  search domain[0] : Corp.example\n  nameserver[0] : 10.0.0.2\n"
        "  nameserver[1] : fd00::2\n  flags    : Request A records\n\nresolver #2\n  domain   : local\n"
        "  options  : mdns\n\nresolver #3\n  nameserver[0] : 10.0.0.2\n"
    )
    found = parse_scutil(text)
    assert (found.servers, found.search) == (["10.0.0.2", "fd00::2"], ["corp.example"])


def test_powershell() -> None:
    assert parse_powershell("10.0.0.2\r\nfec0:0:0:ffff::1\r\n\r\n2001:db8::2\r\n").servers == [
        "10.0.0.2",
        "2001:db8::2",
    ]


@pytest.mark.parametrize(
    ("platform", "output", "servers"),
    [
        ("win32", "10.0.0.7\r\n", ["10.0.0.7"]),
        ("darwin", "  nameserver[0] : 10.0.0.8\n", ["10.0.0.8"]),
        ("linux", "Link 2 (eth0): 10.0.0.9\n", ["127.0.0.53", "10.0.0.9"]),
    ],
)
def test_each_system_is_asked_in_its_own_way(
    monkeypatch: pytest.MonkeyPatch, platform: str, output: str, servers: list[str]
) -> None:
    asked: list[list[str]] = []

    def answer(command: list[str]) -> str:
        asked.append(command)
        return output

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(client_check, "_output", answer)
    monkeypatch.setattr(client_check, "_read", lambda _: "nameserver 127.0.0.53\n")
    quick = client_check.resolver_of_this_machine(thorough=False)
    assert asked == []
    assert quick.servers == ([] if platform == "win32" else ["127.0.0.53"])
    assert client_check.resolver_of_this_machine(thorough=True).servers == servers
    assert [command[0] for command in asked] == [
        {"win32": "powershell", "darwin": "scutil", "linux": "resolvectl"}[platform]
    ]


@pytest.mark.process
def test_a_command_that_is_missing_says_nothing() -> None:
    assert client_check._output(["pinekeep-no-such-command"]) == ""


def test_hosts() -> None:
    text = "127.0.0.1 localhost\n10.0.0.1 a.example B.example. # b\n# 10.0.0.2 b.example\n\nfd00:0::1\tb.EXAMPLE\n"
    assert hosts_entries(text, "b.example") == ["10.0.0.1", "fd00::1"]


@pytest.mark.parametrize(
    ("exceptions", "expected"),
    [
        ("", False),
        ("*", True),
        ("pinecone.io", True),
        (".pinecone.io", True),
        ("*.pinecone.io", True),
        ("localhost, x.svc.pinecone.io:443", True),
        ("x.svc.pinecone.io:8443", False),
        ("cone.io", False),
        (",,", False),
        ("10.0.0.0/8", False),
    ],
)
def test_exceptions_from_the_proxy(exceptions: str, expected: bool) -> None:
    assert exempt("x.svc.pinecone.io", 443, exceptions) is expected


# --- Messages of DNS servers ---


def message(*, counts: tuple[int, int, int, int] = (0, 0, 0, 0), rest: bytes = b"", rcode: int = 0) -> bytes:
    return b"\0\0\x80" + bytes([rcode]) + b"".join(each.to_bytes(2, "big") for each in counts) + rest


def test_pointers_that_never_end_are_malformed() -> None:
    with pytest.raises((ValueError, IndexError)):
        parse_answer("10.0.0.2", message(counts=(1, 0, 0, 0), rest=b"\xc0\x0c\0\1\0\1"))


def test_a_record_that_is_longer_than_the_message_is_malformed() -> None:
    with pytest.raises(ValueError):
        parse_answer("10.0.0.2", message(counts=(0, 1, 0, 0), rest=b"\0\0\1\0\1\0\0\0\0\xff\xff"))


def test_names_and_reasons_are_shown_without_what_is_not_printable() -> None:
    option = b"\0\x0f\0\x07\0\x0f\x1b[2Jx"
    opt = b"\0\0\x29\4\xd0\0\0\0\0" + len(option).to_bytes(2, "big") + option
    soa = b"\4\x1b[2J\0\0\6\0\1\0\0\0\0\0\0"
    answer = parse_answer("10.0.0.2", message(counts=(0, 0, 1, 1), rest=soa + opt, rcode=9))
    assert answer.blocked
    assert answer.text == "10.0.0.2: RCODE 9, by the zone ?[2j, extended error 15 (?[2Jx)"


def test_no_message_does_worse_than_being_malformed() -> None:
    source = random.Random(10)  # noqa: S311 - the same bytes in each run
    for _ in range(3000):
        head = message(counts=(source.randrange(3), source.randrange(3), source.randrange(3), source.randrange(3)))
        data = head + source.randbytes(source.randrange(80))
        try:
            parse_answer("10.0.0.2", data)
        except (ValueError, IndexError):
            continue


# --- Certificates ---


@pytest.mark.process
def test_a_certificate_is_read_without_being_trusted(tmp_path: Path) -> None:
    certificates.make_authority(tmp_path, "authority", "/O=Example Corp/CN=Inspection")
    pem = certificates.issue(tmp_path, "leaf", host="*.svc.example", authority="authority").read_text()
    der = ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----BEGIN PRIVATE")])
    assert read_certificate(der) == ("*.svc.example", "Inspection of Example Corp", ["*.svc.example"])
    source = random.Random(10)  # noqa: S311 - the same bytes in each run
    for _ in range(2000):
        place = source.randrange(len(der))
        broken = der[:place] + source.randbytes(1) + der[place + 1 :]
        try:
            assert all(set(part) <= set(string.printable) for part in read_certificate(broken)[:2])
        except (ValueError, IndexError):
            continue
