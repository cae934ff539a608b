"""The check on a client in a network of namespaces: real DNS servers, a real TLS server, and every failure for real."""

import ast
import json
import sys
from pathlib import Path

import pytest

from pinekeep.model.output.connectivity import PrivateLinkCheckOutput
from pinekeep.model.resources import PROJECT
from pinekeep.operations.connectivity import client_check
from tests.operations.connectivity.conftest import KEY, SERVERS, Site
from tests.operations.connectivity.dns_servers import (
    ENDPOINT_NAME,
    ENVIRONMENT,
    PUBLIC,
    PUBLIC_6,
    PUBLIC_NET,
    ZONE,
    private,
)
from tests.operations.connectivity.network import BLACK_HOLE, NO_ROUTE, NO_ROUTE_6, found_program

pytestmark = pytest.mark.process

SHORT = dict.fromkeys(("timed-out", "hanging", "silent"), "0.7")
"""The time limits where a test waits for them. Elsewhere they are long: the machine may be busy."""


def require(
    site: Site,
    verdict: str,
    step: str,
    *parts: str,
    label: str = "good",
    arguments: tuple[str, ...] = (),
    key: str | None = None,
    timeout: str = "10",
) -> None:
    checked = site.check("--host", private(label), *arguments, key=key, timeout=timeout)
    checked.require(verdict, step, *parts)
    PrivateLinkCheckOutput.model_validate(checked.output)


# --- A healthy path ---


@pytest.mark.parametrize("server", ["dnsmasq", "bind", "unbound"])
@pytest.mark.parametrize("label", ["good", "six", "both", "zones"])
def test_a_healthy_path_passes_with_each_server(site: Site, server: str, label: str) -> None:
    site.network.resolve_by(site.dns(server))
    checked = site.check("--host", private(label), key=KEY)
    checked.require("ok", "certificate", "issued by Amazon", site.dns(server))
    assert checked.output["request_made"]
    (request,) = checked.requests
    lines = request["request"].split("\r\n")
    assert lines[0] == "POST /describe_index_stats HTTP/1.1"
    assert {f"Host: {private(label)}", f"Api-Key: {KEY}", "X-Pinecone-Api-Version: 2026-07"} <= set(lines)


def test_the_public_host_is_checked_by_its_private_form(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", f"https://good-abc1234.svc.{ENVIRONMENT}.pinecone.io/")
    checked.require("ok", "host", private("good"), "us-east-1")
    assert not checked.output["request_made"]
    assert checked.requests == []


def test_an_answer_that_keeps_the_connection_open_is_not_waited_for(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", private("keeps-open"), key=KEY)
    checked.require("ok", "request", "200 OK")
    assert checked.steps["request"]["seconds"] < 5


def test_text_names_each_step_and_the_verdict(site: Site) -> None:
    site.network.resolve_by(site.dns("public"))
    done = site.network.client.run(sys.executable, client_check.__file__, "--host", private("good"))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == private("good")
    assert "✗ addresses:" in done.stdout
    assert f"      fix: in a VPC, associate the private hosted zone {ZONE}" in done.stdout
    assert lines[-1].startswith("verdict: nxdomain: The DNS server answers that the private name does not exist")


def test_the_command_does_the_same(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    command = (sys.executable, "-m", "pinekeep", "private-link", "check", "--ca-file")
    arguments = (site.network.folder / "trusted.pem", "--json", "--host")
    environment = {"PYTHONPATH": str(PROJECT), client_check.KEY_VARIABLE: KEY}
    for label, code, verdict in (("good", 0, "ok"), ("http-401", 1, "unauthorized")):
        done = site.network.client.run(*command, *arguments, private(label), environment=environment)
        output = PrivateLinkCheckOutput.model_validate_json(done.stdout)
        assert (done.returncode, output.verdict, output.request_made, done.stderr) == (code, verdict, True, "")


def test_a_reader_that_closes_the_output_is_no_error(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    command = f"{sys.executable} {client_check.__file__} --host {private('good')} | true"
    assert site.network.client.run("sh", "-c", command).stderr == ""


def test_an_old_python_runs_it(site: Site) -> None:
    """Every Python 3.8 or later that this machine has beside the one of the tests."""
    site.network.resolve_by(site.dns("bind"))
    others = [path for minor in range(8, 15) if (path := found_program(f"python3.{minor}"))]
    arguments = (client_check.__file__, "--host", private("good"), "--json", "--ca-file")
    for python in [*others, "/usr/bin/python3"]:
        done = site.network.client.run(python, "-I", *arguments, site.network.folder / "trusted.pem")
        if done.returncode != 127 and "is not installed" not in done.stderr and "command not found" not in done.stderr:
            assert json.loads(done.stdout)["verdict"] == "ok", (python, done.stderr)


# --- The addresses of the endpoint ---


def test_the_endpoint_is_compared_by_address_and_by_name(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    for given in ("10.20.0.10", ENDPOINT_NAME):
        require(site, "ok", "addresses", "all of the endpoint", arguments=("--endpoint-ip", given))
    other = ("--endpoint-address", "10.20.0.99")
    require(site, "not-the-endpoint", "addresses", "10.20.0.10 (private)", arguments=other)
    require(site, "ok", "addresses", "does not resolve", arguments=("--endpoint-address", f"gone.{ENDPOINT_NAME}"))


def test_a_public_address_of_the_vpc_itself_is_in_order(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    require(
        site, "timed-out", "connection", PUBLIC, label="public", arguments=("--endpoint-address", PUBLIC), timeout="0.5"
    )


def test_the_alias_of_an_endpoint_is_followed(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    require(site, "ok", "addresses", "10.20.0.10", label="alias")
    require(site, "dangling-alias", "addresses", f"alias of gone.{ENDPOINT_NAME}", label="dangling")


# --- No address ---


@pytest.mark.parametrize("server", ["public", "dnsmasq-public", "unbound-public"])
def test_nxdomain_means_that_no_private_dns_reaches_the_client(site: Site, server: str) -> None:
    site.network.resolve_by(site.dns(server))
    require(site, "nxdomain", "addresses", "NXDOMAIN, by the zone pinecone.io", f"forward {ZONE}")


def test_the_server_that_knows_better_is_named(site: Site) -> None:
    better = site.dns("bind")
    site.network.resolve_by(site.dns("public"), better)
    require(site, "nxdomain", "addresses", f"{better}: 10.20.0.10", f"forward {ZONE} to it")
    site.network.resolve_by(site.dns("public"))
    require(site, "nxdomain", "addresses", f"{better} has private addresses", arguments=("--resolver", better))


def test_an_environment_without_private_endpoints_is_named(site: Site) -> None:
    site.network.resolve_by(site.dns("public"))
    checked = site.check("--host", "good-abc1234.svc.us-west1-gcp.pinecone.io")
    checked.require("no-private-link", "addresses", "does not resolve")
    assert checked.steps["host"]["code"] == "unknown-environment"


def test_an_explicit_name_beside_the_wildcard_hides_the_others(site: Site) -> None:
    site.network.resolve_by(site.dns("siblings"))
    require(site, "record-missing", "addresses", f"NXDOMAIN, by the zone {ZONE}")


@pytest.mark.parametrize("server", ["dnsmasq", "bind", "unbound", "dnsmasq-guard", "unbound-guard"])
def test_a_name_without_an_address_is_no_data(site: Site, server: str) -> None:
    site.network.resolve_by(site.dns(server))
    require(site, "nodata", "addresses", f"{site.dns(server)}: no address", label="empty")


@pytest.mark.parametrize("server", ["dnsmasq-guard", "unbound-guard"])
@pytest.mark.parametrize("label", ["good", "alias"])
def test_a_guard_against_rebinding_is_recognized(site: Site, server: str, label: str) -> None:
    site.network.resolve_by(site.dns(server))
    require(site, "rebinding-guard", "addresses", "no address", f"rebind-domain-ok=/{ZONE}/", label=label)
    require(site, "rebinding-guard", "addresses", label=label, arguments=("--endpoint-address", ENDPOINT_NAME))
    require(site, "rebinding-guard", "addresses", "10.20.0.10", label=label, arguments=("--resolver", site.dns("bind")))


def test_the_guard_of_bind_answers_servfail_and_is_recognized_by_the_name_of_the_endpoint(site: Site) -> None:
    site.network.resolve_by(site.dns("bind-guard"))
    require(site, "dns-servfail", "addresses", "deny-answer-addresses")
    require(site, "rebinding-guard", "addresses", "SERVFAIL", arguments=("--endpoint-address", ENDPOINT_NAME))


def test_servers_that_fail_refuse_or_are_silent(site: Site) -> None:
    site.network.resolve_by(site.dns("failing"))
    require(site, "dns-servfail", "addresses", "SERVFAIL")
    require(site, "dns-servfail", "addresses", "SERVFAIL", arguments=("--endpoint-address", ENDPOINT_NAME))
    site.network.resolve_by(site.dns("refusing"))
    require(site, "dns-refused", "addresses", "REFUSED")
    site.network.resolve_by(BLACK_HOLE)
    require(site, "dns-timeout", "addresses", f"{BLACK_HOLE}: timeout", timeout="0.5")


def test_a_silent_server_before_the_right_one_is_named(site: Site) -> None:
    site.network.resolve_by(BLACK_HOLE, NO_ROUTE, site.dns("bind"))
    checked = site.check("--host", private("good"), timeout="0.5")
    checked.require("dns-timeout", "addresses", f"{BLACK_HOLE}: timeout", f"{site.dns('bind')}: 10.20.0.10")
    site.network.resolve_by(BLACK_HOLE, site.dns("bind"), options="timeout:1")
    checked = site.check("--host", private("good"))
    checked.require("ok", "addresses", f"{BLACK_HOLE}: timeout", "is silent: remove it")
    assert checked.steps["addresses"]["code"] == "slow-resolver"


def test_a_system_that_does_not_ask_its_dns_server(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"), sources="files")
    require(site, "system-resolver", "addresses", "10.20.0.10")


def test_no_configured_server_says_so(site: Site) -> None:
    # The C library asks 127.0.0.1 then, where nobody answers.
    site.network.resolve_by()
    require(site, "unresolved", "addresses", "--resolver")


# --- Wrong addresses ---


def test_public_addresses(site: Site) -> None:
    site.network.resolve_by(site.dns("dnsmasq"))
    require(site, "public-address", "addresses", f"{PUBLIC} (public)", label="public")
    require(site, "public-address", "addresses", f"{PUBLIC} (public)", "10.20.0.10 (private)", label="both-public")
    require(site, "public-ipv6", "addresses", f"{PUBLIC_6} (public)", label="leaks-ipv6", key=KEY)
    both = ("--endpoint-ip", "10.20.0.10", "--endpoint-ip", PUBLIC_6)
    require(site, "ok", "addresses", "all of the endpoint", label="leaks-ipv6", arguments=both)


def test_an_answer_that_is_too_long_for_a_datagram_is_asked_for_by_tcp(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", private("many"))
    checked.require("public-address", "addresses", *(f"{PUBLIC_NET}.{number} (public)" for number in range(1, 101)))
    assert f"{site.dns('bind')}: {PUBLIC_NET}." in checked.steps["resolver"]["found"]


def test_dnsmasq_lets_the_question_for_ipv6_out(site: Site) -> None:
    site.network.resolve_by(site.dns("leaky"))
    require(site, "public-ipv6", "addresses", f"{PUBLIC_6} (public)", f"local=/{ZONE}/")


def test_an_address_of_a_filter(site: Site) -> None:
    site.network.resolve_by(site.dns("dnsmasq"))
    require(site, "blocked-address", "addresses", "0.0.0.0 (blocked)", label="sinkhole")


def test_the_hosts_file_is_named(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"), hosts=f"{PUBLIC} {private('good')} # pinned\n")
    require(site, "public-address", "addresses", f"/etc/hosts gives {PUBLIC}", f"remove {private('good')} from")
    site.network.resolve_by(site.dns("public"), hosts=f"10.20.0.10 {private('good').upper()}\n")
    require(site, "ok", "resolver", "/etc/hosts gives 10.20.0.10")


def test_a_search_domain_that_answers_is_named(site: Site) -> None:
    site.network.resolve_by(site.dns("search"), search="corp.example")
    require(site, "search-domain", "addresses", f"{private('good')}.corp.example answers: 10.66.6.6")


# --- Connection ---


@pytest.mark.parametrize(
    ("label", "verdict", "found"),
    [
        ("timed-out", "timed-out", f"{BLACK_HOLE} timed out"),
        ("refused", "refused", "10.20.0.1 refused"),
        ("unreachable", "unreachable", f"{NO_ROUTE} No route to host"),
    ],
)
def test_connections_that_fail(site: Site, label: str, verdict: str, found: str) -> None:
    site.network.resolve_by(site.dns("bind"))
    require(site, verdict, "connection", found, label=label, key=KEY, timeout=SHORT.get(label, "10"))


def test_one_address_of_two_times_out(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", private("one-timed-out"), key=KEY, timeout="0.7")
    checked.require("timed-out", "connection", "10.20.0.10 connected", f"compare the subnets of {BLACK_HOLE}")
    assert checked.steps["certificate"]["status"] == "ok"
    assert checked.requests == []
    assert not checked.output["request_made"]


def test_ipv6_without_a_route_is_a_note_where_ipv4_connects(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", private("no-ipv6"))
    checked.require("ok", "connection", f"{NO_ROUTE_6} Network is unreachable", "10.20.0.10 connected")
    assert checked.steps["connection"]["code"] == "ipv6-unreachable"


# --- TLS ---


@pytest.mark.parametrize(
    ("label", "verdict", "found"),
    [
        ("wrong-name", "certificate-name", "for appliance.example.com, issued by"),
        ("expired", "certificate-expired", "expired"),
        ("self-signed", "certificate-untrusted", "issued by appliance"),
        ("inspected", "tls-inspection", "issued by Unknown authority of Example Corp"),
        ("plain", "not-tls", "wrong version number"),
        ("closed", "tls-closed", "closed during the handshake"),
        ("reset", "tls-closed", "closed during the handshake"),
        ("hanging", "tls-timeout", "no handshake within 0.7 s"),
    ],
)
def test_tls_that_fails_gets_no_request(site: Site, label: str, verdict: str, found: str) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", private(label), key=KEY, timeout=SHORT.get(label, "10"))
    checked.require(verdict, "certificate", found)
    assert checked.requests == []
    assert not checked.output["request_made"]


def test_a_trusted_authority_that_is_not_public_is_a_note(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", private("private-ca"))
    checked.require("ok", "certificate", "issued by Example Corp", "TLS-inspecting proxy")
    assert checked.steps["certificate"]["code"] == "private-issuer"


def test_without_the_authority_the_store_of_the_machine_decides(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    done = site.network.client.run(sys.executable, "-I", client_check.__file__, "--host", private("good"), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "tls-inspection"


def test_authorities_that_are_in_a_file_alone_are_found(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    trusted = {"SSL_CERT_FILE": str(site.network.folder / "trusted.pem")}
    command = (sys.executable, "-I", client_check.__file__, "--host", private("good"), "--json")
    done = site.network.client.run(*command, environment=trusted)
    assert json.loads(done.stdout)["verdict"] == "ok"


def test_a_server_that_sends_little_by_little_is_given_up(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    checked = site.check("--host", private("dripping"), timeout="0.2")
    checked.require("tls-timeout", "certificate", "no handshake within 0.2 s")


# --- The request ---


@pytest.mark.parametrize(
    ("label", "verdict", "found"),
    [
        ("http-401", "unauthorized", "401 Unauthorized"),
        ("http-403", "forbidden", "403 Forbidden"),
        ("http-404", "http-error", "404 Not Found"),
        ("http-503", "http-error", "503 Service Unavailable: ?[31mupstream?"),
        ("garbage", "not-http", "SSH-2.0-OpenSSH"),
        ("silent", "no-answer", "no answer within 0.7 s"),
    ],
)
def test_requests_that_fail(site: Site, label: str, verdict: str, found: str) -> None:
    site.network.resolve_by(site.dns("bind"))
    require(site, verdict, "request", found, label=label, key=KEY, timeout=SHORT.get(label, "10"))


def test_an_answer_that_repeats_the_key_is_shown_without_it(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    require(site, "http-error", "request", "400 Bad Request: ***", label="echoes", key=KEY)


# --- Proxies ---


def test_a_proxy_is_named_without_its_password_and_is_not_used(site: Site) -> None:
    site.network.resolve_by(site.dns("bind"))
    proxy = "http://user:secret@proxy.example:3128"
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        checked = site.check("--host", private("good"), **{variable: proxy})
        checked.require("ok", "proxy", "proxy.example:3128", f"add .{ZONE} to NO_PROXY")
        assert checked.steps["proxy"]["status"] == "note"
        assert "secret" not in json.dumps(checked.output)
    checked = site.check("--host", private("good"), HTTPS_PROXY=proxy, NO_PROXY=f"localhost, .{ZONE}")
    assert checked.steps["proxy"]["status"] == "ok"


# --- All of it ---


def test_every_verdict_is_provoked_here() -> None:
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    here = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert set(client_check.VERDICTS) - here == set()


def test_every_server_was_asked(site: Site) -> None:
    assert all(site.dns(name) for name in SERVERS)
