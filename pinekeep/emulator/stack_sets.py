"""Instances of stack sets that fail, or wait, on request.

A server keeps a list of rules. An operation of StackSets looks it up before it acts on an instance: the first rule of
kind ``fail`` that matches makes the instance fail with its reason; a rule of kind ``hold`` lets it wait until the rule
is gone. Patterns are those of :mod:`fnmatch`; ``action`` is CREATE, UPDATE, DELETE or DETECT_DRIFT.
"""

import http.client
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self

from pinekeep.emulator.errors import LocalAwsError

PATH: Final = "/_pinekeep/stack-sets/rules"
_SECONDS: Final = 30.0
App = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class InstanceRule:
    """A rule about instances. ``times``: how many instances it is for, 0 for all."""

    kind: Literal["fail", "hold"]
    reason: str = ""
    stack_set: str = "*"
    account: str = "*"
    region: str = "*"
    action: str = "*"
    times: int = 0

    def with_times(self, times: int) -> Self:
        """Return the rule for another number of instances."""
        return replace(self, times=times)


def add_rule(port: int, rule: InstanceRule) -> None:
    """Add a rule to the server on a loopback port."""
    _ask("POST", port, json.dumps(asdict(rule)))


def clear_rules(port: int) -> None:
    """Remove all rules of the server on a loopback port."""
    _ask("DELETE", port, "")


def _ask(method: str, port: int, body: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request(method, PATH, body)
        answer = connection.getresponse()
        said = answer.read().decode(errors="replace")
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise LocalAwsError(f"the embedded AWS did not take the rule: {said}")


def with_rules(app: App) -> App:
    """Return the ASGI application with the path that adds and removes rules."""

    async def wrapped(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope.get("path") != PATH:
            await app(scope, receive, send)
            return
        from pinekeep.emulator.extensions.stack_sets.failures import rules  # noqa: PLC0415 - imports ministack

        if scope["method"] == "POST":
            rules.append(InstanceRule(**json.loads(await _body(receive))))
        else:
            rules.clear()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return wrapped


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
