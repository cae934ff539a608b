"""Services that the emulator does not support at all, in the calls that are made here."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.core import iam_actions, router

Document = dict[str, Any]
Call = Callable[[Document], Document]
Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Answer]]
_HEADERS: Final = {"Content-Type": "application/x-amz-json-1.1"}


class RefusedError(ValueError):
    """A call that AWS refuses, with its error code; in a template, a resource that fails."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def register(service: str, prefix: str, calls: Mapping[str, Call]) -> None:
    """Route requests with a service's target to its calls."""
    from ministack import app  # noqa: PLC0415 - starts as much as it imports

    app.SERVICE_HANDLERS[service] = _handler(calls)
    router.SERVICE_PATTERNS[service] = {"target_prefixes": [f"{prefix}."]}


def register_rest(service: str, calls: Mapping[str, Call]) -> None:
    """Route the requests of a service with a REST interface to its calls, and authorize them.

    The paths are those of botocore's model. A call receives the members of the body, the path and the query.
    """
    from ministack import app  # noqa: PLC0415 - starts as much as it imports

    app.SERVICE_HANDLERS[service] = _rest_handler(service, calls)
    router.SERVICE_PATTERNS[service] = {"host_patterns": []}
    iam_actions._BOTOCORE_SERVICE_MAP[service] = [service]
    authorize(service)


def authorize(service: str) -> None:
    """Evaluate policies for the requests of a service, whose IAM prefix is its name."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service


def _answer(service: str, operation: str | None, call: Call | None, asked: Callable[[], Document]) -> Answer:
    try:
        if call is None:
            raise RefusedError("UnknownOperationException", f"Unknown operation of {service}: {operation}")
        return 200, dict(_HEADERS), json.dumps(call(asked())).encode()
    except RefusedError as error:
        body = {"__type": error.code, "message": error.message, "Message": error.message}
        return 400, {**_HEADERS, "x-amzn-errortype": error.code}, json.dumps(body).encode()


def _handler(calls: Mapping[str, Call]) -> Handler:
    async def handle(
        method: str,  # noqa: ARG001 - the emulator's signature
        path: str,  # noqa: ARG001
        headers: Mapping[str, str],
        body: bytes,
        query_params: object,  # noqa: ARG001
    ) -> Answer:
        service, _, operation = headers.get("x-amz-target", "").rpartition(".")
        return _answer(service, operation, calls.get(operation), lambda: json.loads(body or b"{}"))

    return handle


def _rest_handler(service: str, calls: Mapping[str, Call]) -> Handler:
    operations = iam_actions._load_botocore_model(service)["operations"]
    paths = {name: _path_pattern(each["http"]["requestUri"]) for name, each in operations.items()}

    async def handle(
        method: str,
        path: str,
        headers: Mapping[str, str],  # noqa: ARG001 - the emulator's signature
        body: bytes,
        query_params: Mapping[str, Any],
    ) -> Answer:
        operation = str(iam_actions._match_rest_action(service, method, path, dict(query_params)))
        matched = re.match(paths[operation], path) if operation in paths else None

        def asked() -> Document:
            query = {_member(key): each[0] if isinstance(each, list) else each for key, each in query_params.items()}
            return {**query, **(matched.groupdict() if matched else {}), **json.loads(body or b"{}")}

        return _answer(service, operation, calls.get(operation), asked)

    return handle


def _path_pattern(uri: str) -> str:
    return "^" + re.sub(r"\{(\w+)\}", r"(?P<\1>.+?)", uri) + "/?$"


def _member(query_name: str) -> str:
    return query_name[:1].upper() + query_name[1:]
