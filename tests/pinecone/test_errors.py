"""Failures on the way to Pinecone: TLS and proxies."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from pinecone.errors import PineconeConnectionError, PineconeTimeoutError

from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.pinecone.client import ControlPlane, PineconeAdmin
from pinekeep.pinecone.credentials import Connection, ServiceAccount
from pinekeep.pinecone.errors import PineconeRefusedError, as_refusal, may_be_repeated
from pinekeep.pinecone.redaction import Secret


@pytest.fixture
def refusing_proxy() -> Iterator[str]:
    """A proxy that lets nothing through."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with closing(connection):
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://me:secret-of-the-proxy@127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def test_a_proxy_that_refuses_is_told_without_its_password(refusing_proxy: str) -> None:
    account = ServiceAccount("id", Secret("a-client-secret"), Connection(token_proxy_url=refusing_proxy))
    with pytest.raises(PineconeRefusedError) as caught:
        PineconeAdmin(account)
    assert caught.value.message == "the proxy on the way to login.pinecone.io does not let it through"
    assert caught.value.hint == "check HTTPS_PROXY and NO_PROXY"
    assert "secret-of-the-proxy" not in f"{caught.value.message}{caught.value.hint}"


def test_requests_go_through_the_proxy_that_the_environment_names(stand_in: PineconeStandIn) -> None:
    """Nobody listens where Pinecone is said to be; the stand-in is the proxy, and gets everything."""
    environment = {
        **stand_in.environment,
        "PINECONE_CONTROLLER_HOST": "http://127.0.0.1:9",
        "http_proxy": stand_in.url,
    }
    account = ServiceAccount.of_the_environment(environment)
    with PineconeAdmin(account) as admin:
        project = admin.create_project("search", cmek=True)
        _, value = admin.create_api_key(project.id, name="watch", roles=["ControlPlaneViewer"])
    assert ControlPlane(value, account.connection).indexes() == []
    assert len(stand_in.exchanges) == 4


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


REQUEST = httpx.Request("GET", "https://api.pinecone.io/admin/projects")
TLS = caused(
    PineconeConnectionError("x"),
    httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", request=REQUEST),
)
UNREACHED = caused(PineconeConnectionError("x"), httpx.ConnectError("no route", request=REQUEST))
SLOW = caused(PineconeTimeoutError("x"), httpx.ReadTimeout("slow", request=REQUEST))
SLOW_TO_CONNECT = caused(PineconeTimeoutError("x"), httpx.ConnectTimeout("slow", request=REQUEST))


def test_a_certificate_that_is_not_trusted_is_told_and_not_tried_again() -> None:
    refusal = as_refusal(TLS, what="list the projects")
    assert refusal.message == "the certificate of api.pinecone.io is not trusted"
    assert refusal.hint == "behind a proxy that opens TLS, name its certificate in SSL_CERT_FILE"
    assert not may_be_repeated(TLS, makes=False)


@pytest.mark.parametrize(
    ("error", "read", "make"),
    [(UNREACHED, True, True), (SLOW_TO_CONNECT, True, True), (SLOW, True, False)],
    ids=["unreached", "slow to connect", "slow"],
)
def test_what_makes_something_is_sent_again_only_where_it_never_arrived(
    error: Exception, read: bool, make: bool
) -> None:
    assert may_be_repeated(error, makes=False) is read
    assert may_be_repeated(error, makes=True) is make
