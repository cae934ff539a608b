"""Response parsing that rejects responses which do not come from AWS.

A captive portal or a proxy may answer in AWS's place: with a web page, something else, or nothing, often with status
200. botocore takes some of that for an empty response and fails on the rest with various exceptions. Here it is always
the same error.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from botocore.parsers import ResponseParserFactory

from pinekeep.account.client.refusals import not_an_answer
from pinekeep.errors import AwsRefusedError

THROTTLED_STATUS: Final = 429
THROTTLED_CODE: Final = "TooManyRequestsException"
"""A throttling code that botocore retries; a 429 without a body carries none."""

_REDIRECT: Final = range(300, 400)
_SERVER_FAULT: Final = 500
_PAGE: Final = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype\s+html|<html\b)", re.IGNORECASE | re.DOTALL
)
_ROOT: Final = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?(\w+)", re.DOTALL)
_XML: Final = frozenset({"query", "ec2", "rest-xml"})
_XML_NAMED: Final = frozenset({"query", "ec2"})
"""The protocols whose responses are always XML, with a root element named after the operation."""
_JSON: Final = frozenset({"json", "rest-json"})


class Answer(dict[str, Any]):
    """A response of AWS, or a part of one. A missing member raises AwsRefusedError instead of KeyError."""

    operation: str = "the call"

    def __missing__(self, key: str) -> NoReturn:
        """Raise AwsRefusedError for a missing member."""
        raise not_an_answer(self.operation, lacks=key)


class ParserFactory(ResponseParserFactory):
    """Creates botocore's parsers, guarded. Register it before the first client is created."""

    def create_parser(self, protocol_name: str) -> "_Parser":  # pyrefly: ignore[bad-override] # has the same methods
        """Return the parser of a protocol, by its botocore name."""
        return _Parser(super().create_parser(protocol_name), protocol_name)


class _Parser:
    """A parser that rejects responses which do not come from AWS."""

    def __init__(self, inner: Any, protocol: str) -> None:
        self._inner = inner
        self._protocol = protocol

    def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        """Return a parsed response, as botocore's parsers do.

        ``response``: its ``status_code``, ``headers``, ``body`` and ``context``. ``shape``: the expected shape; None
        where the operation returns nothing. Raises AwsRefusedError if the response does not come from AWS.
        """
        operation = str(response.get("context", {}).get("operation_name", "the call"))
        status = int(response["status_code"])
        failed = status >= _REDIRECT.start
        body = response["body"] if isinstance(response["body"], bytes) else None
        page = body is not None and _PAGE.match(body) is not None
        if not page and (failed or body is None or self._is_ours(body, shape)):
            try:
                parsed = self._inner.parse(response, shape)
            except AwsRefusedError:
                raise
            except Exception:
                parsed = None
            if parsed is not None and not (failed and self._says_nothing(parsed, status, body)):
                return _answers(parsed, operation)
        if status == THROTTLED_STATUS:
            return _error(response, THROTTLED_CODE)
        if status >= _SERVER_FAULT:
            return _error(response, str(status))
        raise not_an_answer(operation, page=page)

    def _is_ours(self, body: bytes, shape: Any) -> bool:
        """Return whether the body of a successful response can be AWS's."""
        if self._protocol in _XML_NAMED:
            root = _ROOT.match(body)
            return root is not None and root[1].endswith(b"Response")
        if not body.strip():
            return self._protocol != "json" or shape is None or not shape.members
        if shape is not None and _has_raw_payload(shape):
            return True
        if self._protocol in _JSON:
            return _is_json(body)
        return self._protocol not in _XML or _ROOT.match(body) is not None

    def _says_nothing(self, parsed: Any, status: int, body: bytes | None) -> bool:
        """Return whether an error response lacks AWS's error code."""
        if not isinstance(parsed, dict) or "Error" not in parsed:
            return False  # one of the shapes that an error's own members are read by
        code = str(parsed["Error"].get("Code") or "")
        wordless = not code or code == str(status)
        if status == THROTTLED_STATUS or status in _REDIRECT:
            return wordless
        return wordless and bool(body and body.strip()) and self._protocol in _JSON and not _is_json(body or b"")


def _has_raw_payload(shape: Any) -> bool:
    payload = shape.serialization.get("payload")
    return payload is not None and shape.members[payload].type_name in {"string", "blob"}


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _error(response: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Return an error response, as botocore's parsers do."""
    headers = {str(name).lower(): value for name, value in response["headers"].items()}
    metadata = {"HTTPStatusCode": response["status_code"], "HTTPHeaders": headers}
    return {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": metadata}


def _answers(value: Any, operation: str) -> Any:
    """Return a value with every dictionary in it as an :class:`Answer`."""
    if isinstance(value, dict):
        answer = Answer((name, _answers(each, operation)) for name, each in value.items())
        answer.operation = operation
        return answer
    return [_answers(each, operation) for each in value] if isinstance(value, list) else value
