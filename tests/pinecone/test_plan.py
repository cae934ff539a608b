"""What there is to do, said in words a reviewer can sign."""

from typing import Any

import pytest

from pinekeep.model.config import Deployment
from pinekeep.pinecone.inventory import Binding, Key, Principal, Project
from pinekeep.pinecone.keys import key_state
from pinekeep.pinecone.plan import CurrentState, Plan, make_plan, needs_people
from pinekeep.pinecone.secrets import CURRENT, PENDING, SecretState
from tests.pinecone.conftest import deployment

ID, NEW_ID = "2630d543-7364-473c-9c43-21b88d736e65", "071460a4-421a-4f4d-957a-87fd491bd4a9"
PROJECT = Project("project-id", "search", True, "org")
INGEST = {"name": "ingest", "roles": ["DataPlaneEditor"], "secret": "pinecone/ingest"}
JANE = Principal("user", "jane-id", "jane@example.com")
CI = Principal("service_account", "ci-id", "ci", "ci-client")
OURSELVES = Principal("service_account", "our-id", "pinekeep", "our-client")
PEOPLE = [JANE, CI, OURSELVES]


def secret(*, current: str | None = None, pending: str | None = None, **changed: Any) -> SecretState:
    versions = {each: (label,) for each, label in ((current, CURRENT), (pending, PENDING)) if each}
    state: dict[str, Any] = {"exists": True, "ours": True, "versions": versions, **changed}
    return SecretState("pinecone/ingest", **state)


def planned(
    settings: Deployment, *, projects: list[Project] | None = None, keys: list[Key] | None = None, **seen: Any
) -> Plan:
    state = seen.pop("secret", SecretState("pinecone/ingest"))
    remove = seen.pop("remove_undeclared", False)
    assert settings.pinecone is not None
    states = [key_state(each, keys or [], state) for each in settings.pinecone.api_keys]
    projects = [PROJECT] if projects is None else projects
    found = CurrentState(projects=projects, keys=states, client_id="our-client", **seen)
    return make_plan("search", settings, found, remove_undeclared=remove)


def steps(plan: Plan) -> list[str]:
    assert plan.problems == []
    return [each.what for each in plan.steps]


def problem(plan: Plan) -> str:
    (only,) = plan.problems
    assert only.hint
    return only.message


def binding(principal: Principal, role: str, scope: str = "project", resource: str = "project-id") -> Binding:
    return Binding(f"binding-of-{principal.id}-{role}", principal.kind, principal.id, scope, resource, role)


# --- The project ---


def test_a_missing_project_is_made_with_cmek_where_there_is_cmek() -> None:
    assert steps(planned(deployment(), projects=[])) == [
        "create the project search, with CMEK, which can never be turned off"
    ]
    without = deployment().model_copy(update={"cmek": None})
    assert steps(planned(without, projects=[])) == ["create the project search, without CMEK"]


def test_a_project_without_cmek_is_refused_and_nothing_is_planned() -> None:
    plan = planned(deployment(api_keys=[INGEST]), projects=[Project("project-id", "search", False, "org")])
    assert problem(plan).startswith("project search (project-id) has no CMEK, and deployment search has cmek")
    assert plan.steps == []


def test_a_name_that_several_projects_have_is_refused() -> None:
    plan = planned(deployment(), projects=[PROJECT, Project("other-id", "search", True, "org")])
    assert problem(plan) == "2 projects are named search: project-id, other-id"


def test_a_project_with_cmek_and_a_deployment_without_is_told() -> None:
    plan = planned(deployment().model_copy(update={"cmek": None}))
    assert steps(plan) == []
    assert plan.notes == ["project search has CMEK, and deployment search has no cmek"]


# --- API keys ---


def test_a_key_that_is_as_the_file_says_needs_nothing() -> None:
    plan = planned(
        deployment(api_keys=[INGEST]), keys=[Key(ID, "ingest", ("DataPlaneEditor",))], secret=secret(current=ID)
    )
    assert (plan.in_order, plan.notes) == (True, [])


def test_roles_are_changed_and_their_order_is_no_change() -> None:
    wanted = {**INGEST, "roles": ["DataPlaneEditor", "ControlPlaneViewer"]}
    same = [Key(ID, "ingest", ("ControlPlaneViewer", "DataPlaneEditor"))]
    assert planned(deployment(api_keys=[wanted]), keys=same, secret=secret(current=ID)).in_order
    other = [Key(ID, "ingest", ("ProjectEditor",))]
    assert steps(planned(deployment(api_keys=[wanted]), keys=other, secret=secret(current=ID))) == [
        "change the roles of API key ingest from ProjectEditor to DataPlaneEditor, ControlPlaneViewer"
    ]


def test_a_key_whose_value_was_never_stored_is_deleted_and_made_anew() -> None:
    plan = planned(
        deployment(api_keys=[INGEST]), keys=[Key(ID, "ingest-unfinished", ("DataPlaneEditor",))], secret=secret()
    )
    (step,) = steps(plan)
    assert step.startswith(
        f"delete the API key ingest-unfinished ({ID}): its value was never stored, so nobody has it; create the API key"
    )


def test_a_lost_key_beside_one_that_works_is_deleted() -> None:
    keys = [Key(ID, "ingest", ("DataPlaneEditor",)), Key(NEW_ID, "ingest-unfinished", ("DataPlaneEditor",))]
    assert steps(planned(deployment(api_keys=[INGEST]), keys=keys, secret=secret(current=ID))) == [
        f"delete the API key ingest-unfinished ({NEW_ID}): its value was never stored, so nobody has it"
    ]


def test_a_rotation_that_was_begun_is_told_and_left_to_rotate() -> None:
    keys = [Key(ID, "ingest", ("DataPlaneEditor",)), Key(NEW_ID, "ingest-unfinished", ("DataPlaneEditor",))]
    for state in (secret(current=ID, pending=NEW_ID), secret(current=NEW_ID)):
        plan = planned(deployment(api_keys=[INGEST]), keys=keys, secret=state)
        assert steps(plan) == []
        assert "`pinekeep pinecone rotate --key ingest` finishes it" in plan.notes[0]


def test_a_rotation_whose_old_key_is_gone_is_finished() -> None:
    plan = planned(
        deployment(api_keys=[INGEST]),
        keys=[Key(NEW_ID, "ingest-unfinished", ("DataPlaneEditor",))],
        secret=secret(current=NEW_ID),
    )
    assert steps(plan) == [f"go on with the API key {NEW_ID}, whose value is stored in the secret pinecone/ingest"]


def test_a_key_that_somebody_else_made_is_never_deleted_by_apply() -> None:
    plan = planned(deployment(api_keys=[INGEST]), keys=[Key(ID, "ingest", ("ProjectEditor",))])
    assert problem(plan) == (
        f"API key ingest ({ID}) exists, and the secret pinecone/ingest does not have its value, which Pinecone does "
        "not show again"
    )
    assert "clients with the value of this one lose access" in str(plan.problems[0].hint)


def test_two_keys_of_the_name_are_refused() -> None:
    keys = [Key(ID, "ingest", ("ProjectEditor",)), Key(NEW_ID, "ingest", ("ProjectEditor",))]
    assert problem(planned(deployment(api_keys=[INGEST]), keys=keys, secret=secret(current=ID))).startswith(
        "several API keys of project search are named ingest"
    )


def test_an_earlier_key_that_is_still_there_is_told_and_left_to_rotate() -> None:
    """Two operators at once may leave one; the secret held its value, so it is ours."""
    keys = [Key(ID, "ingest", ("DataPlaneEditor",)), Key(NEW_ID, "ingest", ("DataPlaneEditor",))]
    plan = planned(deployment(api_keys=[INGEST]), keys=keys, secret=secret(current=ID, pending=NEW_ID))
    assert steps(plan) == []
    assert "an old one is still there: `pinekeep pinecone rotate --key ingest` finishes it" in plan.notes[0]


def test_a_secret_of_somebody_else_is_refused() -> None:
    assert "does not belong to deployment search" in problem(
        planned(deployment(api_keys=[INGEST]), secret=secret(ours=False))
    )
    assert "scheduled for deletion" in problem(planned(deployment(api_keys=[INGEST]), secret=secret(deleting=True)))


def test_other_keys_are_told_and_a_key_that_was_renamed_in_the_file_too() -> None:
    keys = [Key(ID, "load", ("ProjectEditor",))]
    plan = planned(deployment(api_keys=[INGEST]), keys=keys, secret=secret(current=ID))
    assert plan.notes == [
        f"the secret pinecone/ingest gives the value of API key load ({ID}) until then; that key stays: delete it once "
        "nobody uses it",
        f"API key load ({ID}; ProjectEditor) is not in the file; it is left alone",
    ]


# --- Roles ---

BINDINGS = [
    {"user": "Jane@Example.com", "role": "ProjectViewer"},
    {"service_account": "ci", "role": "OrgMember"},
]


def test_roles_are_bound_where_they_are_missing() -> None:
    plan = planned(deployment(role_bindings=BINDINGS), principals=PEOPLE)
    assert steps(plan) == [
        "give jane@example.com the role ProjectViewer in the project",
        "give ci the role OrgMember in the organization",
    ]
    there = [binding(JANE, "ProjectViewer"), binding(CI, "OrgMember", "organization", "org")]
    assert planned(deployment(role_bindings=BINDINGS), principals=PEOPLE, bindings=there).in_order


def test_a_role_in_another_project_is_not_the_same() -> None:
    there = [binding(JANE, "ProjectViewer", resource="other-id")]
    plan = planned(deployment(role_bindings=BINDINGS[:1]), principals=PEOPLE, bindings=there)
    assert len(steps(plan)) == 1
    assert plan.notes == []


def test_undeclared_roles_in_the_project_are_told_and_taken_away_only_when_asked() -> None:
    there = [
        binding(JANE, "ProjectOwner"),
        binding(CI, "OrgOwner", "organization", "org"),
        binding(OURSELVES, "ProjectOwner"),
        Binding("b", "api_key", "a-key", "project", "project-id", "ProjectEditor"),
    ]
    told = planned(deployment(), principals=PEOPLE, bindings=there)
    assert steps(told) == []
    assert told.notes == [
        "jane@example.com has the role ProjectOwner in the project, which is not in the file; it is left alone",
        "pinekeep has the role ProjectOwner in the project, which is not in the file; it is left alone",
    ]
    asked = planned(deployment(scim=False), principals=PEOPLE, bindings=there, remove_undeclared=True)
    assert steps(asked) == ["remove the role ProjectOwner from jane@example.com"]
    assert asked.notes == [
        "pinekeep has the role ProjectOwner; it is kept, because Pinekeep signs in as it",
    ]


@pytest.mark.parametrize("said", [{}, {"scim": True}])
def test_a_role_that_scim_may_set_is_never_taken_away(said: dict[str, bool]) -> None:
    robot = Principal("service_account", "robot-id", "robot", "robot-client")
    there = [binding(JANE, "ProjectOwner"), binding(robot, "ProjectOwner")]
    asked = planned(deployment(**said), principals=[*PEOPLE, robot], bindings=there, remove_undeclared=True)
    assert steps(asked) == ["remove the role ProjectOwner from robot"]
    assert asked.notes == [
        "jane@example.com has the role ProjectOwner; it is kept, because SCIM may set it: the file does not say "
        "scim: false"
    ]


def test_somebody_who_is_not_there_is_refused_with_what_to_do() -> None:
    assert problem(planned(deployment(role_bindings=BINDINGS[:1]))) == (
        "Jane@Example.com is not a user of the organization"
    )
    assert problem(planned(deployment(role_bindings=BINDINGS[1:]))) == "there is no service account ci"
    twins = [CI, Principal("service_account", "other-ci", "ci", "x")]
    assert problem(planned(deployment(role_bindings=BINDINGS[1:]), principals=twins)) == (
        "2 service accounts are named ci: ci-id, other-ci"
    )


@pytest.mark.parametrize(("settings", "remove", "needed"), [({}, False, False), ({}, True, True)])
def test_people_are_read_only_where_it_matters(settings: dict[str, Any], remove: bool, needed: bool) -> None:
    assert needs_people({"search": deployment(**settings)}, remove_undeclared=remove) is needed
    assert needs_people({"search": deployment(role_bindings=BINDINGS)}, remove_undeclared=False)


# --- The KMS key of a secret ---


def test_a_secret_under_another_key_than_the_file_names_stands_in_the_way_and_is_told_by_the_status() -> None:
    kms_key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    settings = deployment(api_keys=[{**INGEST, "kms_key": kms_key}])
    says = f"the secret pinecone/ingest is encrypted with alias/other, and the file names {kms_key}"
    state = secret(kms_key="alias/other")
    assert problem(planned(settings, secret=state)) == says
    assert settings.pinecone is not None
    told = key_state(settings.pinecone.api_keys[0], [], state).problems
    assert told[0].startswith(f"{says}; re-encrypt it: aws secretsmanager update-secret --region us-east-1")
    assert steps(planned(settings, secret=secret(kms_key=kms_key)))


def test_a_secret_for_which_the_file_names_no_key_may_have_any() -> None:
    assert steps(planned(deployment(api_keys=[INGEST]), secret=secret(kms_key="alias/other")))
