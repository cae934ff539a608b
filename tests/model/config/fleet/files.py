"""A file with a fleet, and its rows, as tests change them."""

import uuid
from pathlib import Path
from typing import Final

from pinekeep.model.config import Configuration, load

A: Final = "444455556666"
B: Final = "777788889999"
MANAGEMENT: Final = "111122223333"
ID_A: Final = "5f6b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
ID_B: Final = "6f7b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
HEADER: Final = "account,cmek.trust.external_id"
ROWS: Final = f"{HEADER}\n{A},{ID_A}\n{B},{ID_B}\n"
FLEET: Final = """\
version: 1
pinecone_account: "740000000001"
fleet:
  search:
    administrator: {account: "111122223333", region: us-east-1}
    permissions: service-managed
    file: fleet.csv
    regions: [us-east-1, eu-west-1]
    tags: {team: search}
    settings:
      cmek:
        trust: {regions: [us-east-1]}
"""
LINK: Final = """\
version: 1
fleet:
  search:
    administrator: {account: "111122223333", region: us-east-1}
    permissions: self-managed
    file: fleet.csv
    regions: [us-east-1]
    settings:
      private_link:
        clients: {cidrs: [10.0.0.0/8]}
"""


def put(folder: Path, text: str = FLEET, rows: str | bytes | None = ROWS, file: str = "fleet.csv") -> Configuration:
    """Write a configuration file and its rows, and load it."""
    (folder / "pinekeep.yaml").write_text(text, encoding="utf-8")
    if rows is not None:
        (folder / file).write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    return load(folder / "pinekeep.yaml")


def account(number: int) -> str:
    """Return one of many account numbers."""
    return str(100000000000 + number)


def external_id(number: int) -> str:
    """Return one of many external IDs."""
    return str(uuid.UUID(int=number * 2**64 + number, version=4))
