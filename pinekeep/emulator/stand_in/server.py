"""The stand-in's server: on the loopback interface, in threads of this process, gone with the ``with`` block."""

import json
import os
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from pinekeep.emulator.lifeline import IDENTITY_PATH
from pinekeep.emulator.stand_in.faults import Fault
from pinekeep.emulator.stand_in.organization import Json, Organization, RefusedError
from pinekeep.emulator.stand_in.routes import Request, answer, route
from pinekeep.model.facts import pinecone_api as api

NAME: Final = "pinekeep-stand-in-for-pinecone"
_OAUTH: Final = "/oauth/token"
_CONTROL_PLANE: Final = "/indexes"
_UNAUTHORIZED: Final = 401
_POLL_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Exchange:
    """A request and its answer.

    Attributes:
        method: the request's method.
        template: its path as the documents write it; the path itself where they have none.
        query: its query.
        body: the JSON that was sent, or None.
        version: the date in its version header.
        status: the answer's status.
        answer: the answer's JSON; None where there is none, or it is no JSON.
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

    Args:
        organization: what it keeps.
        identity: what it answers when asked who it is; left out, it does not.
        listener: where it listens; left out, on a free port.

    Attributes:
        faults: what goes wrong.
        exchanges: the requests with their answers, in order.
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
        """Where it answers.

        Raises:
            RuntimeError: it does not run.
        """
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
        """Answer one request, or do what a fault says."""
        url = urlsplit(handler.path)
        if self.identity is not None and url.path == IDENTITY_PATH:
            self._send(handler, 200, {"identity": self.identity, "pid": os.getpid()}, None)
            return
        query = dict(parse_qsl(url.query))
        sent = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        body: Json | None = json.loads(sent) if sent else None
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            fault = next((each for each in self.faults if each.befalls(method, url.path)), None)
            known = route(method, url.path)
            if fault is None or fault.carried_out:
                status, told = self._carry_out(method, url.path, query, body or {}, headers)
            else:
                status, told = fault.status, _error(url.path, fault.status, fault.code, "a fault, as it was asked for")
            if fault is not None and fault.kind == "status":
                status = fault.status
                told = _error(url.path, fault.status, fault.code, "a fault, as it was asked for")
            exchange = Exchange(
                method,
                known[0] if known else url.path,
                query,
                body,
                headers.get("x-pinecone-api-version", ""),
                status,
                told,
            )
            self.exchanges.append(exchange)
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
    def _send(handler: "BaseHTTPRequestHandler", status: int, told: Json | None, fault: Fault | None) -> None:
        plain = b"Invalid API Key" if status == _UNAUTHORIZED else b""
        text = plain if told is None else json.dumps(told).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "text/plain" if told is None else "application/json")
        handler.send_header("Content-Length", str(len(text)))
        for name, value in (fault.headers if fault else {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        if fault is not None and fault.kind == "truncate":
            text = text[: len(text) // 2]
            handler.close_connection = True
        handler.wfile.write(text)


def _error(path: str, status: int, code: str, message: str) -> Json | None:
    """Return an error in the shape that the documents give it; None where it is plain text.

    The sign-in's errors have another shape than the rest, and the control plane says in plain words that it does not
    know a key.
    """
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
            stand_in.respond(self, "GET")

        def do_POST(self) -> None:
            stand_in.respond(self, "POST")

        def do_PATCH(self) -> None:
            stand_in.respond(self, "PATCH")

        def do_DELETE(self) -> None:
            stand_in.respond(self, "DELETE")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
