"""``pinekeep pinecone status``, as a user sees it."""

from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stand_in import Fault, PineconeStandIn
from tests.command_support import Run


@pytest.fixture
def project(stand_in: PineconeStandIn, pinecone_aws: EmbeddedAws, secret: str) -> dict[str, Any]:
    """The project with a stored key, as `apply` leaves it."""
    made = stand_in.organization.create_project("search-prod", cmek=True)
    key = stand_in.organization.create_key(made["id"], "watch", ["ControlPlaneViewer"])
    aws = pinecone_aws.session().client("secretsmanager")
    aws.create_secret(Name=secret, Tags=[{"Key": "pinekeep:deployment", "Value": "search"}])
    aws.put_secret_value(SecretId=secret, SecretString=key["value"], ClientRequestToken=key["key"]["id"])
    return made


def test_all_that_is_there_is_told_and_nothing_is_changed(
    pinekeep: Run, stand_in: PineconeStandIn, project: dict[str, Any], secret: str
) -> None:
    arn = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
    stand_in.organization.add_index(project["id"], "products", cmek_id=arn)
    result = pinekeep("pinecone", "status", "--json")
    assert result.code == 0, result.err
    said = result.require_schema("pinecone status")
    assert (said["passed"], said["plan"]) == (True, "Enterprise")
    (told,) = said["deployments"]
    assert (told["project_id"], told["cmek"]) == (project["id"], True)
    (index,) = told["indexes"]
    assert (index["cmek_id"], index["private_host"]) == (
        arn,
        "products-abc1234.svc.private.aped-4627-b74a.pinecone.io",
    )
    assert [(key["name"], key["secret"], key["stored"]) for key in told["keys"]] == [("watch", secret, True)]
    assert {each.method for each in stand_in.exchanges if not each.template.startswith("/oauth")} == {"GET"}
    value = next(iter(stand_in.organization.values))
    text = pinekeep("pinecone", "status")
    assert "ok   API key watch (ControlPlaneViewer)" in text.out
    assert "CMEK: no backups can be made in this project" in text.out
    assert "https://app.pinecone.io: Manage > CMEK > Add CMEK" in text.out
    assert value not in result.out + result.err + text.out + text.err


def test_what_is_amiss_ends_with_1(pinekeep: Run, stand_in: PineconeStandIn, project: dict[str, Any]) -> None:
    stand_in.organization.add_index(project["id"], "products")
    result = pinekeep("pinecone", "status")
    assert result.code == 1
    assert "FAIL index products, Ready\n       it is not encrypted with a key of yours" in result.out


def test_a_project_that_is_not_there_yet_is_told(pinekeep: Run, stand_in: PineconeStandIn, secret: str) -> None:
    result = pinekeep("pinecone", "status")
    assert result.code == 1
    assert "FAIL the project does not exist yet: `pinekeep pinecone apply` creates it" in result.out


def test_no_service_account_is_wrong_usage(
    pinekeep: Run, stand_in: PineconeStandIn, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PINECONE_CLIENT_SECRET")
    result = pinekeep("pinecone", "status")
    assert result.code == 2
    assert "error: no Pinecone service account: PINECONE_CLIENT_SECRET not set" in result.err


def test_a_file_without_a_section_is_wrong_usage(pinekeep: Run, stand_in: PineconeStandIn, good: Path) -> None:
    result = pinekeep("pinecone", "status")
    assert result.code == 2
    assert "error: search-prod has no pinecone section" in result.err


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refusal_of_pinecones_ends_with_3(pinekeep: Run, stand_in: PineconeStandIn, secret: str, status: int) -> None:
    stand_in.faults.append(Fault(path="/admin/projects", status=status, times=99))
    result = pinekeep("pinecone", "status", "--json")
    assert result.code == 3
    assert result.json["exit_code"] == 3
    assert "Pinecone" in result.json["error"]
