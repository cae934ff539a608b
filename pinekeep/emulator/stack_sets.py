"""Instances of stack sets that fail, or wait, on request.

A server keeps a list of rules. An operation of StackSets looks it up before it acts on an instance: the first rule of
kind ``fail`` that matches makes the instance fail with its reason; a rule of kind ``hold`` lets it wait until the rule
is gone. Patterns are those of :mod:`fnmatch`; ``action`` is CREATE, UPDATE, DELETE or DETECT_DRIFT.

The quotas of StackSets can be lower than AWS's, so that a test exceeds them.
"""

import json
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self

from pinekeep.emulator.control import OK, App, ask, body_of, reply
from pinekeep.emulator.errors import LocalAwsError

PATH: Final = "/_pinekeep/stack-sets/rules"
QUOTAS_PATH: Final = "/_pinekeep/stack-sets/quotas"

QuotaName = Literal["Stack instances per stack set", "Stack sets per administrator account"]


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
    _check(ask(port, "POST", PATH, json.dumps(asdict(rule))))


def clear_rules(port: int) -> None:
    """Remove all rules of the server on a loopback port."""
    _check(ask(port, "DELETE", PATH))


def set_quota(port: int, name: QuotaName, value: int | None) -> None:
    """Set a quota of StackSets on the server on a loopback port; None for AWS's default."""
    _check(ask(port, "PUT", QUOTAS_PATH, json.dumps({"name": name, "value": value})))


def _check(answer: tuple[int, bytes]) -> None:
    status, said = answer
    if status != OK:
        raise LocalAwsError(f"the embedded AWS did not take it: {said.decode(errors='replace')}")


def with_rules(app: App) -> App:
    """Return the ASGI application with the paths that add and remove rules, and set quotas."""

    async def wrapped(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope.get("path") not in (PATH, QUOTAS_PATH):
            await app(scope, receive, send)
            return
        body = await body_of(receive)
        if scope["path"] == PATH:
            _change_rules(json.loads(body) if scope["method"] == "POST" else None)
        else:
            _change_quota(**json.loads(body))
        await reply(send, OK, b"{}")

    return wrapped


def _change_rules(added: dict[str, Any] | None) -> None:
    from pinekeep.emulator.extensions.stack_sets.failures import rules  # noqa: PLC0415 - imports ministack

    if added is None:
        rules.clear()
    else:
        rules.append(InstanceRule(**added))


def _change_quota(*, name: str, value: int | None) -> None:
    from pinekeep.emulator.extensions.service_quotas import applied  # noqa: PLC0415 - imports ministack

    if value is None:
        applied.pop(name, None)
    else:
        applied[name] = value
