"""What tests of cutting off try, and how they let AWS fail."""

from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pinekeep.demo.actors import RoleSession, require_refusal
from tests.cutting_off.conftest import World

DENIED = ("AccessDenied", "AccessDeniedException")


def used(session: RoleSession, world: World) -> None:
    """Pinecone encrypts and decrypts."""
    session.decrypt(world.key_arn, session.encrypt(world.key_arn))


def require_cut_off(world: World, session: RoleSession, *codes: str) -> None:
    """Neither the session that was open nor a new one can use the key."""
    for each in (session, world.assume()):
        require_refusal(partial(each.encrypt, world.key_arn), *codes)


def failing(monkeypatch: pytest.MonkeyPatch, *operations: str) -> list[str]:
    """Let calls fail as if AWS refused them; give the list of them, from which they can be taken out again."""
    broken = [*operations]
    original = BaseClient._make_api_call

    def call(self: Any, operation: str, parameters: Any) -> Any:
        if operation in broken:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return broken
