"""Indexes as the control plane tells of them, in both shapes."""

from typing import Any

import pytest

from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.pinecone.client import ControlPlane
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.inventory import UNREADABLE, Index, read_index
from pinekeep.pinecone.redaction import Secret

HOST = "products-abc1234.svc.aped-4627-b74a.pinecone.io"
PRIVATE_HOST = "products-abc1234.svc.private.aped-4627-b74a.pinecone.io"
KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
TOP: dict[str, Any] = {
    "name": "products",
    "host": HOST,
    "private_host": PRIVATE_HOST,
    "cmek_id": KEY,
    "status": {"ready": True, "state": "Ready"},
}
PRODUCTS = Index("products", "managed", "aws", "us-east-1", HOST, PRIVATE_HOST, KEY, "Ready")
DEPLOYMENT = {
    "deployment_type": "managed",
    "cloud": "aws",
    "region": "us-east-1",
    "environment": "aped-4627-b74a",
}
FULL_TEXT = {"fields": {"title": {"type": "string", "full_text_search": dict[str, Any]()}}}


@pytest.mark.parametrize(
    "where", [{"deployment": DEPLOYMENT}, {"spec": {"serverless": {"cloud": "aws", "region": "us-east-1"}}}]
)
def test_both_shapes_of_an_index_are_read_alike(where: dict[str, Any]) -> None:
    assert read_index({**TOP, **where}) == PRODUCTS


@pytest.mark.parametrize("kind", ["pod", "byoc"])
def test_an_index_that_is_not_serverless_has_an_environment_for_its_region(kind: str) -> None:
    for where in (
        {"deployment": {"deployment_type": kind, "environment": "e"}},
        {"spec": {kind: {"environment": "e"}}},
    ):
        found = read_index({**TOP, **where})
        assert (found.kind, found.cloud, found.region) == (kind, None, "e")


def test_fields_for_full_text_search_are_seen_in_both_shapes() -> None:
    assert read_index({**TOP, "deployment": DEPLOYMENT, "schema": FULL_TEXT}).full_text
    assert read_index({**TOP, "spec": {"serverless": {"cloud": "aws", "region": "x", "schema": FULL_TEXT}}}).full_text


@pytest.mark.parametrize("raw", [TOP, {**TOP, "deployment": {"deployment_type": "of-the-future"}}, {**TOP, "spec": []}])
def test_an_index_of_no_known_shape_is_named_and_not_left_out(raw: Any) -> None:
    assert read_index(raw) == Index("products", UNREADABLE)


@pytest.mark.parametrize("raw", [None, "x", [], {}, {"name": 7, "spec": {"serverless": None}}])
def test_rubbish_is_an_unreadable_index(raw: Any) -> None:
    assert read_index(raw).kind == UNREADABLE


def test_a_project_in_the_earlier_shape_is_listed_as_one_in_the_newer(
    stand_in: PineconeStandIn, account: ServiceAccount
) -> None:
    project = stand_in.organization.create_project("search")
    value = stand_in.organization.create_key(project["id"], "a", ["ControlPlaneViewer"])["value"]
    stand_in.organization.add_index(project["id"], "one", cmek_id=KEY)
    stand_in.organization.add_index(project["id"], "two")
    control_plane = ControlPlane(Secret(value), account.connection)
    newer = control_plane.indexes()
    stand_in.organization.index_shape = "spec"
    assert control_plane.indexes() == newer
    assert [each.private_host for each in newer] == [f"{name}{PRIVATE_HOST[8:]}" for name in ("one", "two")]
    assert "spec" in str(stand_in.exchanges[-1].answer)
    stand_in.exchanges.clear()  # the documents of 2026-07 do not have this shape
