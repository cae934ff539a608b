"""The server's own process: `python -m pinekeep.emulator.serve --fd N --port P …`; `launch.py` starts it.

How it lives and ends says `lifeline.py`.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.extensions import install_all
from pinekeep.emulator.lifeline import IDENTITY_PATH, begin
from pinekeep.emulator.snapshots import with_snapshots
from pinekeep.emulator.version import check_version

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Settings:
    """What the parent tells the server, as read from the command line."""

    fd: int
    port: int
    account: str
    region: str
    folder: Path
    identity: str
    detached: bool
    endpoint_services: str


def settings(arguments: list[str]) -> Settings:
    """Read the command line. Raises SystemExit, as argparse does, when it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m pinekeep.emulator.serve", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="a listening socket, inherited")
    parser.add_argument("--port", type=int, required=True, help="the port that socket is bound to")
    parser.add_argument("--account", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--folder", type=Path, required=True, help="its private folder; deleted at the end")
    parser.add_argument("--identity", required=True, help="what it answers when asked who it is")
    parser.add_argument("--detached", action="store_true", help="become nobody's child")
    parser.add_argument("--endpoint-services", default="{}", help="JSON: service name to private DNS name")
    return Settings(**vars(parser.parse_args(arguments)))


def emulator_environment(chosen: Settings) -> dict[str, str]:
    """What ministack reads from its environment, at import time as well as later."""
    return {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(chosen.port),
        "IOT_MTLS_ENABLED": "0",  # it would open a second port
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": chosen.account,
        "MINISTACK_REGION": chosen.region,
        "MINISTACK_WORKER_THREADS": "16",
        "SFTP_ENABLED": "0",
        "S3_DATA_DIR": str(chosen.folder / "s3"),
        "STATE_DIR": str(chosen.folder / "state"),
        # At boot it removes containers that look like its own; those of the user are none of its business.
        "DOCKER_HOST": f"unix://{chosen.folder}/no-docker.sock",
    }


def with_identity(app: App, *, identity: str) -> App:
    """The same application, answering one more path with who this process is."""
    answer = json.dumps({"identity": identity, "pid": os.getpid()}).encode()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != IDENTITY_PATH:
            await app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return wrapped


async def serve(chosen: Settings) -> None:
    """Install the extensions and answer requests until the process is ended."""
    # Imported here: ministack reads its environment when it is imported.
    from hypercorn.asyncio import serve as hypercorn_serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    install_all(endpoint_services=json.loads(chosen.endpoint_services))
    config = Config()
    config.bind = [f"fd://{chosen.fd}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    # A trigger of our own keeps hypercorn's signal handlers out: `end` is quicker and deletes the folder.
    served = with_snapshots(with_identity(app, identity=chosen.identity))
    await hypercorn_serve(served, config, shutdown_trigger=asyncio.Event().wait)


def main(arguments: list[str]) -> int:
    """Run the server. Out: the exit code when it could not start; otherwise it does not return."""
    chosen = settings(arguments)
    begin(folder=chosen.folder, detached=chosen.detached)
    os.environ.update(emulator_environment(chosen))
    try:
        check_version()
    except LocalAwsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    asyncio.run(serve(chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
