"""Making the project, where somebody or something is in the way."""

from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.pinecone.apply import PineconeSide
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.errors import PineconeStateError
from tests.pinecone.conftest import deployment


def no_aws(_: Any) -> Clients:
    raise AssertionError("AWS is not asked")


Meddle = Callable[[dict[str, Any]], Any]


def apply_meanwhile(stand_in: PineconeStandIn, admin: PineconeAdmin, meddle: Meddle) -> PineconeSide:
    """Return what applies, with something that happens right after the project is made."""
    create = stand_in.organization.create_project

    def create_and_meddle(name: str, *, cmek: bool = False) -> dict[str, Any]:
        made = create(name, cmek=cmek)
        meddle(made)
        return made

    stand_in.organization.create_project = create_and_meddle  # pyrefly: ignore[method-assign]
    settings = deployment(api_keys=[{"name": "ingest", "roles": ["DataPlaneEditor"], "secret": "pinecone/ingest"}])
    return PineconeSide({"search": settings}, admin, no_aws)


@pytest.fixture(autouse=True)
def secrets_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PineconeSide, "key_states", lambda *_: [])


def test_two_operators_who_make_the_project_at_once_are_told_and_nothing_is_put_in(
    stand_in: PineconeStandIn, admin: PineconeAdmin
) -> None:
    projects = stand_in.organization.projects

    def twice(made: dict[str, Any]) -> None:
        projects["other"] = {**made, "id": "00000000-0000-4000-8000-000000000000"}

    side = apply_meanwhile(stand_in, admin, twice)
    (plan,) = side.plans()
    with pytest.raises(PineconeStateError, match="2 projects are named search"):
        side.apply(plan)
    assert stand_in.organization.keys == {}


def test_a_project_that_pinecone_made_without_cmek_is_told(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    side = apply_meanwhile(stand_in, admin, lambda made: made.update(force_encryption_with_cmek=False))
    (plan,) = side.plans()
    with pytest.raises(PineconeStateError, match="has no CMEK"):
        side.apply(plan)


def test_a_project_that_is_not_listed_yet_is_told(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    side = apply_meanwhile(stand_in, admin, lambda made: stand_in.organization.projects.pop(made["id"]))
    (plan,) = side.plans()
    with pytest.raises(PineconeStateError, match="was created, and Pinecone does not list it yet"):
        side.apply(plan)
