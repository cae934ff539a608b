"""The stand-in's own process: `python -m pinekeep.emulator.stand_in.serve`; `background.py` starts it."""

import argparse
import os
import socket
import sys
import threading
from pathlib import Path

from pinekeep.emulator.lifeline import begin
from pinekeep.emulator.stand_in.organization import Organization
from pinekeep.emulator.stand_in.server import PineconeStandIn
from pinekeep.model.facts import pinecone_api as api


def main(arguments: list[str]) -> int:
    """Serve on an inherited socket until the process is ended. The service account is the environment's."""
    parser = argparse.ArgumentParser(prog="python -m pinekeep.emulator.stand_in.serve", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="a listening socket, inherited")
    parser.add_argument("--folder", type=Path, required=True, help="its private folder; deleted at the end")
    parser.add_argument("--identity", required=True, help="what it answers when asked who it is")
    parser.add_argument("--detached", action="store_true", help="become nobody's child")
    chosen = parser.parse_args(arguments)
    begin(folder=chosen.folder, detached=chosen.detached)
    organization = Organization(
        client_id=os.environ[api.CLIENT_ID_VARIABLE], client_secret=os.environ[api.CLIENT_SECRET_VARIABLE]
    )
    listener = socket.socket(fileno=chosen.fd)
    with PineconeStandIn(organization, identity=chosen.identity, listener=listener):
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
