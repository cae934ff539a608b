"""No secret gets out, by whatever way it tries."""

import io
import json
import logging
import pickle
from collections.abc import Iterator

import pytest

from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.redaction import HIDDEN, LIBRARIES, RedactingFilter, Secret, redact_logs, redacted

SECRET = "one-two-three-four"


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(SECRET)
    assert secret.reveal() == SECRET
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>80}", f"{secret!r}", f"{[secret]}"):
        assert SECRET not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


@pytest.mark.parametrize(
    "text",
    [
        "the key is pcsk_6xAbC_9ZyXwVuTsRq12345",
        "pckey_label_0123456789abcdef",
        "Authorization: Bearer eyJhbGciOi.eyJzdWIi-_9.x",
        '{"client_secret": "EriX9ji2ci", "grant_type": "x"}',
        "{'access_token':'eyJz93a.k4laUWw'}",
        "http://me:EriX9ji2ci@proxy.example.com:3128",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    shown = redacted(text)
    assert HIDDEN in shown
    for secret in ("9ZyXwVuTsRq12345", "0123456789abcdef", "eyJzdWIi", "EriX9ji2ci", "k4laUWw"):
        assert secret not in shown


def test_other_words_are_left_alone() -> None:
    text = "GET https://api.pinecone.io/admin/projects 200, role bearer of news"
    assert redacted(text).startswith("GET https://api.pinecone.io/admin/projects 200")


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("tests.redaction")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_a_known_secret_is_taken_out_of_the_text_the_arguments_and_the_traceback(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = log
    Secret(SECRET)
    logger.info("text %s", SECRET)
    logger.info(f"text {SECRET}")
    logger.info({"value": SECRET})
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("it failed", stack_info=True)
    assert SECRET not in stream.getvalue()
    assert stream.getvalue().count(HIDDEN) >= 4
    assert "ValueError" in stream.getvalue()


def test_the_libraries_speak_through_one_filter_and_to_nobody_else() -> None:
    assert redact_logs() is redact_logs()
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        assert not logger.propagate
        assert (
            sum(any(isinstance(each, RedactingFilter) for each in handler.filters) for handler in logger.handlers) == 1
        )


def test_not_even_the_sdks_own_debugging_writes_a_secret(
    stand_in: PineconeStandIn, admin: PineconeAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything turned on that the SDK and httpx have, all that they say goes through the filter."""
    monkeypatch.setenv("PINECONE_DEBUG_CURL", "1")
    handler = redact_logs()
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(handler, "level", logging.DEBUG)
    for name in LIBRARIES:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
        logging.getLogger(name).manager._clear_cache()  # pyrefly: ignore[missing-attribute] # levels are remembered
    project = admin.create_project("search", cmek=True)
    _, value = admin.create_api_key(project.id, name="ingest", roles=["DataPlaneEditor"])
    said = stream.getvalue()
    assert "curl" in said
    assert value.reveal() not in said
    assert stand_in.organization.client_secret not in said
    assert not [token for token in stand_in.organization.tokens if token in said]
    for name in LIBRARIES:
        logging.getLogger(name).manager._clear_cache()  # pyrefly: ignore[missing-attribute]
