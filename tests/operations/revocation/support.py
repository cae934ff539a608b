"""What tests of cutting off try, and how they let AWS fail."""

from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pinekeep.model.config import load
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.customers.packing import pack
from pinekeep.operations.demonstration.actors import RoleSession, require_refusal
from pinekeep.operations.revocation.methods import Method
from pinekeep.operations.revocation.revoke import Revocation
from tests.operations.revocation.conftest import PINECONE, World

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
    original = BaseClient._make_api_call  # pyrefly: ignore[missing-attribute] # private

    def call(self: Any, operation: str, parameters: Any) -> Any:
        if operation in broken:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return broken


def revocation_of(world: World, how: Method, *, policies_per_role: int | None = None) -> Revocation:
    deployment = load(world.file).deployments[world.name]
    customers = customer_keys_of(deployment)
    return Revocation(
        name=world.name,
        deployment=deployment,
        method=how,
        clients=world.clients,
        customers=pack(customers, policies_per_role=policies_per_role) if policies_per_role else None,
        pinecone_account=PINECONE,
        by="arn:aws:iam::111122223333:user/ops",
        wait=lambda _: None,
    )
