"""Secrets that cannot be printed by mistake, and their removal from logs."""

import logging
import re
import sys
from typing import Final

HIDDEN: Final = "[hidden]"
LIBRARIES: Final = ("pinecone", "httpx", "httpcore")
"""The loggers through which Pinecone's SDK and what it stands on may speak."""

_PATTERNS: Final = (
    re.compile(r"\bpc(?:sk|key)_[A-Za-z0-9_-]+"),
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]+"),
    re.compile(r"""(?i)(?<=["']client_secret["']:)\s*["'][^"']*["']"""),
    re.compile(r"""(?i)(?<=["']access_token["']:)\s*["'][^"']*["']"""),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
)
"""API keys, tokens, client secrets, and passwords in addresses of proxies, wherever they may turn up."""

_known: set[str] = set()
_KNOWN_MIN: Final = 8
"""Shorter texts are no secrets of anybody's, and would be found everywhere."""


class Secret:
    """A text that only :meth:`reveal` returns: hidden when printed or pickled, and removed from every log."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        if len(value) >= _KNOWN_MIN:
            _known.add(value)

    def reveal(self) -> str:
        """Return the text."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return HIDDEN

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


def redacted(text: str) -> str:
    """Return a text without known secrets and without anything that looks like a secret of Pinecone."""
    for value in _known:
        text = text.replace(value, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


class RedactingFilter(logging.Filter):
    """Removes secrets from log records: from text, arguments and tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record, and keep it."""
        record.msg, record.args = redacted(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = redacted(record.exc_text)
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return True


class _ToStderr(logging.Handler):
    """Writes to the current stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")


def redact_logs() -> logging.Handler:
    """Send the SDK's logs to stderr through the filter, and nowhere else. Idempotent."""
    handlers = [each for each in logging.getLogger(LIBRARIES[0]).handlers if _is_ours(each)]
    handler = handlers[0] if handlers else _ToStderr()
    if not handlers:
        handler.setLevel(logging.WARNING)
        handler.addFilter(RedactingFilter())
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.propagate = False
        if handler not in logger.handlers:
            logger.addHandler(handler)
    return handler


def _is_ours(handler: logging.Handler) -> bool:
    return any(isinstance(each, RedactingFilter) for each in handler.filters)
