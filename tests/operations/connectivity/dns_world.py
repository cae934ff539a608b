"""DNS servers on loopback: a small one that answers from a table, and the real ones with a text of the product."""

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pytest

A, CNAME, SOA, TXT, AAAA, OPT, HTTPS = 1, 5, 6, 16, 28, 41, 65
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
_HEADER = struct.Struct("!6H")
_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    """What a DNS server answered: its code, and the data of A, AAAA and CNAME records."""

    code: int
    records: list[tuple[int, str]]

    @property
    def addresses(self) -> set[str]:
        return {data for kind, data in self.records if kind in (A, AAAA)}


Table = Callable[[str, int], tuple[int, list[tuple[str, int, str]]]]
"""Returns the code of the answer and its records for a name without a final dot, in lower case, and a type."""


def _name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.rstrip(".").split(".") if label) + b"\0"


def _read_name(data: bytes, at: int) -> tuple[str, int]:
    labels: list[str] = []
    end = 0
    while data[at]:
        if data[at] >= 0xC0:
            end = end or at + 2
            at = ((data[at] & 0x3F) << 8) | data[at + 1]
            continue
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels), end or at + 1


def _data(kind: int, data: str) -> bytes:
    if kind == CNAME:
        return _name(data)
    return socket.inet_pton(socket.AF_INET if kind == A else socket.AF_INET6, data)


def ask(address: tuple[str, int], name: str, kind: int, *, seconds: float = _SECONDS) -> Answer:
    """Ask a DNS server, with recursion. Raises TimeoutError if it does not answer."""
    query = _HEADER.pack(0x1234, 0x0100, 1, 0, 0, 0) + _name(name) + struct.pack("!2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(seconds)
        client.connect(address)
        client.send(query)
        reply = client.recv(4096)
    _, flags, questions, answers, _, _ = _HEADER.unpack_from(reply)
    at = _HEADER.size
    for _ in range(questions):
        at = _read_name(reply, at)[1] + 4
    records = []
    for _ in range(answers):
        at = _read_name(reply, at)[1]
        found, _, _, length = struct.unpack_from("!2HIH", reply, at)
        at += 10
        if found == CNAME:
            records.append((found, _read_name(reply, at)[0]))
        elif found in (A, AAAA):
            records.append(
                (found, socket.inet_ntop(socket.AF_INET if found == A else socket.AF_INET6, reply[at : at + length]))
            )
        at += length
    return Answer(flags & 0xF, records)


class TinyDns:
    """A DNS server that answers from a table over UDP, and remembers what it was asked."""

    def __init__(self, host: str, table: Table) -> None:
        self.asked: list[tuple[str, int]] = []
        self._table = table
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "TinyDns":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"", self.address)
        self._thread.join(_SECONDS)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(4096)
            if not query:
                return
            name, at = _read_name(query, _HEADER.size)
            (kind,) = struct.unpack_from("!H", query, at)
            self.asked.append((name.lower(), kind))
            code, records = self._table(name.lower(), kind)
            body = b"".join(
                _name(owner) + struct.pack("!2HIH", each, 1, 60, len(_data(each, data))) + _data(each, data)
                for owner, each, data in records
            )
            authority = b"" if records else _soa(name)
            counts = (len(records), 0 if records else 1, 0)
            header = _HEADER.pack(int.from_bytes(query[:2]), 0x8180 | code, 1, *counts)
            self._socket.sendto(header + query[_HEADER.size : at + 4] + body + authority, sender)


def _soa(name: str) -> bytes:
    """Return the record of a zone that has nothing to answer: the parent of the name asked for."""
    zone = name.partition(".")[2]
    data = _name("ns." + zone) + _name("root." + zone) + struct.pack("!5I", 1, 60, 60, 60, 60)
    return _name(zone) + struct.pack("!2HIH", SOA, 1, 60, len(data)) + data


def free_port(host: str) -> int:
    """Return a port that is free for UDP and TCP."""
    for _ in range(50):
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind((host, 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind((host, port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


def program(name: str) -> str:
    """Return the path of a DNS server; skip where it is missing, fail in CI."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found:
        return found
    missing = f"the DNS server {name} is not installed: apt-get install bind9 unbound dnsmasq-base"
    if os.environ.get("CI"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


@contextmanager
def running(
    command: Sequence[str | Path], address: tuple[str, int], folder: Path, *, ready: bytes = b""
) -> Generator[tuple[str, int]]:
    """Run a DNS server until the block ends, and wait until it listens and has logged that it is ``ready``."""
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder)
    try:
        end = time.monotonic() + 2 * _SECONDS
        while True:
            if server.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{command[0]} does not answer:\n{log.read_text()}")
            with socket.socket() as client:
                if client.connect_ex(address) == 0 and ready in log.read_bytes():
                    break
            time.sleep(0.02)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
