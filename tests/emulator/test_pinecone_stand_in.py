"""The stand-in for Pinecone: it knows what the documents know, and nothing else."""

import json
import urllib.error
import urllib.request

import pytest

from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.emulator.stand_in.routes import ROUTES
from tests.pinecone.contract import OPERATIONS


def get(url: str) -> None:
    urllib.request.urlopen(url, timeout=5)  # noqa: S310 - the address is the stand-in's


def test_it_answers_what_is_in_the_documents_and_nothing_else() -> None:
    assert set(ROUTES) == set(OPERATIONS)


def test_whoever_has_no_token_is_refused() -> None:
    with PineconeStandIn() as running, pytest.raises(urllib.error.HTTPError) as caught:
        get(f"{running.url}/admin/projects")
    assert caught.value.code == 401
    assert json.loads(caught.value.read())["error"]["code"] == "UNAUTHENTICATED"


def test_it_says_that_it_is_a_stand_in_and_ends_with_its_block() -> None:
    with PineconeStandIn() as running, pytest.raises(urllib.error.HTTPError) as caught:
        get(f"{running.url}/nothing")
    assert caught.value.headers["Server"].startswith("pinekeep-stand-in-for-pinecone")
    assert caught.value.code == 404
    with pytest.raises(RuntimeError, match="does not run"):
        _ = running.url


def test_the_last_owner_of_the_organization_stays() -> None:
    running = PineconeStandIn()
    (owner,) = running.organization.bindings
    with pytest.raises(Exception, match="last OrgOwner"):
        running.organization.delete_binding(owner)
