"""The server process: `python -m pinekeep.emulator.serve SETTINGS`, started by `process.ServerProcess`."""

import asyncio
import gc
import json
import os
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from pinekeep.emulator.control import OK, App, reply
from pinekeep.emulator.organization import with_organizations
from pinekeep.emulator.process import IDENTITY_PATH, begin
from pinekeep.emulator.resolution import with_resolution
from pinekeep.emulator.services import from_settings
from pinekeep.emulator.snapshots import with_snapshots
from pinekeep.emulator.stack_sets import with_rules

Settings = Mapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def emulator_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that ministack reads, some of them when it is imported."""
    folder = settings["folder"]
    return {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings["port"]),
        "IOT_MTLS_ENABLED": "0",  # it would open a second port
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": settings["account"],
        "MINISTACK_REGION": settings["region"],
        "MINISTACK_WORKER_THREADS": "16",
        "SFTP_ENABLED": "0",
        "S3_DATA_DIR": f"{folder}/s3",
        "STATE_DIR": f"{folder}/state",
        # On startup it removes containers that look like its own; the user's containers must stay.
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
    }


def with_identity(app: App, *, identity: str) -> App:
    """Return the application with one more path, which answers with this process's identity."""
    answer = json.dumps({"identity": identity, "pid": os.getpid()}).encode()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != IDENTITY_PATH:
            await app(scope, receive, send)
            return
        await reply(send, OK, answer)

    return wrapped


async def serve_aws(settings: Settings) -> None:
    """Install the extensions and serve until the process ends."""
    # ministack reads its environment when it is imported.
    os.environ.update(emulator_environment(settings))
    # Imports create many objects and no garbage: without collections they take a tenth less time.
    gc.disable()
    from hypercorn.asyncio import serve as hypercorn_serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    from pinekeep.emulator.extensions import install_all  # noqa: PLC0415

    install_all(endpoint_services=from_settings(settings["endpoint_services"]))
    gc.freeze()
    gc.enable()
    config = Config()
    config.bind = [f"fd://{settings['fd']}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    # A trigger of its own keeps hypercorn from installing signal handlers: `begin` has installed faster ones.
    served = with_identity(app, identity=settings["identity"])
    for extended in (with_snapshots, with_resolution, with_organizations, with_rules):
        served = extended(served)
    await hypercorn_serve(served, config, shutdown_trigger=asyncio.Event().wait)


def serve_pinecone(settings: Settings) -> None:
    """Serve the stand-in until the process ends. The environment has the service account."""
    from pinekeep.emulator.stand_in import Organization, PineconeStandIn  # noqa: PLC0415
    from pinekeep.model.facts import pinecone_api as api  # noqa: PLC0415

    organization = Organization(
        client_id=os.environ[api.CLIENT_ID_VARIABLE], client_secret=os.environ[api.CLIENT_SECRET_VARIABLE]
    )
    listener = socket.socket(fileno=settings["fd"])
    with PineconeStandIn(organization, identity=settings["identity"], listener=listener):
        threading.Event().wait()


def main(text: str) -> None:
    """Serve until the process ends. In: the settings as JSON."""
    settings = json.loads(text)
    begin(folder=Path(settings["folder"]), detached=settings["detached"])
    if settings["kind"] == "pinecone":
        serve_pinecone(settings)
    else:
        asyncio.run(serve_aws(settings))


if __name__ == "__main__":
    main(sys.argv[1])
