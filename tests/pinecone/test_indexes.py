"""Which indexes a project has, and with which key that is asked."""

import uuid

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.stand_in import Fault, PineconeStandIn
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.pinecone.client import ControlPlane
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.errors import API_KEY, PineconeRefusedError, PineconeStateError
from pinekeep.pinecone.indexes import IndexLeft, indexes_left
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.sdk import Caller
from pinekeep.pinecone.secrets import SecretsManager
from tests.pinecone.conftest import PATIENCE, deployment

ARN = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"


@pytest.fixture
def search() -> Deployment:
    keys = [
        {"name": "ingest", "roles": ["DataPlaneEditor"], "secret": f"pinecone/{uuid.uuid4()}"},
        {"name": "watch", "roles": ["ControlPlaneViewer"], "secret": f"pinecone/{uuid.uuid4()}"},
    ]
    return deployment(api_keys=keys)


def put(stand_in: PineconeStandIn, clients: Clients, search: Deployment, project_id: str, number: int) -> str:
    """Make a declared API key and store it, as `apply` does."""
    assert search.pinecone is not None
    wanted = search.pinecone.api_keys[number]
    made = stand_in.organization.create_key(project_id, wanted.name, list(wanted.roles))
    secrets = SecretsManager(clients, deployment="search", tags={})
    secrets.make_room(wanted.secret, "")
    secrets.store(wanted.secret, made["key"]["id"], Secret(made["value"]))
    secrets.promote(wanted.secret, made["key"]["id"])
    return str(made["value"])


def test_the_indexes_of_the_project_are_listed_with_a_stored_key_that_may(
    stand_in: PineconeStandIn, clients: Clients, search: Deployment
) -> None:
    project = stand_in.organization.create_project("search", cmek=True)
    for number in range(2):
        put(stand_in, clients, search, project["id"], number)
    stand_in.organization.add_index(project["id"], "one", cmek_id=ARN)
    stand_in.organization.add_index(project["id"], "two")
    found = indexes_left("search", search, clients=clients, environment=stand_in.environment)
    assert found == [IndexLeft("one", ARN, "Ready"), IndexLeft("two", None, "Ready")]


def test_an_index_that_the_sdk_cannot_read_is_not_left_out(
    stand_in: PineconeStandIn, clients: Clients, search: Deployment
) -> None:
    project = stand_in.organization.create_project("search", cmek=True)
    put(stand_in, clients, search, project["id"], 1)
    stand_in.organization.add_index(project["id"], "new", deployment={"deployment_type": "of-the-future"})
    found = indexes_left("search", search, clients=clients, environment=stand_in.environment)
    assert found == [IndexLeft("new", None, "unknown")]
    stand_in.exchanges.clear()  # it is not in the documents, on purpose


def test_without_a_stored_key_that_may_it_is_said_plainly(
    stand_in: PineconeStandIn, clients: Clients, search: Deployment
) -> None:
    project = stand_in.organization.create_project("search", cmek=True)
    put(stand_in, clients, search, project["id"], 0)
    with pytest.raises(PineconeStateError) as caught:
        indexes_left("search", search, clients=clients, environment=stand_in.environment)
    assert caught.value.message == (
        "no stored API key of project search may list its indexes, and Pinecone's Admin API lists none"
    )
    assert "ControlPlaneViewer" in str(caught.value.hint)


def test_a_key_of_another_project_is_never_used(
    stand_in: PineconeStandIn, clients: Clients, search: Deployment
) -> None:
    """Its project may be empty, and say that nothing is left."""
    other = stand_in.organization.create_project("other")
    put(stand_in, clients, search, other["id"], 1)
    project = stand_in.organization.create_project("search", cmek=True)
    stand_in.organization.add_index(project["id"], "one")
    with pytest.raises(PineconeStateError, match="no stored API key of project search"):
        indexes_left("search", search, clients=clients, environment=stand_in.environment)


def test_a_project_that_is_not_there_or_not_clear_is_no_empty_project(
    stand_in: PineconeStandIn, clients: Clients, search: Deployment
) -> None:
    with pytest.raises(PineconeStateError, match="there is no project search that this service account can see"):
        indexes_left("search", search, clients=clients, environment=stand_in.environment)
    for _ in range(2):
        stand_in.organization.create_project("search")
    with pytest.raises(PineconeStateError, match="2 projects are named search"):
        indexes_left("search", search, clients=clients, environment=stand_in.environment)


def test_no_credentials_and_no_section_are_told(clients: Clients, search: Deployment) -> None:
    with pytest.raises(WrongInputError, match="no Pinecone service account"):
        indexes_left("search", search, clients=clients, environment={})
    with pytest.raises(PineconeStateError, match="deployment search has no pinecone section"):
        indexes_left("search", search.model_copy(update={"pinecone": None}), clients=clients, environment={})


@pytest.fixture
def control_plane(stand_in: PineconeStandIn, account: ServiceAccount) -> ControlPlane:
    project = stand_in.organization.create_project("search")
    value = stand_in.organization.create_key(project["id"], "a", ["DataPlaneViewer"])["value"]
    return ControlPlane(Secret(value), account.connection, caller=Caller(lambda _: None, who=API_KEY), seconds=PATIENCE)


def test_a_key_that_may_not_list_is_known_all_the_same(control_plane: ControlPlane) -> None:
    with pytest.raises(PineconeRefusedError) as caught:
        control_plane.indexes()
    assert caught.value.message.startswith("Pinecone does not allow this API key to list the indexes: Access denied")
    assert control_plane.is_known()


def test_a_key_that_was_deleted_is_not_known(stand_in: PineconeStandIn, control_plane: ControlPlane) -> None:
    stand_in.organization.delete_key(next(iter(stand_in.organization.keys)))
    assert not control_plane.is_known()
    with pytest.raises(PineconeRefusedError) as caught:
        control_plane.indexes()
    assert caught.value.message == "Pinecone does not know this API key, so it refuses to list the indexes"
    assert "PINECONE_CLIENT" not in str(caught.value.hint)


@pytest.mark.parametrize("text", ["a key\nwith two lines", " ", "clé"])
def test_a_text_that_cannot_be_a_key_is_told_and_not_shown(account: ServiceAccount, text: str) -> None:
    with pytest.raises(PineconeRefusedError) as caught:
        ControlPlane(Secret(text), account.connection)
    assert caught.value.message == "Pinecone's SDK failed to use an API key: PineconeValueError"


@pytest.mark.parametrize("fault", [Fault(status=500, times=9), Fault("close", times=9), Fault("truncate", times=9)])
def test_whether_a_key_is_known_is_not_guessed(
    stand_in: PineconeStandIn, control_plane: ControlPlane, fault: Fault
) -> None:
    stand_in.faults.append(fault)
    with pytest.raises(PineconeRefusedError):
        control_plane.is_known()
