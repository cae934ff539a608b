"""The paths of an embedded AWS that are not AWS's: requests to them, and their answers."""

import http.client
from collections.abc import Awaitable, Callable
from typing import Any, Final

App = Callable[..., Awaitable[None]]
OK: Final = 200
_SECONDS: Final = 30.0


def ask(port: int, method: str, path: str, body: str = "") -> tuple[int, bytes]:
    """Send a request to the server on a loopback port. Returns the status and the body. Raises OSError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


async def body_of(receive: Any) -> bytes:
    """Return the body of an ASGI request."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def reply(send: Any, status: int, body: bytes) -> None:
    """Send an ASGI answer with a JSON body."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
