"""Pinecone's errors as sentences with a hint. Nothing that was sent reaches a message."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pinekeep.account.client.refusal_codes import cleaned
from pinekeep.account.client.refusals import is_local
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.pinecone.redaction import redacted

Sentence = tuple[str, str | None]

AGAIN: Final = "run it again: it first reads the current state"


class PineconeRefusedError(AwsRefusedError):
    """Pinecone refused a call, or cannot be reached. ``status`` is the HTTP status; None without an answer."""

    def __init__(self, message: str, *, hint: str | None = None, status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class UnclearError(PineconeRefusedError):
    """There was no answer to a request that creates something: it may have been created."""


class PineconeStateError(PinekeepError):
    """The state at Pinecone does not allow the operation. Nothing was changed."""


@dataclass(frozen=True)
class Who:
    """The caller, for messages.

    Attributes:
        name: as in "Pinecone does not know NAME".
        unknown_hint: the hint of status 401.
        forbidden_hint: the hint of status 403.
    """

    name: str
    unknown_hint: str
    forbidden_hint: str


SERVICE_ACCOUNT: Final = Who(
    "this service account",
    "check PINECONE_CLIENT_ID and PINECONE_CLIENT_SECRET; rotating a secret invalidates the previous one",
    "give it a role with the permission, or see whether a quota or the organization's plan is the reason",
)
API_KEY: Final = Who(
    "this API key",
    "it may have been deleted in the console; `pinekeep pinecone rotate` replaces it",
    "give it a role with the permission in the file, then `pinekeep pinecone apply`",
)


def as_refusal(error: Exception, *, what: str, makes: bool = False, who: Who = SERVICE_ACCOUNT) -> PineconeRefusedError:
    """Return an SDK error as a refusal. ``what``: "list the projects". ``makes``: whether it creates something."""
    import pinecone.errors as e  # noqa: PLC0415 - slow to import

    status = error.status_code if isinstance(error, e.ApiError) else None
    if makes and is_unclear(error):
        message = f"Pinecone gave no clear answer when asked to {what}, so it may have been done"
        return UnclearError(message, hint=AGAIN, status=status)
    if isinstance(error, e.ApiError) and error.status_code >= _FIRST_ERROR:
        message, hint = _answered(error, error.status_code, what, who)
    elif isinstance(error, e.ResponseParsingError | e.ApiError):
        message, hint = (
            f"the answer to the request to {what} is not in the format of Pinecone's API",
            "a network that wants you to sign in first answers so (open a web page in a browser), or a proxy that "
            "changes answers or cuts them short (check HTTPS_PROXY); then try again",
        )
    elif isinstance(error, e.PineconeTimeoutError | e.PineconeConnectionError):
        message, hint = _no_way_there(error)
    else:
        message, hint = f"Pinecone's SDK failed to {what}: {type(error).__name__}", None
    return PineconeRefusedError(message, hint=hint, status=status)


def never_arrived(error: Exception) -> bool:
    """Tell whether a request was not sent, so that it can be repeated whatever it does."""
    import httpx  # noqa: PLC0415 - slow to import

    return any(isinstance(each, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError) for each in chain(error))


def is_unclear(error: Exception) -> bool:
    """Tell whether a failed request may have been carried out."""
    import pinecone.errors as e  # noqa: PLC0415 - slow to import

    if isinstance(error, e.ApiError):
        status = error.status_code
        return status >= _SERVER_FAULT or status == _REQUEST_TIMEOUT or status < _FIRST_ERROR
    return isinstance(error, e.PineconeError) and not isinstance(error, ValueError) and not never_arrived(error)


def may_be_repeated(error: Exception, *, makes: bool) -> bool:
    """Tell whether a failed request may be repeated. ``makes``: whether it creates something each time."""
    import pinecone.errors as e  # noqa: PLC0415 - slow to import

    if isinstance(error, e.ApiError) and error.status_code == _TOO_MANY:
        return True
    if never_arrived(error):
        return not _is_tls(error)
    not_pinecones = isinstance(error, e.ResponseParsingError) or (
        isinstance(error, e.ApiError) and error.status_code < _FIRST_ERROR
    )
    return not makes and is_unclear(error) and not not_pinecones


def wait_asked_for(error: Exception) -> float | None:
    """Return the seconds that Pinecone asks to wait; None where it does not say."""
    found = getattr(error, "retry_after", None)
    return float(found) if isinstance(found, int | float) else None


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and its causes."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


_FIRST_ERROR: Final = 400
_SERVER_FAULT: Final = 500
_TOO_MANY: Final = 429
_REQUEST_TIMEOUT: Final = 408


def _answered(error: Exception, status: int, what: str, who: Who) -> Sentence:
    said = cleaned(redacted(str(getattr(error, "message", ""))))
    words = f": {said}" if said else ""
    match status:
        case 401:
            return f"Pinecone does not know {who.name}, so it refuses to {what}", who.unknown_hint
        case 402:
            return f"Pinecone requires payment to {what}{words}", "see the organization's billing"
        case 403:
            return f"Pinecone does not allow {who.name} to {what}{words}", who.forbidden_hint
        case 404:
            return f"Pinecone no longer finds what is needed to {what}{words}", AGAIN
        case 409:
            return f"Pinecone cannot {what}, because of what is there already{words}", AGAIN
        case 412:
            return f"Pinecone cannot {what} as things are{words}", None
        case 429:
            return f"Pinecone is asked too often and refuses to {what} for now", "wait a minute, then try again"
        case _ if status >= _SERVER_FAULT:
            return f"Pinecone failed to {what} ({status})", "that is an error at Pinecone; try again later"
        case _:
            return f"Pinecone refuses to {what} ({status}){words}", None


def _no_way_there(error: Exception) -> Sentence:
    import httpx  # noqa: PLC0415 - slow to import

    links = list(chain(error))
    host = _host_of(error)
    if _is_tls(error):
        return (
            f"the certificate of {host} is not trusted",
            "behind a proxy that opens TLS, name its certificate in SSL_CERT_FILE",
        )
    if any(isinstance(each, httpx.ProxyError) for each in links):
        return f"the proxy on the way to {host} does not let it through", "check HTTPS_PROXY and NO_PROXY"
    if any(isinstance(each, httpx.TimeoutException | TimeoutError) for each in links):
        return f"{host} did not answer in time", "check the network and HTTPS_PROXY"
    if any(isinstance(each, httpx.RemoteProtocolError | httpx.ReadError) for each in links):
        return f"the answer of {host} broke off", "check the network and the proxies on the way, and try again"
    if is_local(host):
        return f"{host} cannot be reached: the stand-in for Pinecone is stopped", (
            'start one with `eval "$(pinekeep local start --pinecone)"`, or point this shell back at Pinecone with '
            '`eval "$(pinekeep local stop)"`'
        )
    return f"{host} cannot be reached", "check the network and HTTPS_PROXY"


def _is_tls(error: Exception) -> bool:
    return any(isinstance(each, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(each) for each in chain(error))


def _host_of(error: Exception) -> str:
    for each in chain(error):
        try:
            url = getattr(each, "request", None)
        except RuntimeError:  # httpx, where no request belongs to the exception
            continue
        host = urlsplit(str(url.url)).hostname if url is not None else None
        if host:
            return host
    return "Pinecone"
