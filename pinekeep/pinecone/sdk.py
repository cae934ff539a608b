"""Pinecone's SDK, configured to send each request once; :class:`Caller` decides about repetitions.

The SDK sends a request up to four times when there is no answer, also one that creates an API key or a project. A
second key would be an orphan, and a second project of the same name indistinguishable from the first. The SDK's Admin
client has no setting for it, so private attributes are set here, and here alone. A test verifies it, and any other
version of the SDK is refused.
"""

import json
import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pinekeep.account.process import bounded
from pinekeep.errors import PinekeepError
from pinekeep.pinecone.credentials import Connection, ServiceAccount
from pinekeep.pinecone.errors import SERVICE_ACCOUNT, Who, as_refusal, may_be_repeated, wait_asked_for
from pinekeep.pinecone.redaction import Secret, redact_logs

if TYPE_CHECKING:
    import httpx
    from pinecone import Admin, Pinecone

KNOWN_VERSION: Final = "10.2.0"
SOURCE_TAG: Final = "pinekeep"
ATTEMPTS: Final = 4
FIRST_WAIT: Final = 0.5
"""Seconds; doubled each time."""
LONGEST_WAIT: Final = 20.0
"""Seconds. Where Pinecone asks for more, the call fails instead."""
ANSWER_SECONDS: Final = 20.0
"""The timeout of the connection."""
REQUEST_SECONDS: Final = 30.0
"""The timeout of a whole answer, however slowly it arrives."""
CALL_SECONDS: Final = 60.0
"""The timeout of a call with its repetitions and pauses."""
_LISTS: Final = ("data", "indexes")
"""The lists of answers (facts.pinecone_api.ADMIN_API, CONTROL_PLANE_API), of all requests that are made here."""
_FIRST_ERROR: Final = 400

T = TypeVar("T")


class Caller:
    """Makes calls, and repeats those where a repetition is harmless.

    Args:
        sleep: waits some seconds.
        request_seconds: the timeout of a whole answer.
        call_seconds: the timeout of a call with its repetitions.
    """

    def __init__(
        self,
        sleep: Callable[[float], None] | None = None,
        *,
        who: Who = SERVICE_ACCOUNT,
        request_seconds: float = REQUEST_SECONDS,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._who = who
        self._request_seconds = request_seconds
        self._call_seconds = call_seconds
        self._sleep = sleep or time.sleep

    def call(self, what: str, function: Callable[[], T], *, makes: bool = False, attempts: int = ATTEMPTS) -> T:
        """Call the SDK.

        ``what``: the request, as in "Pinecone refuses to WHAT". ``makes``: whether it creates something each time. Such
        a call is repeated only where it was certainly not carried out: not sent, or refused because of too many
        requests. Raises UnclearError if it is unknown whether something was created; PineconeRefusedError if Pinecone
        refused the call, or cannot be reached.
        """
        from pinecone.errors import PineconeError  # noqa: PLC0415 - slow to import

        wait = FIRST_WAIT
        end = time.monotonic() + self._call_seconds
        for attempt in range(1, attempts + 1):
            try:
                return self._bounded(what, function, end - time.monotonic())
            except PineconeError as error:
                asked = wait_asked_for(error)
                pause = wait if asked is None else asked
                late = time.monotonic() + pause >= end
                if attempt == attempts or late or pause > LONGEST_WAIT or not may_be_repeated(error, makes=makes):
                    raise as_refusal(error, what=what, makes=makes, who=self._who) from None
            self._sleep(pause)
            wait *= 2
        raise AssertionError("the last attempt returns or raises")

    def _bounded(self, what: str, function: Callable[[], T], left: float) -> T:
        """Make one attempt. Raises PineconeError of the SDK for every failure."""
        from pinecone.errors import PineconeTimeoutError, ResponseParsingError  # noqa: PLC0415 - slow to import

        try:
            return bounded(f"Pinecone to {what}", function, seconds=max(0.0, min(self._request_seconds, left)))
        except TimeoutError as error:
            raise PineconeTimeoutError(str(error)) from error
        except (LookupError, AttributeError, TypeError) as error:
            # A part that an answer lacks is noticed where the SDK or this package looks for it.
            raise ResponseParsingError(f"{type(error).__name__}") from error


def make_admin(account: ServiceAccount, *, seconds: float = ANSWER_SECONDS) -> "Admin":
    """Return the SDK's Admin client, signed in.

    Raises PinekeepError if the SDK has another version than the known one; PineconeError if Pinecone refused the
    sign-in, or cannot be reached.
    """
    require_known_version()
    redact_logs()
    from pinecone import Admin  # noqa: PLC0415 - slow to import

    class OverItsOwnProxy(Admin):
        """Signs in through the proxy for that host, which may be another than the API's."""

        def _fetch_token(self, *given: Any, **named: Any) -> Any:
            named["proxy_url"] = account.connection.token_proxy_url
            return super()._fetch_token(*given, **named)

    admin = OverItsOwnProxy(
        client_id=account.client_id,
        client_secret=account.client_secret.reveal(),
        proxy_url=account.connection.proxy_url,
        source_tag=SOURCE_TAG,
        host=account.connection.api_url,
        oauth_url=account.connection.token_url,
    )
    _send_once(admin._http, seconds)
    _refuse_others_answers(admin._http)
    return admin


def make_client(api_key: Secret, connection: Connection, *, seconds: float = ANSWER_SECONDS) -> "Pinecone":
    """Return the SDK's client for the project of an API key. It sends nothing yet.

    Raises PinekeepError if the SDK has another version than the known one; PineconeValueError if the text cannot be an
    API key.
    """
    require_known_version()
    redact_logs()
    from pinecone import Pinecone, RetryConfig  # noqa: PLC0415 - slow to import

    client = Pinecone(
        api_key=api_key.reveal(),
        host=connection.api_url,
        proxy_url=connection.proxy_url,
        source_tag=SOURCE_TAG,
        timeout=seconds,
        retry_config=RetryConfig(max_retries=0),
    )
    _refuse_others_answers(client._http)
    # It warns on stderr about indexes that it drops; they are read from the raw answer.
    logging.getLogger("pinecone._internal.adapters.indexes_adapter").setLevel(logging.ERROR)
    return client


@contextmanager
def answers_of(client: "Pinecone") -> Generator[list[Any]]:
    """Collect the decoded JSON of successful answers, in a list that grows while the block runs."""
    answers: list[Any] = []

    def collect(response: "httpx.Response") -> None:
        if response.status_code < _FIRST_ERROR:
            answers.append(json.loads(response.read()))

    hooks = client._http._client.event_hooks["response"]
    hooks.append(collect)
    try:
        yield answers
    finally:
        hooks.remove(collect)


def require_known_version() -> None:
    """Raise PinekeepError, if the SDK is not the version whose private attributes are known."""
    found = version("pinecone")
    if found != KNOWN_VERSION:
        raise PinekeepError(
            f"version {KNOWN_VERSION} of Pinecone's SDK is needed, {found} is installed",
            hint=f"pip install pinecone=={KNOWN_VERSION}",
        )


def _send_once(http: Any, seconds: float) -> None:
    transport = http._client._transport
    transport._config = replace(transport._config, max_retries=0)
    http._config = replace(http._config, timeout=seconds)
    http._default_timeout_extensions = {"timeout": dict.fromkeys(http._default_timeout_extensions["timeout"], seconds)}


def _refuse_others_answers(http: Any) -> None:
    """Reject answers to reads and deletions that are not from Pinecone.

    The SDK takes foreign JSON for an empty list, and any answer for a deletion. A check for remaining indexes would
    then find none.
    """
    http._client.event_hooks = {"response": [_require_pinecones]}


def _require_pinecones(response: "httpx.Response") -> None:
    from pinecone.errors import ResponseParsingError  # noqa: PLC0415 - slow to import

    method = response.request.method
    if response.status_code >= _FIRST_ERROR or method not in {"GET", "DELETE"}:
        return
    body = response.read()
    try:
        answer = json.loads(body) if body.strip() else {}
    except ValueError:
        answer = None
    is_list = isinstance(answer, dict) and any(isinstance(answer.get(name), list) for name in _LISTS)
    if not (is_list if method == "GET" else isinstance(answer, dict)):
        raise ResponseParsingError("the answer is not from Pinecone")
