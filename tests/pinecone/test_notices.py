"""What is said of a project and its indexes."""

from dataclasses import replace
from typing import Any

import pytest

from pinekeep.model.config import Deployment
from pinekeep.pinecone.inventory import Index, Organization, Project
from pinekeep.pinecone.status import console_tasks, index_problems, notes_of, project_problems
from tests.pinecone.conftest import CMEK

KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
OTHER = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5e"
MULTI = "arn:aws:kms:us-east-1:111122223333:key/mrk-" + "a" * 32
LINK = {
    "vpc": {"cidr": "10.20.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
    "clients": {"cidrs": ["10.20.0.0/16"]},
}
RIGHT = Index("one", "managed", "aws", "us-east-1", "https://one", "https://one.private", KEY, "Ready")
PROJECT = Project("id", "search", True, "org")
ENTERPRISE = [Organization("org", "An organization", "Enterprise")]


def deployment(**parts: Any) -> Deployment:
    return Deployment.model_validate({"account": "111122223333", "region": "us-east-1", **parts})


BOTH = deployment(cmek=CMEK, private_link=LINK)


def test_an_index_that_is_as_it_should_be_has_no_problem() -> None:
    assert index_problems(RIGHT, BOTH, [KEY]) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"cmek_id": None},
            "it is not encrypted with a key of yours; that an existing index can be is documented nowhere",
        ),
        ({"cmek_id": OTHER}, f"it is encrypted with {OTHER}, wanted is {KEY}"),
        ({"cmek_id": "some-id"}, f"it is encrypted with some-id, wanted is {KEY}"),
        ({"cloud": "gcp"}, "CMEK needs a serverless index in AWS; this is managed in gcp"),
        ({"kind": "pod"}, "CMEK needs a serverless index in AWS; this is pod in aws"),
        ({"full_text": True}, "CMEK excludes its fields for full-text search"),
        ({"kind": "unreadable"}, "Pinecone returns it in an unknown shape; look at it in the console"),
        ({"region": "eu-west-1"}, "it is in eu-west-1; the private endpoint reaches indexes in us-east-1 alone"),
        ({"private_host": None}, "it has no private host, so the private endpoint does not reach it"),
    ],
    ids=lambda each: next(iter(each), None) if isinstance(each, dict) else None,
)
def test_each_thing_that_is_not_as_it_should_be_is_said(change: dict[str, Any], problem: str) -> None:
    assert index_problems(replace(RIGHT, **change), BOTH, [KEY]) == [problem]


def test_without_cmek_and_endpoint_any_index_will_do() -> None:
    bare = deployment(private_link=LINK)
    other = replace(RIGHT, cmek_id=None, cloud="gcp", kind="pod")
    assert index_problems(other, bare, []) == []
    assert index_problems(replace(other, region="us-central1"), deployment(), []) == []


def test_a_multi_region_key_is_the_same_in_each_region() -> None:
    found = replace(RIGHT, cmek_id=MULTI.replace("us-east-1", "eu-west-1"))
    assert index_problems(found, BOTH, [MULTI]) == []
    assert index_problems(replace(RIGHT, cmek_id=KEY.replace("us-east-1", "eu-west-1")), BOTH, [KEY]) != []


def test_any_key_of_a_customer_without_named_keys_will_do() -> None:
    pattern = "arn:aws:kms:*:444455556666:key/*"
    theirs = KEY.replace("111122223333", "444455556666")
    assert index_problems(replace(RIGHT, cmek_id=theirs), BOTH, [KEY, pattern]) == []
    assert index_problems(replace(RIGHT, cmek_id=OTHER), BOTH, [KEY, pattern]) != []


def test_keys_that_are_not_known_are_compared_with_nothing() -> None:
    assert index_problems(RIGHT, BOTH, []) == []
    assert any("shown without comparison" in note for note in notes_of(PROJECT, BOTH, [RIGHT], []))


def test_a_project_without_cmek_is_a_problem_where_there_is_cmek() -> None:
    without = replace(PROJECT, cmek=False)
    (problem,) = project_problems(without, BOTH, ENTERPRISE)
    assert problem.startswith("the project has no CMEK")
    assert project_problems(without, deployment(private_link=LINK), ENTERPRISE) == []
    assert project_problems(PROJECT, BOTH, ENTERPRISE) == []


def test_a_plan_that_does_not_do_is_told_where_the_api_tells_the_plan() -> None:
    standard = [Organization("org", "An organization", "Standard")]
    assert project_problems(PROJECT, BOTH, standard) == [
        "the organization's plan is Standard; CMEK and private endpoints need Enterprise"
    ]
    assert project_problems(PROJECT, deployment(), standard) == []
    assert project_problems(PROJECT, BOTH, [*standard, *standard]) == []


def test_what_cmek_means_is_told_and_what_no_api_tells() -> None:
    notes = notes_of(PROJECT, BOTH, [], [KEY])
    assert "CMEK: no backups can be made in this project" in notes
    assert any("no API tells whether the key was added" in note for note in notes)
    assert any("no API tells which are registered" in note for note in notes)
    assert not any("whether the key was added" in note for note in notes_of(PROJECT, BOTH, [RIGHT], [KEY]))
    assert notes_of(replace(PROJECT, cmek=False), deployment(), [], []) == []


def test_what_only_the_console_can_do_comes_with_its_page() -> None:
    assert [each.page for each in console_tasks(BOTH)] == [
        "https://app.pinecone.io: Manage > CMEK > Add CMEK",
        "https://app.pinecone.io: Settings > Network > PRIVATE ENDPOINTS > Add an endpoint",
        "https://app.pinecone.io: Organization settings > SSO",
        "https://app.pinecone.io: Settings > Audit logs",
    ]
    assert len(console_tasks(deployment())) == 2
