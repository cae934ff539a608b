"""Pinecone's SDK, made so that it sends each request once: whether it may be sent again is decided by us.

The SDK sends any request up to four times when an answer is missing, also one that makes an API key or a project. A
second key would be an orphan, a second project of the same name could not be told from the first. Its client for
administration has no setting for that, so it is set on the inside here, and here alone; a test holds it, and
another version of the SDK is refused until somebody has looked.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from pinekeep.errors import PinekeepError
from pinekeep.pinecone.credentials import ServiceAccount, Way
from pinekeep.pinecone.redaction import Secret, redact_logs

if TYPE_CHECKING:
    import httpx
    from pinecone import Admin, Pinecone

KNOWN_VERSION: Final = "10.2.0"
ANSWER_SECONDS: Final = 20.0
"""How long an answer may take."""
SOURCE_TAG: Final = "pinekeep"


def make_admin(account: ServiceAccount, *, seconds: float = ANSWER_SECONDS) -> "Admin":
    """Return the SDK's client for administration. It signs in at once.

    Args:
        account: as whom, and where.
        seconds: how long an answer may take.

    Raises:
        PinekeepError: the SDK is another version than the one that is known.
        pinecone.errors.PineconeError: Pinecone does not let it in, or cannot be reached.
    """
    require_known_version()
    redact_logs()
    from pinecone import Admin  # noqa: PLC0415 - slow to import

    class OverItsOwnProxy(Admin):
        """Signs in by the way to the host where that is done, which may be another than the way to the API."""

        def _fetch_token(self, *given: Any, **named: Any) -> Any:
            return super()._fetch_token(*given, **{**named, "proxy_url": account.way.token_proxy_url})

    admin = OverItsOwnProxy(
        client_id=account.client_id,
        client_secret=account.client_secret.reveal(),
        proxy_url=account.way.proxy_url,
        source_tag=SOURCE_TAG,
        host=account.way.api_url,
        oauth_url=account.way.token_url,
    )
    _send_once(admin._http, seconds)
    _refuse_others_answers(admin._http)
    return admin


def make_client(api_key: Secret, way: Way, *, seconds: float = ANSWER_SECONDS) -> "Pinecone":
    """Return the SDK's client for a project, which an API key opens. It sends nothing yet.

    Args:
        api_key: the key.
        way: the way to Pinecone.
        seconds: how long an answer may take.

    Raises:
        PinekeepError: the SDK is another version than the one that is known.
        pinecone.errors.PineconeValueError: the key cannot be one.
    """
    require_known_version()
    redact_logs()
    from pinecone import Pinecone, RetryConfig  # noqa: PLC0415 - slow to import

    client = Pinecone(
        api_key=api_key.reveal(),
        host=way.api_url,
        proxy_url=way.proxy_url,
        source_tag=SOURCE_TAG,
        timeout=seconds,
        retry_config=RetryConfig(max_retries=0),
    )
    _refuse_others_answers(client._http)
    # It would say on stderr which indexes it leaves out; they are read from the answer itself.
    logging.getLogger("pinecone._internal.adapters.indexes_adapter").setLevel(logging.ERROR)
    return client


@contextmanager
def answers_of(client: "Pinecone") -> Iterator[list[Any]]:
    """Collect what Pinecone answers to reads, as decoded JSON, in a list that grows while the block runs."""
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
    """See that the SDK is the version whose inside is known.

    Raises:
        PinekeepError: it is another, or it is not installed.
    """
    found = version("pinecone")
    if found != KNOWN_VERSION:
        raise PinekeepError(
            f"version {KNOWN_VERSION} of Pinecone's SDK is needed, {found} is installed",
            hint="run `make setup`, or install what requirements.txt names",
        )


def _send_once(http: Any, seconds: float) -> None:
    transport = http._client._transport
    transport._config = replace(transport._config, max_retries=0)
    http._config = replace(http._config, timeout=seconds)
    http._default_timeout_extensions = {"timeout": dict.fromkeys(http._default_timeout_extensions["timeout"], seconds)}


def _refuse_others_answers(http: Any) -> None:
    """Make the SDK fail at an answer to a read or a deletion that is not Pinecone's.

    By itself it takes JSON of another's for an empty list, and any answer for a deletion: whoever asks whether indexes
    are left would be told that there are none.
    """
    http._client.event_hooks = {"response": [_require_pinecones]}


def _require_pinecones(response: "httpx.Response") -> None:
    from pinecone.errors import ResponseParsingError  # noqa: PLC0415 - slow to import

    method = response.request.method
    if response.status_code >= _FIRST_ERROR or method not in {"GET", "DELETE"}:
        return
    body = response.read()
    try:
        told = json.loads(body) if body.strip() else {}
    except ValueError:
        told = None
    is_list = isinstance(told, dict) and any(isinstance(told.get(name), list) for name in _LISTS)
    if not (is_list if method == "GET" else isinstance(told, dict)):
        raise ResponseParsingError("it is no answer of Pinecone's")


_LISTS: Final = ("data", "indexes")
"""Where an answer holds what a list lists (facts.pinecone_api.ADMIN_API, CONTROL_PLANE_API): all that is read here."""
_FIRST_ERROR: Final = 400
