"""The Admin API through the SDK: what is asked, what comes back, and what happens when it goes wrong."""

import pytest

from pinekeep.emulator.stand_in import Fault, PineconeStandIn
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.credentials import Connection, ServiceAccount
from pinekeep.pinecone.errors import PineconeRefusedError, UnclearError
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.sdk import ATTEMPTS, Caller
from tests.pinecone.conftest import PATIENCE

PROJECTS = "/admin/projects"


def sent(stand_in: PineconeStandIn, method: str, path: str) -> int:
    return sum((each.method, each.template) == (method, path) for each in stand_in.exchanges)


def test_a_project_is_made_with_cmek_and_found_again(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    made = admin.create_project("search", cmek=True)
    assert admin.projects() == [made]
    assert (made.name, made.cmek) == ("search", True)
    assert stand_in.exchanges[-2].body == {"name": "search", "force_encryption_with_cmek": True}
    assert [each.plan for each in admin.organizations()] == ["Enterprise"]


def test_an_api_key_is_made_changed_and_deleted(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    project = admin.create_project("search", cmek=False)
    key, value = admin.create_api_key(project.id, name="ingest", roles=["DataPlaneEditor"])
    assert value.reveal() in stand_in.organization.values
    admin.update_api_key(key.id, name="query", roles=["DataPlaneViewer"])
    assert [(each.name, each.roles) for each in admin.api_keys(project.id)] == [("query", ("DataPlaneViewer",))]
    admin.update_api_key(key.id, name="again")
    assert stand_in.exchanges[-1].body == {"name": "again"}
    admin.delete_api_key(key.id)
    assert admin.api_keys(project.id) == []
    admin.delete_api_key(key.id)


def test_lists_are_read_to_their_last_page(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    stand_in.organization.page = 2
    for number in range(5):
        stand_in.organization.add_user(f"user{number}@example.com")
        stand_in.organization.add_service_account(f"account{number}")
    assert len(admin.users()) == 5
    assert len(admin.service_accounts()) == 6
    assert len(admin.role_bindings()) == 6
    assert [each.label for each in admin.users("USER3@example.com")] == ["user3@example.com"]


def test_a_role_is_bound_once_and_taken_away_once(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    project = admin.create_project("search", cmek=False)
    stand_in.organization.add_user("jane@example.com")
    (jane,) = admin.users()
    for _ in range(2):
        admin.create_role_binding("user", jane.id, role="ProjectViewer", project_id=project.id)
    (found,) = admin.role_bindings(project_id=project.id)
    assert (found.principal_id, found.role, found.scope) == (jane.id, "ProjectViewer", "project")
    admin.create_role_binding("user", jane.id, role="OrgManager", project_id=None)
    assert {each.role for each in admin.role_bindings(of=jane)} == {"OrgMember", "OrgManager", "ProjectViewer"}
    for _ in range(2):
        admin.delete_role_binding(found.id)
    assert admin.role_bindings(project_id=project.id) == []


TOLD = {
    401: "Pinecone does not know this service account, so it refuses to list the projects",
    402: "Pinecone requires payment to list the projects: an injected fault",
    403: "Pinecone does not allow this service account to list the projects: an injected fault",
    404: "Pinecone no longer finds what is needed to list the projects: an injected fault",
    409: "Pinecone cannot list the projects, because of what is there already: an injected fault",
    412: "Pinecone cannot list the projects as things are: an injected fault",
    422: "Pinecone refuses to list the projects (422): an injected fault",
    429: "Pinecone is asked too often and refuses to list the projects for now",
    500: "Pinecone failed to list the projects (500)",
    503: "Pinecone failed to list the projects (503)",
}


@pytest.mark.parametrize("status", TOLD)
def test_a_refusal_is_told_in_a_sentence(stand_in: PineconeStandIn, admin: PineconeAdmin, status: int) -> None:
    stand_in.faults.append(Fault(path=PROJECTS, status=status, times=99))
    with pytest.raises(PineconeRefusedError) as caught:
        admin.projects()
    assert caught.value.message == TOLD[status]
    assert caught.value.status == status


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_a_read_is_made_again_after_a_passing_fault(
    stand_in: PineconeStandIn, admin: PineconeAdmin, pauses: list[float], status: int
) -> None:
    stand_in.faults.append(Fault(path=PROJECTS, status=status, times=2))
    assert admin.projects() == []
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_read_is_not_made_again_where_it_would_fail_again(
    stand_in: PineconeStandIn, admin: PineconeAdmin, pauses: list[float], status: int
) -> None:
    stand_in.faults.append(Fault(path=PROJECTS, status=status, times=99))
    with pytest.raises(PineconeRefusedError):
        admin.projects()
    assert pauses == []


def test_a_wait_that_pinecone_asks_for_is_kept(
    stand_in: PineconeStandIn, admin: PineconeAdmin, pauses: list[float]
) -> None:
    stand_in.faults.append(Fault(path=PROJECTS, status=429, headers={"Retry-After": "7"}))
    assert admin.projects() == []
    assert pauses == [7.0]


def test_nobody_is_kept_waiting_for_an_hour(
    stand_in: PineconeStandIn, admin: PineconeAdmin, pauses: list[float]
) -> None:
    stand_in.faults.append(Fault(path=PROJECTS, status=429, headers={"Retry-After": "3600"}, times=9))
    with pytest.raises(PineconeRefusedError, match="asked too often"):
        admin.projects()
    assert pauses == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("hang", seconds=1, times=9), "127.0.0.1 did not answer in time"),
        (Fault("close", times=9), "the answer of 127.0.0.1 broke off"),
        (Fault("truncate", carried_out=True, times=9), "the answer of 127.0.0.1 broke off"),
    ],
    ids=["time-out", "closed", "truncated"],
)
def test_a_missing_answer_to_a_read_is_told_after_all_attempts(
    stand_in: PineconeStandIn, admin: PineconeAdmin, fault: Fault, message: str
) -> None:
    stand_in.faults.append(fault)
    fault.path = PROJECTS
    with pytest.raises(PineconeRefusedError) as caught:
        admin.projects()
    assert caught.value.message == message
    assert sent(stand_in, "GET", PROJECTS) == ATTEMPTS


@pytest.mark.parametrize(
    "fault",
    [
        Fault("hang", seconds=1, carried_out=True),
        Fault("close", carried_out=True),
        Fault("truncate", carried_out=True),
        Fault(status=500, carried_out=True),
        Fault(status=503, carried_out=True),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_what_makes_something_is_sent_once_when_it_may_have_been_carried_out(
    stand_in: PineconeStandIn, admin: PineconeAdmin, pauses: list[float], fault: Fault
) -> None:
    """The SDK by itself would send it four times: four projects of one name, which nobody could tell apart."""
    stand_in.faults.append(fault)
    fault.method, fault.path = "POST", PROJECTS
    with pytest.raises(UnclearError) as caught:
        admin.create_project("search", cmek=True)
    assert caught.value.message == (
        "Pinecone gave no clear answer when asked to create the project, so it may have been done"
    )
    assert caught.value.hint == "run it again: it first reads the current state"
    assert sent(stand_in, "POST", PROJECTS) == 1
    assert pauses == []


def test_what_makes_something_is_sent_again_when_it_was_refused_as_too_much(
    stand_in: PineconeStandIn, admin: PineconeAdmin, pauses: list[float]
) -> None:
    stand_in.faults.append(Fault(method="POST", path=PROJECTS, status=429))
    admin.create_project("search", cmek=True)
    assert len(admin.projects()) == 1
    assert pauses == [0.5]


def test_an_answer_that_is_no_promise_of_the_api_is_told(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    stand_in.organization.projects["x"] = {"id": "x"}
    with pytest.raises(PineconeRefusedError, match="is not in the format of Pinecone's API"):
        admin.projects()
    stand_in.exchanges.clear()  # it was wrong on purpose


def test_a_wrong_secret_is_told_when_signing_in(stand_in: PineconeStandIn) -> None:
    wrong = ServiceAccount.of_the_environment({**stand_in.environment, "PINECONE_CLIENT_SECRET": "wrong-secret"})
    with pytest.raises(PineconeRefusedError) as caught:
        PineconeAdmin(wrong)
    assert caught.value.message == "Pinecone does not know this service account, so it refuses to sign in"
    assert "wrong-secret" not in f"{caught.value.message}{caught.value.hint}{caught.value!r}"


def test_a_token_that_ran_out_is_exchanged(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    stand_in.organization.tokens.clear()
    assert admin.projects() == []
    assert sent(stand_in, "POST", "/oauth/token") == 2


def test_nobody_listening_is_told(pauses: list[float]) -> None:
    nowhere = ServiceAccount(
        "id",
        Secret("a-client-secret"),
        Connection(api_url="http://127.0.0.1:9", token_url="http://127.0.0.1:9/oauth/token"),
    )
    with pytest.raises(PineconeRefusedError) as caught:
        PineconeAdmin(nowhere, caller=Caller(pauses.append), seconds=PATIENCE)
    assert caught.value.message == "127.0.0.1 cannot be reached: the stand-in for Pinecone is stopped"
    assert pauses == [], "the SDK tries signing in several times itself"
