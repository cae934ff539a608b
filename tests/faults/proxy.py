"""A server between the command and the embedded AWS, on loopback, that lets things go wrong at a chosen call."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

XML_SERVICES = {"cloudformation", "iam", "sts", "ec2", "s3", "route53"}
HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass(frozen=True)
class Request:
    """One call: which service is asked for what."""

    service: str
    operation: str
    body: str


@dataclass(frozen=True)
class Answer:
    """What goes back to whoever called."""

    status: int
    headers: dict[str, str]
    body: bytes


class Cut(Exception):  # noqa: N818 - it is what happens, not an error of this code
    """The connection ends without an answer."""


Happening = Callable[[Request, Callable[[], Answer]], Answer]
"""What happens at a call: takes the call and a way to pass it on, gives the answer."""


@dataclass
class _Rule:
    operation: str
    happening: Happening
    first: int
    last: float
    seen: int = 0


@dataclass
class FaultProxy:
    """Passes every call on, unless something was told to happen.

    Attributes:
        calls: the calls in their order, as ``service:Operation``.
    """

    upstream: str
    calls: list[str] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, operation: str, happening: Happening, *, first: int = 1, times: float = float("inf")) -> None:
        """Let something happen at calls.

        Args:
            operation: the call, such as ``ExecuteChangeSet``; ``*`` stands for every call.
            happening: what happens.
            first: from which call on, from 1.
            times: at how many calls.
        """
        self._rules.append(_Rule(operation, happening, first, first + times - 1))

    def forget(self) -> None:
        """Let nothing happen any more, and start counting anew."""
        self._rules.clear()
        self.calls.clear()

    def answer(self, request: Request, pass_on: Callable[[], Answer]) -> Answer:
        with self._lock:
            self.calls.append(f"{request.service}:{request.operation}")
            chosen = None
            for rule in self._rules:
                if rule.operation in ("*", request.operation):
                    rule.seen += 1
                    if rule.first <= rule.seen <= rule.last:
                        chosen = chosen or rule
        return chosen.happening(request, pass_on) if chosen else pass_on()

    @contextmanager
    def serving(self) -> Generator[str]:
        """Serve on a free port of loopback while the block runs; gives the address."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


# --- What can happen ---


def refused(code: str, message: str = "said the test", *, status: int = 400) -> Happening:
    """AWS refuses, with an error of this code."""

    def happening(request: Request, _: Callable[[], Answer]) -> Answer:
        if request.service in XML_SERVICES:
            error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            wrapped = f"<Errors>{error}</Errors>" if request.service == "ec2" else error
            root = "Response" if request.service == "ec2" else "ErrorResponse"
            body = f"<{root}>{wrapped}<RequestId>1</RequestId></{root}>".encode()
            return Answer(status, {"Content-Type": "text/xml"}, body)
        body = json.dumps({"__type": code, "message": message}).encode()
        return Answer(status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, body)

    return happening


def login_page(_: Request, __: Callable[[], Answer]) -> Answer:
    """A network's login page is answered in AWS's place."""
    return Answer(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><body>Sign in</body></html>")


def wordless(status: int) -> Happening:
    """An error is answered without a body."""
    return lambda _, __: Answer(status, {}, b"")


def cut(_: Request, __: Callable[[], Answer]) -> Answer:
    """The network is cut: no answer comes."""
    raise Cut


def after(act: Callable[[], object]) -> Happening:
    """Something happens just before the call is passed on."""

    def happening(_: Request, pass_on: Callable[[], Answer]) -> Answer:
        act()
        return pass_on()

    return happening


def once_done(act: Callable[[], object]) -> Happening:
    """Something happens once AWS has done what the call asks for, before the answer is given."""

    def happening(_: Request, pass_on: Callable[[], Answer]) -> Answer:
        answer = pass_on()
        act()
        return answer

    return happening


def saying(changes: Mapping[str, str]) -> Happening:
    """AWS says something else: each match of a regular expression in its answer is replaced."""

    def happening(_: Request, pass_on: Callable[[], Answer]) -> Answer:
        answer = pass_on()
        text = answer.body.decode()
        for pattern, instead in changes.items():
            text = re.sub(pattern, instead, text)
        return Answer(answer.status, answer.headers, text.encode())

    return happening


# --- Passing on ---


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                answer = proxy.answer(_request(self, body), lambda: self._pass_on(body))
            except (Cut, HTTPException, OSError):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def _pass_on(self, body: bytes) -> Answer:
            connection = HTTPConnection(urlsplit(proxy.upstream).netloc, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_HEADERS}
            connection.request(self.command, self.path, body=body or None, headers=headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP_HEADERS}
            answer = Answer(response.status, kept, response.read())
            connection.close()
            return answer

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - http.server's name
            pass

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - http.server's names

    return Handler


def _request(handler: BaseHTTPRequestHandler, body: bytes) -> Request:
    scope = re.search(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request", handler.headers.get("Authorization") or "")
    text = body.decode(errors="replace")
    target = handler.headers.get("X-Amz-Target")
    action = parse_qs(text).get("Action") if "Action=" in text else None
    operation = target.rpartition(".")[2] if target else action[0] if action else f"{handler.command} {handler.path}"
    return Request(scope[1] if scope else "", operation, text)


def wait_until(so: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it did not come to be in time.
    """
    end = time.monotonic() + seconds
    while not so():
        if time.monotonic() > end:
            raise TimeoutError("it did not come to be in time")
        time.sleep(0.05)
