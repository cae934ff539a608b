"""``pinekeep private-link check``."""

import socket
from pathlib import Path
from typing import Any

import pytest

from pinekeep.operations.connectivity import client_check
from tests.command_support import Run

HOST = "good-abc1234.svc.aped-4627-b74a.pinecone.io"
SCRIPT = Path(client_check.__file__).read_bytes()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name resolves, and no DNS server is configured."""

    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(client_check, "_read", lambda _: "")
    monkeypatch.delenv("PINECONE_API_KEY", raising=False)


def test_it_needs_no_file_and_fails_with_the_step(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("private-link", "check", "--host", HOST)
    assert result.code == 1
    assert "✗ addresses: good-abc1234.svc.private.aped-4627-b74a.pinecone.io does not resolve" in result.out
    assert "no request was made: PINECONE_API_KEY is not set" in result.out
    assert "verdict: unresolved:" in result.out
    assert result.err == ""


def test_json_says_the_same(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("private-link", "check", "--host", HOST, "--json")
    assert result.code == 1
    output = result.require_schema("private-link check")
    assert (output["verdict"], output["passed"], output["request_made"]) == ("unresolved", False, False)
    assert [step["step"] for step in output["steps"]] == [
        "host",
        "resolver",
        "addresses",
        "connection",
        "certificate",
        "proxy",
        "request",
    ]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "--host is missing"),
        (["--host", "https://user:secret@example.com"], "user name or password"),
        (["--host", HOST, "--timeout", "nan"], "--timeout 'nan'"),
        (["--host", HOST, "--port", "0"], "--port '0'"),
        (["--host", HOST, "--endpoint-ip", "x"], "--endpoint-address 'x'"),
        (["--host", HOST, "--resolver", "x"], "--resolver 'x'"),
        (["--host", HOST, "--ca-file", "missing.pem"], "--ca-file 'missing.pem' is not a file"),
        (["--host", HOST, "--write-script", "x.py"], "--write-script only writes the script"),
        (["--write-script", "-", "--json"], "writes to stdout, as --json does"),
        (["--host", HOST, "--host", HOST], "--host is given 2 times"),
    ],
)
def test_wrong_input_is_refused(pinekeep: Run, folder: Path, arguments: list[str], part: str) -> None:
    result = pinekeep("private-link", "check", *arguments)
    assert result.code == 2
    assert part in result.err
    assert "hint: " in result.err
    assert "secret" not in result.err
    assert result.out == "" or "--json" in arguments


def test_a_wrong_key_is_refused_and_not_shown(pinekeep: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINECONE_API_KEY", "abc def")
    result = pinekeep("private-link", "check", "--host", HOST)
    assert result.code == 2
    assert "PINECONE_API_KEY has a space" in result.err
    assert "abc def" not in result.err


# --- The script ---


def test_the_script_is_the_file_itself(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("private-link", "check", "--write-script", "check me.py")
    assert (result.code, result.out) == (0, "python3 'check me.py' --host INDEX_HOST\n")
    assert (folder / "check me.py").read_bytes() == SCRIPT
    assert pinekeep("private-link", "check", "--write-script", "-").out.encode() == SCRIPT


def test_the_same_script_is_not_written_again(pinekeep: Run, folder: Path) -> None:
    first = pinekeep("private-link", "check", "--write-script", "check.py", "--json")
    second = pinekeep("private-link", "check", "--write-script", "check.py", "--json")
    assert first.require_schema("private-link check --write-script") == {"script": "check.py", "written": True}
    assert second.json == {"script": "check.py", "written": False}


def test_another_file_is_not_overwritten(pinekeep: Run, folder: Path) -> None:
    (folder / "mine.py").write_text("mine")
    result = pinekeep("private-link", "check", "--write-script", "mine.py")
    assert result.code == 2
    assert "mine.py exists already and is not this script" in result.err
    assert (folder / "mine.py").read_text() == "mine"
    (folder / "link.py").symlink_to(folder / "mine.py")
    assert pinekeep("private-link", "check", "--write-script", "link.py").code == 2
    assert (folder / "mine.py").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("private-link", "check", "--write-script", "missing/check.py")
    assert result.code == 2
    assert "missing/check.py cannot be written: No such file or directory" in result.err
