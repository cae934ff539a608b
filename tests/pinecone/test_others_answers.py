"""What is no answer of Pinecone's: a web page, rubbish, nothing, another's JSON, and an answer without an end."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pinekeep.errors import ExitCode
from pinekeep.pinecone.client import ControlPlane, PineconeAdmin
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.errors import PineconeRefusedError, UnclearError
from pinekeep.pinecone.inventory import bare
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.sdk import Caller

TOKEN = b'{"access_token": "t", "token_type": "Bearer", "expires_in": 1800}'
BODIES = {
    "a page": b"<!doctype html><html><body>Hotel: sign in</body></html>",
    "rubbish": b"\x00\x01rubbish",
    "nothing": b"",
    "other JSON": b'{"hotel": "open"}',
    "a list": b"[]",
}


@contextmanager
def answering(body: bytes, *, sign_in: bytes = TOKEN, trickling: bool = False) -> Generator[ServiceAccount]:
    """Give a service account of a server that answers everything but the sign-in alike."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = sign_in if "oauth" in self.path else body
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            if trickling and "oauth" not in self.path:
                for each in told:
                    if over.wait(0.05):
                        return
                    self.wfile.write(bytes([each]))
                return
            self.wfile.write(told)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield ServiceAccount.of_the_environment(
            {
                "PINECONE_CLIENT_ID": "id",
                "PINECONE_CLIENT_SECRET": "a-client-secret",
                "PINECONE_CONTROLLER_HOST": f"http://127.0.0.1:{server.server_address[1]}",
            }
        )
    finally:
        over.set()
        server.shutdown()
        server.server_close()


READS: dict[str, Callable[[PineconeAdmin], object]] = {
    "projects": lambda admin: admin.projects(),
    "API keys": lambda admin: admin.api_keys("x"),
    "users": lambda admin: admin.users(),
    "bindings": lambda admin: admin.role_bindings(),
    "indexes": lambda admin: ControlPlane(Secret("pcsk_x"), admin.account.connection).indexes(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_is_no_list_of_pinecones_is_not_taken_for_an_empty_one(
    read: Callable[[PineconeAdmin], object], body: bytes
) -> None:
    with answering(body) as account, PineconeAdmin(account) as admin, pytest.raises(PineconeRefusedError) as caught:
        read(admin)
    assert "is not in the format of Pinecone's API" in caught.value.message
    assert "HTTPS_PROXY" in str(caught.value.hint)
    assert caught.value.exit_code == ExitCode.AWS_REFUSED


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_no_answer_to_a_sign_in_is_told_as_such(body: bytes) -> None:
    with answering(b"", sign_in=body) as account, pytest.raises(PineconeRefusedError) as caught:
        PineconeAdmin(account)
    assert caught.value.message == ("the answer to the request to sign in is not in the format of Pinecone's API")


@pytest.mark.parametrize("body", [BODIES["a page"], BODIES["rubbish"]], ids=["a page", "rubbish"])
def test_a_page_is_not_taken_for_a_deletion(body: bytes) -> None:
    with answering(body) as account, PineconeAdmin(account) as admin, pytest.raises(PineconeRefusedError):
        admin.delete_api_key("x")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_may_have_been_made_is_told_as_unclear(body: bytes) -> None:
    with answering(body) as account, PineconeAdmin(account) as admin, pytest.raises(UnclearError):
        admin.create_project("x", cmek=True)


def test_an_answer_that_trickles_in_is_given_up() -> None:
    caller = Caller(lambda _: None, request_seconds=0.3, call_seconds=1.0)
    with (
        answering(b'{"data": []}' + b" " * 10000, trickling=True) as account,
        PineconeAdmin(account, caller=caller) as admin,
    ):
        begin = time.monotonic()
        with pytest.raises(PineconeRefusedError, match="did not answer in time"):
            admin.projects()
        assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("https://products-abc.svc.x.pinecone.io", "products-abc.svc.x.pinecone.io"),
        ("products-abc.svc.x.pinecone.io", "products-abc.svc.x.pinecone.io"),
        (None, None),
        ("", ""),
    ],
)
def test_a_host_is_told_bare(host: str | None, told: str | None) -> None:
    assert bare(host) == told
