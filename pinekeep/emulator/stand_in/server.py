"""The stand-in's HTTP server, on the loopback interface in threads of this process."""

import json
import os
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from pinekeep.emulator.process import IDENTITY_PATH
from pinekeep.emulator.stand_in.organization import Json, Organization, RefusedError
from pinekeep.emulator.stand_in.routes import Request, answer, route
from pinekeep.model.facts import pinecone_api as api

NAME: Final = "pinekeep-stand-in-for-pinecone"
_OAUTH: Final = "/oauth/token"
_CONTROL_PLANE: Final = "/indexes"
_UNAUTHORIZED: Final = 401
_POLL_SECONDS: Final = 0.02


@dataclass
class Fault:
    """A fault of the next requests.

    Attributes:
        kind: ``status`` answers with an error, ``hang`` delays the answer, ``truncate`` cuts the answer short,
            ``close`` closes the connection without an answer.
        method: the affected method; empty for all.
        path: a pattern of the affected paths.
        code: Pinecone's error code.
        headers: additional headers of the answer.
        carried_out: whether the request is carried out and only its answer is lost.
        times: how many requests are affected.
        seconds: the delay of ``hang``.
    """

    kind: Literal["status", "hang", "truncate", "close"] = "status"
    method: str = ""
    path: str = ".*"
    status: int = 500
    code: str = "UNKNOWN"
    headers: dict[str, str] = field(default_factory=dict)
    carried_out: bool = False
    times: int = 1
    seconds: float = 60.0

    def affects(self, method: str, path: str) -> bool:
        """Tell whether a request is affected, and count it if so."""
        if self.times <= 0 or (self.method and self.method != method) or not re.fullmatch(self.path, path):
            return False
        self.times -= 1
        return True


@dataclass(frozen=True)
class Exchange:
    """A request and its answer.

    Attributes:
        template: the path as Pinecone documents it, for example ``/admin/api-keys/{api_key_id}``.
        version: the date in the version header.
        answer: the answer's JSON; None for an empty or plain-text answer.
    """

    method: str
    template: str
    query: dict[str, str]
    body: Json | None
    version: str
    status: int
    answer: Json | None


class PineconeStandIn:
    """A stand-in for Pinecone. Use it in a ``with`` block.

    ``identity``: the answer to an identity request; None serves none. ``listener``: the socket to serve on; None takes
    a free port.
    """

    def __init__(
        self,
        organization: Organization | None = None,
        *,
        identity: str | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        self.identity = identity
        self._listener = listener
        self.organization = organization or Organization()
        self.faults: list[Fault] = []
        self.exchanges: list[Exchange] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> "PineconeStandIn":
        self._ending.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self), bind_and_activate=self._listener is None)
        if self._listener is not None:
            self._server.socket.close()
            self._server.socket = self._listener
            self._server.server_address = self._listener.getsockname()
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, name=NAME, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        """The address. Raises RuntimeError, when it does not run."""
        if self._server is None:
            raise RuntimeError("the stand-in does not run; use it in a `with` block")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which this project's client talks to it."""
        return {
            api.CLIENT_ID_VARIABLE: self.organization.client_id,
            api.CLIENT_SECRET_VARIABLE: self.organization.client_secret,
            api.CONTROLLER_HOST_VARIABLE: self.url,
        }

    def respond(self, handler: "BaseHTTPRequestHandler", method: str) -> None:
        """Answer one request, or apply a fault."""
        url = urlsplit(handler.path)
        if self.identity is not None and url.path == IDENTITY_PATH:
            self._send(handler, 200, {"identity": self.identity, "pid": os.getpid()}, None)
            return
        query = dict(parse_qsl(url.query))
        sent = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        body: Json | None = json.loads(sent) if sent else None
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            fault = next((each for each in self.faults if each.affects(method, url.path)), None)
            status, told, template = 0, None, (route(method, url.path) or [url.path])[0]
            if fault is None or fault.carried_out:
                status, told = self._carry_out(method, url.path, query, body or {}, headers)
            if fault is not None and (fault.kind == "status" or not fault.carried_out):
                status, told = fault.status, _error(url.path, fault.status, fault.code, "an injected fault")
            version = headers.get("x-pinecone-api-version", "")
            self.exchanges.append(Exchange(method, template, query, body, version, status, told))
        if fault is not None and fault.kind == "hang":
            self._ending.wait(fault.seconds)
        if fault is not None and fault.kind in ("hang", "close"):
            handler.close_connection = True
            return
        self._send(handler, status, told, fault)

    def _carry_out(
        self, method: str, path: str, query: dict[str, str], body: Json, headers: dict[str, str]
    ) -> tuple[int, Json | None]:
        known = route(method, path)
        if known is None:
            return 404, _error(path, 404, "NOT_FOUND", f"{NAME} knows no {method} {path}")
        _, do, ids = known
        try:
            return answer(self.organization, do, Request(ids, query, body, headers))
        except RefusedError as refused:
            return refused.status, _error(path, refused.status, refused.code, refused.message)

    @staticmethod
    def _send(handler: "BaseHTTPRequestHandler", status: int, answer: Json | None, fault: Fault | None) -> None:
        plain = b"Invalid API Key" if status == _UNAUTHORIZED else b""
        text = plain if answer is None else json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "text/plain" if answer is None else "application/json")
        handler.send_header("Content-Length", str(len(text)))
        for name, value in (fault.headers if fault else {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        if fault is not None and fault.kind == "truncate":
            text = text[: len(text) // 2]
            handler.close_connection = True
        handler.wfile.write(text)


def _error(path: str, status: int, code: str, message: str) -> Json | None:
    """Return the JSON of an error: sign-in errors have their own shape; None, plain text, for unknown keys."""
    if path == _CONTROL_PLANE and status == _UNAUTHORIZED:
        return None
    if path == _OAUTH:
        return {"error": code, "error_description": message}
    return {"status": status, "error": {"code": code, "message": message}}


def _handler(stand_in: PineconeStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = NAME
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            stand_in.respond(self, self.command)

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the standard library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Log nothing."""

    return Handler
