"""``pinekeep pinecone plan``, ``apply`` and ``rotate``, as a user sees them."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stand_in import Fault, PineconeStandIn
from tests.command_support import Run

KEYS = "/admin/projects/[^/]+/api-keys"


@pytest.fixture
def aws(pinecone_aws: EmbeddedAws) -> Any:
    return pinecone_aws.session().client("secretsmanager")


def changes(stand_in: PineconeStandIn) -> list[str]:
    """Return the requests that change something."""
    return [
        f"{each.method} {each.template}"
        for each in stand_in.exchanges
        if each.method != "GET" and each.template != "/oauth/token"
    ]


def require_served(stand_in: PineconeStandIn, aws: Any, secret: str) -> str:
    """See that whoever reads the secret gets the value of the one key; return the key's ID."""
    (key,) = stand_in.organization.keys.values()
    assert (key["name"], key["roles"]) == ("watch", ["ControlPlaneViewer"])
    found = aws.get_secret_value(SecretId=secret)
    assert stand_in.organization.values[found["SecretString"]] == key["id"] == found["VersionId"]
    return str(key["id"])


def with_people(folder: Path, secret: str) -> None:
    text = (folder / "pinekeep.yaml").read_text()
    bindings = "      role_bindings:\n        - {user: jane@example.com, role: ProjectViewer}\n"
    bindings += "        - {service_account: ci, role: OrgMember}\n      scim: false\n"
    (folder / "pinekeep.yaml").write_text(text + bindings)


def test_everything_is_made_once_and_the_second_time_nothing_changes(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str, folder: Path
) -> None:
    with_people(folder, secret)
    stand_in.organization.add_user("jane@example.com")
    stand_in.organization.add_service_account("ci")
    planned = pinekeep("pinecone", "plan", "--json")
    assert planned.code == 0
    said = planned.require_schema("pinecone plan")
    assert (said["in_order"], len(said["deployments"][0]["steps"])) == (False, 4)
    assert changes(stand_in) == []

    applied = pinekeep("pinecone", "apply", "--yes", "--json")
    assert applied.code == 0, applied.err
    assert applied.require_schema("pinecone apply")["changed"] is True
    (project,) = stand_in.organization.projects.values()
    assert (project["name"], project["force_encryption_with_cmek"]) == ("search-prod", True)
    require_served(stand_in, aws, secret)
    tags = {each["Key"]: each["Value"] for each in aws.describe_secret(SecretId=secret)["Tags"]}
    assert tags == {"team": "search", "pinekeep:deployment": "search"}
    roles = {(each["role"], each["resource_id"]) for each in stand_in.organization.bindings.values()}
    assert {("ProjectViewer", project["id"]), ("OrgMember", stand_in.organization.id)} <= roles

    stand_in.exchanges.clear()
    again = pinekeep("pinecone", "apply", "--yes", "--json")
    assert again.code == 0
    assert again.json["changed"] is False
    assert changes(stand_in) == []
    assert pinekeep("pinecone", "plan", "--json").json["in_order"] is True
    assert pinekeep("pinecone", "apply", "--yes").out == "nothing to do: Pinecone is as the file says\n"


def test_the_transcript_of_a_dry_run_says_what_would_be_done_and_nothing_is(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str
) -> None:
    result = pinekeep("pinecone", "apply", "--dry-run")
    assert result.code == 0
    assert result.out == "nothing was changed\n"
    assert result.err.splitlines() == [
        "Reading Pinecone and Secrets Manager",
        "search: project search-prod, not there yet",
        "  do   create the project search-prod, with CMEK, which can never be turned off",
        f"  do   create the secret {secret}; create the API key watch (ControlPlaneViewer), its value going straight "
        f"into the secret {secret}; test it against Pinecone, then give it to the readers of the secret {secret}",
    ]
    assert changes(stand_in) == []
    with pytest.raises(aws.exceptions.ResourceNotFoundException):
        aws.describe_secret(SecretId=secret)


def test_no_value_and_no_secret_is_written_anywhere(
    pinekeep: Run, stand_in: PineconeStandIn, secret: str, folder: Path
) -> None:
    results = [pinekeep("pinecone", "apply", "--yes"), pinekeep("pinecone", "rotate", "--yes", "--json")]
    results.append(pinekeep("pinecone", "status"))
    said = "".join(each.out + each.err for each in results)
    assert all(each.code == 0 for each in results), said
    assert not re.search(r"pcsk_|pckey_", said)
    for hidden in (*stand_in.organization.values, *stand_in.organization.tokens, stand_in.organization.client_secret):
        assert hidden not in said
        assert not any(hidden in path.read_text() for path in folder.rglob("*") if path.is_file())


def test_whoever_does_not_say_yes_changes_nothing(
    pinekeep: Run, stand_in: PineconeStandIn, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pinekeep("pinecone", "apply").code == 2
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    declined = pinekeep("pinecone", "apply")
    assert declined.code == 1
    assert "error: nothing was changed" in declined.err
    assert changes(stand_in) == []


def test_a_project_without_cmek_is_refused_and_nothing_is_put_into_it(
    pinekeep: Run, stand_in: PineconeStandIn, secret: str
) -> None:
    stand_in.organization.create_project("search-prod", cmek=False)
    result = pinekeep("pinecone", "apply", "--yes", "--json")
    assert result.code == 1
    assert "has no CMEK, and deployment search has cmek" in result.json["error"]
    assert changes(stand_in) == []
    assert pinekeep("pinecone", "plan").code == 1


def test_a_name_that_two_projects_have_is_refused(pinekeep: Run, stand_in: PineconeStandIn, secret: str) -> None:
    for _ in range(2):
        stand_in.organization.create_project("search-prod", cmek=True)
    result = pinekeep("pinecone", "apply", "--yes")
    assert result.code == 1
    assert "error: 2 projects are named search-prod" in result.err
    assert changes(stand_in) == []


def test_cmek_that_the_organization_does_not_have_is_told_in_pinecones_words(
    pinekeep: Run, stand_in: PineconeStandIn, secret: str
) -> None:
    stand_in.organization.cmek_allowed = False
    result = pinekeep("pinecone", "apply", "--yes")
    assert result.code == 3
    assert "does not allow this service account to create the project: CMEK is not enabled" in result.err


@pytest.mark.parametrize("kind", ["close", "truncate"])
def test_a_project_whose_making_was_not_answered_is_found_by_the_next_run(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str, kind: Any
) -> None:
    stand_in.faults.append(Fault(kind, method="POST", path="/admin/projects", carried_out=True))
    first = pinekeep("pinecone", "apply", "--yes")
    assert first.code == 3
    assert "Pinecone gave no clear answer when asked to create the project, so it may have been done" in first.err
    assert "hint: run it again: it first reads the current state" in first.err
    assert pinekeep("pinecone", "apply", "--yes").code == 0
    assert len(stand_in.organization.projects) == 1
    require_served(stand_in, aws, secret)


@pytest.mark.parametrize("kind", ["close", "truncate"])
def test_a_key_whose_value_was_lost_on_the_way_is_deleted_and_made_anew(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str, kind: Any
) -> None:
    stand_in.faults.append(Fault(kind, method="POST", path=KEYS, carried_out=True))
    first = pinekeep("pinecone", "apply", "--yes")
    assert first.code == 3
    assert "when asked to create an API key, so it may have been done" in first.err
    (gone,) = stand_in.organization.keys
    second = pinekeep("pinecone", "apply", "--yes")
    assert second.code == 0, second.err
    assert f"delete the API key watch-unfinished ({gone}): its value was never stored, so nobody has it" in second.err
    assert require_served(stand_in, aws, secret) != gone


def test_a_project_that_refuses_two_keys_of_one_name_is_no_obstacle(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str
) -> None:
    """Pinecone's documents do not say whether names are unique in a project."""
    stand_in.organization.unique_key_names = True
    assert pinekeep("pinecone", "apply", "--yes").code == 0
    before = require_served(stand_in, aws, secret)
    assert pinekeep("pinecone", "rotate", "--yes").code == 0
    assert require_served(stand_in, aws, secret) != before


def test_a_rotation_puts_a_new_key_in_the_place_of_the_old_one(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str
) -> None:
    assert pinekeep("pinecone", "apply", "--yes").code == 0
    before = require_served(stand_in, aws, secret)
    stand_in.exchanges.clear()
    dry = pinekeep("pinecone", "rotate", "--dry-run", "--json")
    assert dry.require_schema("pinecone rotate")["changed"] is False
    assert changes(stand_in) == []
    result = pinekeep("pinecone", "rotate", "--yes", "--json")
    assert result.code == 0, result.err
    (key,) = result.require_schema("pinecone rotate")["keys"]
    after = require_served(stand_in, aws, secret)
    assert (key["old_ids"], key["new_id"], key["old_deleted"]) == ([before], after, True)
    assert pinekeep("pinecone", "status").code == 0


def test_with_keep_old_both_keys_work_until_the_next_run(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str
) -> None:
    assert pinekeep("pinecone", "apply", "--yes").code == 0
    kept = pinekeep("pinecone", "rotate", "--yes", "--keep-old")
    assert "the old key still works: `pinekeep pinecone rotate --key watch` deletes it" in kept.out
    assert len(stand_in.organization.keys) == 2
    assert pinekeep("pinecone", "apply", "--yes").out == "nothing to do: Pinecone is as the file says\n"
    assert len(stand_in.organization.keys) == 2, "apply leaves it to rotate"
    assert pinekeep("pinecone", "rotate", "--yes", "--key", "watch").code == 0
    require_served(stand_in, aws, secret)


def test_a_key_that_the_file_does_not_name_cannot_be_rotated(
    pinekeep: Run, stand_in: PineconeStandIn, secret: str
) -> None:
    result = pinekeep("pinecone", "rotate", "--key", "wach")
    assert result.code == 2
    assert "error: no API key wach in the file; there are watch" in result.err
    assert "hint: did you mean watch?" in result.err


def test_what_is_not_there_yet_cannot_be_rotated(pinekeep: Run, stand_in: PineconeStandIn, secret: str) -> None:
    result = pinekeep("pinecone", "rotate", "--yes")
    assert result.code == 1
    assert "error: there is no project search-prod yet" in result.err
    stand_in.organization.create_project("search-prod", cmek=True)
    result = pinekeep("pinecone", "rotate", "--yes")
    assert result.code == 1
    assert "error: API key watch does not exist yet, so it is not rotated" in result.err


def test_a_key_made_by_hand_is_refused_by_apply_and_exchanged_by_rotate(
    pinekeep: Run, stand_in: PineconeStandIn, aws: Any, secret: str
) -> None:
    project = stand_in.organization.create_project("search-prod", cmek=True)
    by_hand = stand_in.organization.create_key(project["id"], "watch", ["ProjectEditor"])["key"]["id"]
    refused = pinekeep("pinecone", "apply", "--yes")
    assert refused.code == 1
    assert f"error: API key watch ({by_hand}) exists, and the secret {secret} does not have its value" in refused.err
    assert by_hand in stand_in.organization.keys
    assert pinekeep("pinecone", "rotate", "--yes", "--key", "watch").code == 0
    assert require_served(stand_in, aws, secret) != by_hand


def test_roles_that_the_file_does_not_name_are_taken_away_only_when_asked(
    pinekeep: Run, stand_in: PineconeStandIn, secret: str, folder: Path
) -> None:
    file = folder / "pinekeep.yaml"
    file.write_text(f"{file.read_text()}      scim: false\n")
    assert pinekeep("pinecone", "apply", "--yes").code == 0
    (project,) = stand_in.organization.projects
    bob = stand_in.organization.add_user("bob@example.com")
    extra = stand_in.organization.create_binding("user", bob["id"], "project", project, "ProjectOwner")
    assert pinekeep("pinecone", "apply", "--yes").code == 0
    assert extra["id"] in stand_in.organization.bindings
    result = pinekeep("pinecone", "apply", "--yes", "--remove-undeclared-roles")
    assert result.code == 0
    assert "remove the role ProjectOwner from bob@example.com" in result.err
    assert extra["id"] not in stand_in.organization.bindings
    assert len(stand_in.organization.bindings) == 2, "the organization's roles stay"
