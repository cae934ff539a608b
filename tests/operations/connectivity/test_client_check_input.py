"""What the client check takes, and refuses."""

import json
from pathlib import Path

import pytest

from pinekeep.operations.connectivity import client_check
from pinekeep.operations.connectivity.client_check import InputError, Options, parse_host, read_host
from tests.operations.connectivity.dns_servers import ENVIRONMENT, private

PUBLIC = f"good-abc1234.svc.{ENVIRONMENT}.pinecone.io"


@pytest.mark.parametrize(
    "given",
    [
        PUBLIC,
        private("good"),
        f"https://{PUBLIC}",
        f"https://{private('good')}/",
        f"HTTPS://{PUBLIC.upper()}:443",
        f"  {PUBLIC}\n",
        f"{PUBLIC}.",
    ],
)
def test_every_form_of_the_host_gives_the_private_one(given: str) -> None:
    host = parse_host(given)
    assert host.name == private("good")
    assert host.public == PUBLIC
    assert host.region == "us-east-1"
    assert ("trailing dot" in " ".join(host.remarks)) is given.endswith(".")


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("", "is empty"),
        (" \t", "is empty"),
        (f"good\x00.svc.{ENVIRONMENT}.pinecone.io", "control character"),
        (f"good\x1b[31m.svc.{ENVIRONMENT}.pinecone.io", "control character"),
        (f"{PUBLIC}\nevil.example", "control character"),
        (f"{PUBLIC} evil.example", "space"),
        (f"\u202e{PUBLIC}", "control character"),
        (f"göod-abc.svc.{ENVIRONMENT}.pinecone.io", "other than letters"),
        (f"good\u3002svc.{ENVIRONMENT}.pinecone.io", "other than letters"),
        (f"http://{PUBLIC}", "scheme 'http'"),
        (f"file://{PUBLIC}", "scheme 'file'"),
        (f"https://user:secret@{PUBLIC}", "user name or password"),
        (f"{PUBLIC}/vectors/upsert", "has a path"),
        (f"{PUBLIC}?x=1", "has a path"),
        (f"{PUBLIC}#x", "has a path"),
        (f"{PUBLIC}\\x", "has a path"),
        (f"{PUBLIC}:8443", "port '8443'"),
        (f"{PUBLIC}:", "port ''"),
        ("10.20.0.10", "is an IP address"),
        ("[fd00::1]", "is an IP address"),
        ("fd00::1", "is an IP address"),
        (f"{'a' * 64}.svc.{ENVIRONMENT}.pinecone.io", "longer than DNS allows"),
        (f"{'.'.join(['a' * 60] * 5)}.pinecone.io", "longer than DNS allows"),
        (f"good..svc.{ENVIRONMENT}.pinecone.io", "empty label"),
        (f".good.svc.{ENVIRONMENT}.pinecone.io", "empty label"),
        (f"{PUBLIC}..", "empty label"),
        (f"my_index-abc.svc.{ENVIRONMENT}.pinecone.io", "underscore"),
        (f"-good.svc.{ENVIRONMENT}.pinecone.io", "is not a host name"),
        (f"go*d.svc.{ENVIRONMENT}.pinecone.io", "is not a host name"),
        ("api.pinecone.io", "control plane"),
        ("example.com", "not a host of Pinecone"),
        (f"{PUBLIC}.example.com", "not a host of Pinecone"),
        (f"good.svc.{ENVIRONMENT}.evilpinecone.io", "not a host of Pinecone"),
        ("pinecone.io", "not the host of an index"),
        ("io", "not a host of Pinecone"),
        ("www.pinecone.io", "not the host of an index"),
        (f"good.{ENVIRONMENT}.pinecone.io", "not the host of an index"),
        (f"a.b.svc.{ENVIRONMENT}.pinecone.io", "not the host of an index"),
        (f"good.svc.private.private.{ENVIRONMENT}.pinecone.io", "not the host of an index"),
        ("good.svc.private.pinecone.io", "not the host of an index"),
    ],
)
def test_other_hosts_are_refused(given: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_host(given)
    assert part in caught.value.message
    assert "secret" not in caught.value.message
    assert (caught.value.message + caught.value.fix).isprintable()
    assert caught.value.fix
    assert not caught.value.message.endswith(".")


# --- A saved answer of the API ---

SHAPES = {
    "2026-04": {"spec": {"serverless": {"cloud": "aws", "region": "us-east-1"}}},
    "2026-07": {"deployment": {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"}},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("prefix", ["", "https://"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_both_shapes_of_the_api_and_the_sdk_are_read(tmp_path: Path, shape: str, prefix: str, encoding: str) -> None:
    file = tmp_path / "index"
    answer = {"name": "good", "host": prefix + PUBLIC, "private_host": prefix + private("good"), **SHAPES[shape]}
    file.write_text(json.dumps(answer), encoding=encoding)
    host = read_host(str(file))
    assert (host.name, host.remarks) == (private("good"), [])
    file.write_text(json.dumps({"indexes": [{**answer, "private_host": None}]}))
    host = read_host(str(file))
    assert host.name == private("good")
    assert host.remarks == ["the index has no `private_host`; derived from `host`: aws us-east-1"]


def test_the_private_host_of_the_answer_counts(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"host": PUBLIC, "private_host": private("other")}))
    assert read_host(str(tmp_path / "a.json")).name == private("other")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "has neither"),
        ('"x"', "has neither"),
        ("{}", "has neither"),
        ('{"indexes": []}', "lists 0 indexes"),
        ('{"indexes": [{}, {}]}', "lists 2 indexes"),
        ('{"indexes": [7]}', "has neither"),
        ('{"host": null}', "has no host yet"),
        ('{"host": 7}', "has no host yet"),
        ('{"host": "10.0.0.1"}', "is an IP address"),
        ('{"host": "x", "private_host": ["y"]}', "has no host yet"),
        (" " * ((1 << 20) + 1), "larger than 1 MiB"),
    ],
)
def test_other_answers_are_refused(tmp_path: Path, text: str, part: str) -> None:
    file = tmp_path / "answer.json"
    file.write_text(text)
    with pytest.raises(InputError, match=part):
        read_host(str(file))


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_host(str(tmp_path / "missing.json"))
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_host(str(tmp_path / "folder.json"))
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not JSON"):
        read_host(str(tmp_path / "bytes.json"))


# --- Other options ---


@pytest.mark.parametrize("given", ["0", "-1", "nan", "inf", "61", "x", "", "1e9", "5s"])
def test_wrong_time_limits_are_refused(given: str) -> None:
    with pytest.raises(InputError, match="--timeout"):
        Options(host=PUBLIC, timeout=given)


@pytest.mark.parametrize("given", ["0", "65536", "x", "-1", "٤٤٣", "4" * 5000, ""])
def test_wrong_ports_are_refused(given: str) -> None:
    with pytest.raises(InputError, match="--port"):
        Options(host=PUBLIC, port=given)


@pytest.mark.parametrize("given", ["", "x", "10.0.0", "10.0.0.0/8", "example.com", "vpce-1.evil.vpce.amazonaws.com.example", "a b.vpce.amazonaws.com", ".vpce.amazonaws.com"])  # fmt: skip  # noqa: E501
def test_wrong_addresses_of_the_endpoint_are_refused(given: str) -> None:
    with pytest.raises(InputError, match="--endpoint-address"):
        Options(host=PUBLIC, endpoint=[given])


@pytest.mark.parametrize("given", ["", "dns.example", "10.0.0.2:53", "10.0.0"])
def test_wrong_resolvers_are_refused(given: str) -> None:
    with pytest.raises(InputError, match="--resolver"):
        Options(host=PUBLIC, resolvers=[given])


@pytest.mark.parametrize("key", ["a b", "a\r\nX-Evil: 1", "schlüssel", "a\x00"])
def test_a_key_that_could_change_the_request_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(InputError) as caught:
        Options(host=PUBLIC, api_key=key)
    assert key not in caught.value.message
    assert "PINECONE_API_KEY" in caught.value.message


def test_a_key_is_taken_without_the_line_end_of_a_file() -> None:
    assert Options(host=PUBLIC, api_key="key\n").api_key == "key"
    assert Options(host=PUBLIC, api_key=" ").api_key is None


def test_a_file_of_authorities_must_hold_some(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        Options(host=PUBLIC, ca_file=str(tmp_path))
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(InputError, match="cannot be used"):
        client_check.check(Options(host=PUBLIC, ca_file=str(tmp_path / "empty.pem")))


# --- The command line of the script ---


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "--host is missing"),
        (["--host"], "--host needs a value"),
        (["--host", "--json"], "--host needs a value"),
        (["--host", PUBLIC, "--host", PUBLIC], "--host is given twice"),
        (["--hos", PUBLIC], "unknown argument '--hos'"),
        (["--api-key", "x", "--host", PUBLIC], "unknown argument '--api-key'"),
        ([PUBLIC], "unknown argument"),
        (["--host", "x\x1b[2J"], "control character"),
    ],
)
def test_the_script_refuses_a_wrong_command_line(
    arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert client_check.main(arguments) == 2
    captured = capsys.readouterr()
    assert part in captured.err
    assert "\nhint: " in captured.err
    assert "\x1b" not in captured.err
    assert client_check.main([*arguments, "--json"]) == 2
    if arguments != ["--host"]:
        assert part in json.loads(capsys.readouterr().out)["error"]


def test_the_script_reads_each_option() -> None:
    given = [f"--host={PUBLIC}", "--endpoint-ip", "10.0.0.1", "--endpoint-address=FD00::1", "--resolver", "10.0.0.2"]
    options = client_check.read_arguments([*given, "--timeout", "2.5", "--port=8443"])
    assert (options.host.name, options.endpoint, options.resolvers) == (
        private("good"),
        ["10.0.0.1", "fd00::1"],
        ["10.0.0.2"],
    )
    assert (options.seconds, options.port) == (2.5, 8443)


def test_the_script_explains_each_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert client_check.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(option in text for option in ("--host", "--json", *client_check._ONCE, *client_check._REPEATED))
