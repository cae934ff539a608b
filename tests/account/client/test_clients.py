"""Clients are shared, patient, and give up on a server that never comes to an end."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from botocore.config import Config

from pinekeep.account.client.clients import ATTEMPTS, PATIENCE, Clients, Patience, be_patient
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.sessions import new_session
from pinekeep.errors import AwsRefusedError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n"
SHORT = Patience(connect=1, read=5, request=0.4, call=1.0)


class Session:
    def __init__(self) -> None:
        self.made: list[tuple[str, str, Any]] = []

    def client(self, service_name: str, *, region_name: str, config: Any) -> object:
        self.made.append((service_name, region_name, config))
        return object()


def test_a_client_is_made_once_for_its_region_whoever_asks() -> None:
    session = Session()
    clients = Clients(session, "eu-west-1")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: clients.client("kms"), range(50)))
    assert len(found) == 1
    assert [(service, region) for service, region, _ in session.made] == [("kms", "eu-west-1")]
    assert clients.client("iam") not in found


def test_clients_are_patient_but_not_for_ever() -> None:
    session = Session()
    Clients(session, "us-east-1").client("kms")
    config = session.made[0][2]
    assert config.retries == {"mode": "adaptive", "total_max_attempts": ATTEMPTS}
    assert config.connect_timeout <= 10
    assert config.read_timeout <= 30
    assert config.user_agent_extra.startswith("pinekeep/")


@pytest.fixture(params=["a byte of the body at a time", "a byte of the head at a time", "nothing at all"])
def endless(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that answers so slowly that no timeout of a socket ends it."""
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with closing(connection):
            connection.recv(65536)
            sent = HEAD if "body" in request.param else b"HTTP/1.1 200 OK\r\nX-Slow: "
            try:
                if "nothing" not in request.param:
                    connection.sendall(sent)
                while not stopped.wait(0.05):
                    if "nothing" not in request.param:
                        connection.sendall(b" ")
            except OSError:
                return

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.usefixtures("no_pauses")
def test_an_answer_that_never_ends_is_given_up_with_all_repetitions(endless: str) -> None:
    session = new_session(aws_access_key_id="x", aws_secret_access_key="y")
    config = Config(retries={"mode": "standard", "total_max_attempts": 4}, proxies={}, read_timeout=SHORT.read)
    client = session.client("sts", region_name="us-east-1", endpoint_url=endless, config=config)
    be_patient(client, what="sts in us-east-1", patience=SHORT)
    begin = time.monotonic()
    with pytest.raises(AwsRefusedError, match=r"127\.0\.0\.1 did not answer in time") as caught, refusals_told():
        client.get_caller_identity()
    assert caught.value.transient
    assert time.monotonic() - begin < SHORT.call + 8  # with some patience for a machine that does other things too


def test_every_client_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[str] = []
    monkeypatch.setattr("pinekeep.account.client.clients.be_patient", lambda _, what: bound.append(what))

    class Session:
        def client(self, *_: Any, **__: Any) -> object:
            return object()

    Clients(Session(), "eu-west-1").client("kms")
    assert bound == ["kms in eu-west-1"]


def test_the_inside_of_botocore_that_is_reached_into_is_there() -> None:
    session = new_session(aws_access_key_id="x", aws_secret_access_key="y")
    client = session.client("kms", region_name="us-east-1")
    before = client._endpoint.http_session
    be_patient(client, what="kms")
    assert client._endpoint.http_session is not before


def test_a_call_ends_within_a_minute_or_so() -> None:
    assert PATIENCE.request <= PATIENCE.call <= 60
