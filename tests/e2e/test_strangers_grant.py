"""A stranger's grant, seen and ended by every verb that says who can use the key; the real CDK command line deploys."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import GOOD, Run, named

pytestmark = pytest.mark.e2e

NAME = "granted"
TEXT = named(NAME, GOOD[: GOOD.index("    private_link:")])
STRANGER = "arn:aws:iam::999988887777:role/nightly-export"
CAN = f"{STRANGER} can now use the key (only Decrypt): grant "


@pytest.fixture
def kms(aws: EmbeddedAws) -> Any:
    return aws.session().client("kms")


@pytest.fixture
def key_arn(pinekeep: Run, folder: Path, aws: EmbeddedAws, kms: Any) -> Iterator[str]:
    (folder / "pinekeep.yaml").write_text(TEXT)
    deployed = pinekeep("deploy", "--yes")
    assert deployed.code == 0, deployed.err
    yield str(kms.describe_key(KeyId=f"alias/pinecone/{NAME}")["KeyMetadata"]["Arn"])
    pinekeep("restore", "--yes")


def failed(pinekeep: Run) -> dict[str, Any]:
    found = pinekeep("verify", "--json").require_schema("verify")["findings"]
    return {each["check"]: each for each in found if each["status"] == "failed"}


def test_a_strangers_grant_is_seen_by_every_verb_and_ended(pinekeep: Run, key_arn: str, kms: Any) -> None:
    assert failed(pinekeep) == {}
    before = pinekeep("access", "--live", "--json").require_schema("access")["tables"][0]
    assert STRANGER not in {each["arn"] for each in before["principals"]}
    grant = kms.create_grant(KeyId=key_arn, GranteePrincipal=STRANGER, Operations=["Decrypt"])["GrantId"]
    ended_by = f"aws kms revoke-grant --key-id {key_arn} --grant-id {grant} --region us-east-1"

    told = failed(pinekeep)
    assert set(told) == {"key-grants", "decisions-as-planned"}
    assert told["key-grants"]["fix"] == f"end it: {ended_by}"
    assert told["decisions-as-planned"]["fix"] == f"end the grant: {ended_by}"
    assert told["decisions-as-planned"]["found"].startswith(CAN)

    shown = pinekeep("access", "--live", "--json").require_schema("access")["tables"][0]
    (decision,) = [
        each for each in shown["decisions"] if each["principal"] == STRANGER and each["request"] == "key kms:Decrypt"
    ]
    assert (shown["decided_from"], decision["effect"]) == ("live", "allow")
    assert decision["statements"][0]["grant"] == grant

    planned = pinekeep("plan", "--json").require_schema("plan")
    (found,) = [each for each in planned["deployments"][0]["findings"] if each["rule"] == "grants"]
    assert planned["kind"] == "attention"
    assert CAN in json.dumps(found)
    assert ended_by in json.dumps(found)

    handed = pinekeep("handoff")
    assert handed.code == 0, handed.err
    assert f"! Others can use the key: grant {grant[:8]}… lets {STRANGER} Decrypt" in handed.out
    assert ended_by in handed.out

    revoked = pinekeep("revoke", "--how", "role", "--yes")
    assert revoked.code == 1
    assert "NOT all are cut off" in revoked.out
    assert ended_by in revoked.out
    assert pinekeep("revoke", "--how", "role", "--end-grants", "--yes").code == 0
    assert pinekeep("restore", "--yes").code == 0
    assert failed(pinekeep) == {}
    assert "Others can use the key" not in pinekeep("handoff").out
    assert "grants" not in {
        each["rule"] for each in pinekeep("plan", "--json").require_schema("plan")["deployments"][0]["findings"]
    }
