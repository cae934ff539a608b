"""Stages in three accounts, in one file and in one run of the command."""

import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_fixtures import folder, pinekeep
from tests.command_support import Run
from tests.embedded import bootstrap

__all__ = ["folder", "pinekeep"]

CENTRAL = "999988887777"
ACCOUNTS = {"search-dev": "111122223333", "search-staging": "444455556666", "search-prod": "777788889999"}
DEPLOYER = "CentralDeployers"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture(scope="module")
def three() -> Iterator[EmbeddedAws]:
    """Three accounts, bootstrapped so that they trust a central one, each with a role that it may assume."""
    with EmbeddedAws() as aws:
        for account in ACCOUNTS.values():
            trusted = {"TrustedAccounts": CENTRAL, "TrustedAccountsForLookup": CENTRAL}
            bootstrap(aws, account=account, parameters={**trusted, "CloudFormationExecutionPolicies": ADMINISTRATOR})
            iam = aws.session(account).client("iam")
            trust = {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{CENTRAL}:root"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
            iam.create_role(RoleName=DEPLOYER, AssumeRolePolicyDocument=json.dumps(trust))
            iam.attach_role_policy(RoleName=DEPLOYER, PolicyArn=ADMINISTRATOR)
        yield aws


@pytest.fixture
def central(three: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> EmbeddedAws:
    """The current credentials are of the central account."""
    for name, value in three.environment(CENTRAL).items():
        monkeypatch.setenv(name, value)
    return three


def external_id(name: str) -> str:
    """Return an external ID of a deployment's own, the same each time."""
    return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))


def write(folder: Path, ways: Mapping[str, Mapping[str, Any]], *, suffix: str = "") -> None:
    """Write a file with a stage in each account, whose credentials come the given way."""
    lines = ["version: 1", 'pinecone_account: "740000000001"', "deployments:"]
    for name, account in ACCOUNTS.items():
        lines += [f"  {name}{suffix}:", f'    account: "{account}"', "    region: us-east-1"]
        lines += [f"    {key}: {value}" for key, value in ways.get(name, {}).items()]
        lines += [f"    cmek: {{trust: {{regions: [us-east-1], external_id: {external_id(name + suffix)}}}}}"]
    (folder / "pinekeep.yaml").write_text("\n".join(lines) + "\n")


BY_ROLE = {name: {"assume_role": f"arn:aws:iam::{account}:role/{DEPLOYER}"} for name, account in ACCOUNTS.items()}


def keys_of(aws: EmbeddedAws, account: str) -> list[str]:
    found = aws.session(account).client("kms").list_aliases()["Aliases"]
    return [each["AliasName"] for each in found if each["AliasName"].startswith("alias/pinecone/")]


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("aws") / "config"
    path.write_text(
        "".join(
            f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = embedded\n"
            for name, account in ACCOUNTS.items()
        )
    )
    return path


@pytest.mark.parametrize("kind", ["roles", "profiles"])
def test_one_run_of_each_command_covers_the_stages_of_three_accounts(
    central: EmbeddedAws,
    profiles: Path,
    folder: Path,
    pinekeep: Run,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    suffix = f"-{kind}"
    ways: Mapping[str, Mapping[str, Any]] = BY_ROLE
    if kind == "profiles":
        monkeypatch.setenv("AWS_CONFIG_FILE", str(profiles))
        ways = {name: {"profile": name} for name in ACCOUNTS}
    write(folder, ways, suffix=suffix)
    for verb in ("preflight", "plan"):
        result = pinekeep(verb, "--json")
        assert result.code == 0, result
        result.require_schema(verb)
    result = pinekeep("deploy", "--yes", "--json")
    assert result.code == 0, result
    for name, account in ACCOUNTS.items():
        made = [each for each in keys_of(central, account) if each.endswith(suffix)]
        assert made == [f"alias/pinecone/{name}{suffix}"]
    for verb in ("verify", "handoff"):
        result = pinekeep(verb, "--json")
        assert result.code == 0, result
    assert pinekeep("handoff", "--record").code == 0
    names = [part for name in ACCOUNTS for part in ("--deployment", f"{name}{suffix}")]
    revoked = pinekeep("revoke", "--yes", "--json", *names)
    assert revoked.code == 0, revoked
    assert all(each["cut_off"] for each in revoked.json["deployments"])
    assert pinekeep("restore", "--yes", *names).code == 0


def test_the_bootstraps_own_trust_is_enough_to_look_and_to_plan_and_no_more(
    central: EmbeddedAws, folder: Path, pinekeep: Run
) -> None:
    write(folder, {}, suffix="-trust")
    looked = pinekeep("preflight", "--json")
    assert looked.code == 0, looked
    notes = [each for each in looked.json["findings"] if each["check"] == "credentials-account"]
    assert [each["status"] for each in notes] == ["note"] * 3
    assert "lookup-role" in notes[0]["found"]
    # IAM's simulation of the lookup role would say nothing about the credentials that deploy.
    tried = [each["found"] for each in looked.json["findings"] if each["check"] == "deploy-permissions"]
    assert tried == ["confirmed by assuming them, because IAM does not simulate this caller"] * 3
    planned = pinekeep("plan", "--json")
    assert planned.code == 0, planned
    refused = pinekeep("deploy", "--yes")
    assert refused.code == 3
    assert "set profile or assume_role in deployment search-dev-trust of the file" in refused.err
    assert all(not each.endswith("-trust") for account in ACCOUNTS.values() for each in keys_of(central, account))


def test_a_single_stage_of_another_account_is_verified_through_the_bootstrap(
    central: EmbeddedAws, folder: Path, pinekeep: Run
) -> None:
    write(folder, BY_ROLE, suffix="-one")
    assert pinekeep("deploy", "--yes", "--deployment", "search-dev-one").code == 0
    write(folder, {}, suffix="-one")
    result = pinekeep("verify", "--deployment", "search-dev-one")
    assert result.code == 0, result


def test_current_credentials_of_one_of_the_accounts_do_not_do_for_the_others(
    three: EmbeddedAws, folder: Path, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in three.environment(ACCOUNTS["search-dev"]).items():
        monkeypatch.setenv(name, value)
    write(folder, {}, suffix="-mixed")
    for verb in (["plan"], ["verify"], ["deploy", "--yes"], ["handoff"]):
        refused = pinekeep(*verb)
        assert refused.code == 3, refused
        assert "deployment search-staging-mixed needs calls to account 444455556666" in refused.err
        assert "run again with --deployment search-staging-mixed" in refused.err
    looked = pinekeep("preflight", "--json")
    assert looked.code == 1
    told = {
        each["deployment"]: each["status"] for each in looked.json["findings"] if each["check"] == "credentials-account"
    }
    assert list(told.values()) == ["ok", "failed", "failed"]


def test_a_role_that_may_not_be_assumed_is_told(central: EmbeddedAws, folder: Path, pinekeep: Run) -> None:
    write(folder, {**BY_ROLE, "search-prod": {"assume_role": f"arn:aws:iam::{ACCOUNTS['search-prod']}:role/Nobody"}})
    refused = pinekeep("plan")
    assert refused.code == 3
    assert f"may not assume arn:aws:iam::{ACCOUNTS['search-prod']}:role/Nobody, which the file names" in refused.err
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in refused.err
