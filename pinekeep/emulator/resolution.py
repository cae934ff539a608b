"""What a client in a VPC of an embedded AWS gets for a name."""

import http.client
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlencode

from pinekeep.emulator.errors import LocalAwsError

PATH: Final = "/_pinekeep/resolution"
_SECONDS: Final = 30.0

App = Callable[..., Awaitable[None]]
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
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        query = urlencode({"vpc_id": vpc_id, "name": name, "record_type": record_type})
        connection.request("GET", f"{PATH}?{query}")
        answer = connection.getresponse()
        said = json.loads(answer.read())
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise LocalAwsError(f"the embedded AWS does not have the VPC {vpc_id}")
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
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return wrapped
