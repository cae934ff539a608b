"""What is no answer of AWS's: told as such, for every protocol, whatever it is."""

import gzip
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.config import Config
from botocore.parsers import ResponseParserError

from pinekeep.account.client.clients import ATTEMPTS
from pinekeep.account.client.refusals import as_refusal, refusals_told
from pinekeep.account.credentials.sessions import new_session
from pinekeep.errors import AwsRefusedError, ExitCode

PAGE = b"<!DOCTYPE html><html><head><title>Hotel</title></head><body>Sign in</body></html>"
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>Sign in</body></html>'
BODIES = {
    "a page": PAGE,
    "an XHTML page": XHTML,
    "rubbish": b"\x00\x01rubbish",
    "nothing": b"",
    "other JSON": b'{"hotel": "open"}',
    "other XML": b"<hotel>open</hotel>",
    "cut JSON": b'{"Keys": [',
    "cut XML": b"<GetRoleResponse><GetRoleResult><Role><Arn>arn:",
}

CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "json": ("kms", lambda client: client.describe_key(KeyId="x")["KeyMetadata"]["KeyState"]),
    "query": ("iam", lambda client: client.get_role(RoleName="x")["Role"]["Arn"]),
    "query, identity": ("sts", lambda client: client.get_caller_identity()["Account"]),
    "ec2": ("ec2", lambda client: client.describe_vpcs()["Vpcs"]),
    "rest-xml": ("route53", lambda client: client.get_hosted_zone(Id="Z1")["HostedZone"]["Name"]),
    "rest-json": ("accessanalyzer", lambda client: client.list_analyzers()["analyzers"]),
}


@contextmanager
def answering(status: int, body: bytes, *, first: int = 0) -> Generator[tuple[str, list[str]]]:
    """Give the address of a server that answers everything alike, and the requests it was sent.

    Args:
        status: the status.
        body: the body.
        first: how many requests are answered so; then with an identity. 0 means all.
    """
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent.append(self.path)
            over = bool(first) and len(sent) > first
            told = IDENTITY if over else body
            self.send_response(200 if over else status)
            self.send_header("Content-Type", "text/xml" if over else "text/html")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = _serve  # noqa: N815 - http.server's names

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", sent
    finally:
        server.shutdown()
        server.server_close()


IDENTITY = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:root</Arn>"
    b"<UserId>x</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def client_of(service: str, address: str, *, attempts: int = 1) -> Any:
    config = Config(retries={"mode": "adaptive", "total_max_attempts": attempts}, proxies={})
    session = new_session(aws_access_key_id="x", aws_secret_access_key="y")
    return session.client(service, region_name="us-east-1", endpoint_url=address, config=config)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("service", "call"), CALLS.values(), ids=CALLS)
def test_what_is_no_answer_of_aws_is_refused_by_every_protocol(
    service: str, call: Callable[[Any], Any], body: bytes
) -> None:
    with answering(200, body) as (address, _), pytest.raises(AwsRefusedError) as caught, refusals_told():
        call(client_of(service, address))
    assert caught.value.exit_code == ExitCode.AWS_REFUSED
    assert "AWS's answer to " in caught.value.message
    assert "HTTPS_PROXY" in str(caught.value.hint)


@pytest.mark.parametrize("status", [200, 302, 403, 407, 511])
@pytest.mark.parametrize(("service", "call"), CALLS.values(), ids=CALLS)
def test_a_page_of_any_status_shows_nothing_of_itself(service: str, call: Callable[[Any], Any], status: int) -> None:
    with answering(status, PAGE) as (address, _), pytest.raises(AwsRefusedError) as caught, refusals_told():
        call(client_of(service, address))
    assert "Hotel" not in f"{caught.value.message}{caught.value.hint}"
    assert "<" not in caught.value.message


@pytest.mark.parametrize("body", [PAGE, b"rubbish"], ids=["a page", "rubbish"])
def test_a_page_is_not_taken_for_the_success_of_a_call_without_an_answer(body: bytes) -> None:
    with answering(200, body) as (address, _), pytest.raises(AwsRefusedError):
        client_of("kms", address).disable_key(KeyId="x")


def test_nothing_is_the_answer_of_a_call_without_an_answer() -> None:
    with answering(200, b"") as (address, _):
        client_of("kms", address).disable_key(KeyId="x")


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("body", [b"", PAGE, b"slow down"], ids=["nothing", "a page", "words"])
def test_a_429_without_a_word_of_awss_is_repeated(body: bytes) -> None:
    with answering(429, body, first=2) as (address, sent):
        assert client_of("sts", address, attempts=ATTEMPTS).get_caller_identity()["Account"] == "111122223333"
    assert len(sent) == 3


@pytest.mark.parametrize(("service", "call"), CALLS.values(), ids=CALLS)
def test_a_429_that_stays_is_told_as_being_asked_too_often(service: str, call: Callable[[Any], Any]) -> None:
    with answering(429, b"") as (address, _), pytest.raises(AwsRefusedError) as caught, refusals_told():
        call(client_of(service, address))
    assert caught.value.message.startswith("AWS is asked too often")
    assert caught.value.transient


@pytest.mark.parametrize("body", [b"", PAGE], ids=["nothing", "a page"])
@pytest.mark.parametrize(("service", "call"), CALLS.values(), ids=CALLS)
def test_a_503_is_awss_own_fault_whatever_stands_in_it(service: str, call: Callable[[Any], Any], body: bytes) -> None:
    with answering(503, body) as (address, _), pytest.raises(AwsRefusedError) as caught, refusals_told():
        call(client_of(service, address))
    assert "AWS failed at" in caught.value.message
    assert caught.value.transient


def test_an_answer_of_awss_own_is_read_as_ever() -> None:
    with answering(200, IDENTITY) as (address, _):
        answer = client_of("sts", address).get_caller_identity()
    assert answer["Account"] == "111122223333"
    assert answer.get("Strange") is None
    assert "Strange" not in answer
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>", "iam"),
        (b'{"__type":"AccessDeniedException","message":"no"}', "kms"),
    ],
)
def test_a_refusal_of_awss_own_is_told_as_ever(body: bytes, code: str) -> None:
    call = CALLS["query" if code == "iam" else "json"][1]
    with (
        answering(403, body) as (address, _),
        pytest.raises(AwsRefusedError, match="AWS does not allow"),
        refusals_told(),
    ):
        call(client_of(code, address))


def test_an_answer_that_only_botocore_could_not_read_is_told_too() -> None:
    refusal = as_refusal(ResponseParserError("Unable to parse response, invalid XML received: <html>Hotel"))
    assert refusal is not None
    assert "Hotel" not in f"{refusal.message}{refusal.hint}"


def test_compressed_rubbish_is_no_answer_either() -> None:
    with answering(200, gzip.compress(PAGE)) as (address, _), pytest.raises(AwsRefusedError), refusals_told():
        client_of("sts", address).get_caller_identity()
