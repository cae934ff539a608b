"""The texts for DNS servers: their structure, and the addresses that are refused."""

import ipaddress

import pytest

from pinekeep.model.facts.pinecone import PRIVATE_LINK
from pinekeep.operations.connectivity.forwarding import (
    Server,
    forwarding_rule,
    wildcard_alias,
)

ZONE = PRIVATE_LINK["us-east-1"].private_zone
TARGET = "vpce-0a1b2c3d4e5f60718-abcd1234.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com"
ADDRESSES = [ipaddress.ip_address("10.20.0.10"), ipaddress.ip_address("10.20.32.10")]


@pytest.mark.parametrize("server", Server)
def test_a_rule_names_the_zone_and_every_address_and_no_port(server: Server) -> None:
    (text, *_) = [each.text for each in forwarding_rule(server=server, zone=ZONE, addresses=ADDRESSES).parts]
    assert ZONE in text
    assert all(str(address) in text for address in ADDRESSES)
    assert "53" not in text.replace(f"{ZONE}:53 ", "")


@pytest.mark.parametrize("server", [each for each in Server if each is not Server.DNSMASQ])
def test_an_alias_is_a_wildcard_of_the_endpoints_name(server: Server) -> None:
    text = "".join(each.text for each in wildcard_alias(server=server, zone=ZONE, target=TARGET).parts)
    assert ZONE in text
    assert f"{TARGET}." in text
    assert "CNAME" in text.upper()


def test_windows_has_one_command_a_line() -> None:
    (part,) = forwarding_rule(server=Server.WINDOWS, zone=ZONE, addresses=ADDRESSES).parts
    forward, recursion = part.text.splitlines()
    assert forward == (
        f"Add-DnsServerConditionalForwarderZone -Name '{ZONE}' -MasterServers 10.20.0.10, 10.20.32.10 "
        "-ReplicationScope Forest"
    )
    assert recursion == f"Set-DnsServerConditionalForwarderZone -Name '{ZONE}' -UseRecursion $false"
    (part,) = wildcard_alias(server=Server.WINDOWS, zone=ZONE, target=TARGET).parts
    assert [line.split(" ", 1)[0] for line in part.text.splitlines()] == [
        "Add-DnsServerPrimaryZone",
        "Add-DnsServerResourceRecordCName",
    ]


def test_coredns_has_one_balanced_server_block_with_each_plugin_on_a_line() -> None:
    (part,) = forwarding_rule(server=Server.COREDNS, zone=ZONE, addresses=ADDRESSES).parts
    assert part.text == f"{ZONE}:53 {{\n    errors\n    cache 30\n    forward . 10.20.0.10 10.20.32.10\n}}\n"
    (part,) = wildcard_alias(server=Server.COREDNS, zone=ZONE, target=TARGET).parts
    assert '        answer "{{ .Name }} 60 IN CNAME ' in part.text
    assert part.text.count("{") == part.text.count("}")


def test_coredns_brackets_an_ipv6_address_with_a_port() -> None:
    addresses = [ipaddress.ip_address("fd00::10")]
    (part,) = forwarding_rule(server=Server.COREDNS, zone=ZONE, addresses=addresses, port=5353).parts
    assert "forward . [fd00::10]:5353\n" in part.text


def test_dnsmasq_needs_the_endpoints_addresses_for_an_alias() -> None:
    without = wildcard_alias(server=Server.DNSMASQ, zone=ZONE, target=TARGET)
    assert without.parts == ()
    assert "--address" in without.notes[0]
    (part,) = wildcard_alias(server=Server.DNSMASQ, zone=ZONE, target=TARGET, addresses=ADDRESSES).parts
    assert f"address=/{ZONE}/10.20.0.10\n" in part.text
    assert f"local=/{ZONE}/\n" in part.text
