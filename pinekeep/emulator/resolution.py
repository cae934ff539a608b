"""What a client in a VPC of an embedded AWS gets for a name."""

import json
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlencode

from pinekeep.emulator import control
from pinekeep.emulator.control import App
from pinekeep.emulator.errors import LocalAwsError

PATH: Final = "/_pinekeep/resolution"
Source = Literal["hosted-zone", "profile", "endpoint", "resolver-rule", "custom-server", "public", "none"]


@dataclass(frozen=True)
class DnsAnswer:
    """The answer to a query for a name and record type.

    ``code``: `NOERROR` (without records: no data), `NXDOMAIN`; empty where a server outside the embedded AWS answers.
    ``records``: the values, of a CNAME those of its target. ``source``: who answers, with ``by``, the ID of the zone,
    the endpoint or the rule, or the addresses of the servers. `none`: the VPC does not resolve names.
    """

    code: str
    source: Source
    by: str = ""
    records: tuple[str, ...] = ()


def ask(port: int, *, vpc_id: str, name: str, record_type: str) -> DnsAnswer:
    """Ask the server on a loopback port. Raises LocalAwsError for an unknown VPC."""
    query = urlencode({"vpc_id": vpc_id, "name": name, "record_type": record_type})
    status, body = control.ask(port, "GET", f"{PATH}?{query}")
    if status != control.OK:
        raise LocalAwsError(f"the embedded AWS does not have the VPC {vpc_id}")
    said = json.loads(body)
    return DnsAnswer(code=said["code"], source=said["source"], by=said["by"], records=tuple(said["records"]))


def with_resolution(app: App) -> App:
    """Return the ASGI application with the path that resolves names."""

    async def wrapped(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope.get("path") != PATH:
            await app(scope, receive, send)
            return
        from pinekeep.emulator.extensions import answers  # noqa: PLC0415 - imports the emulator

        asked = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
        found = answers.resolve(asked["vpc_id"], asked["name"], asked["record_type"])
        body = json.dumps(asdict(found) if found else {}).encode()
        await control.reply(send, control.OK if found else 404, body)

    return wrapped
