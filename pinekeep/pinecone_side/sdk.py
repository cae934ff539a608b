"""Pinecone's SDK, made so that it sends each request once: whether it may be sent again is decided by us.

The SDK sends any request up to four times when an answer is missing, also one that makes an API key or a project. A
second key would be an orphan, a second project of the same name could not be told from the first. Its client for
administration has no setting for that, so it is set on the inside here, and here alone; a test holds it, and
another version of the SDK is refused until somebody has looked.
"""

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from pinekeep.errors import PinekeepError
from pinekeep.pinecone_side.credentials import ServiceAccount, Way
from pinekeep.pinecone_side.redaction import Secret, redact_logs

if TYPE_CHECKING:
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

    admin = Admin(
        client_id=account.client_id,
        client_secret=account.client_secret.reveal(),
        proxy_url=account.way.proxy_url,
        source_tag=SOURCE_TAG,
        host=account.way.api_url,
        oauth_url=account.way.token_url,
    )
    _send_once(admin._http, seconds)
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

    return Pinecone(
        api_key=api_key.reveal(),
        host=way.api_url,
        proxy_url=way.proxy_url,
        source_tag=SOURCE_TAG,
        timeout=seconds,
        retry_config=RetryConfig(max_retries=0),
    )


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
