"""``preflight``, and what ``deploy`` says of it, with the command line against the embedded AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import GOOD, Run, named

pytestmark = pytest.mark.e2e


def configured(folder: Path, name: str, *, region: str = "us-east-1") -> None:
    text = named(name).replace("region: us-east-1", f"region: {region}")
    (folder / "pinekeep.yaml").write_text(text.replace("us-east-1a, us-east-1b", f"{region}a, {region}b"))


def test_where_nothing_is_in_the_way_it_says_so_and_changes_nothing(
    pinekeep: Run, folder: Path, aws: EmbeddedAws
) -> None:
    configured(folder, "fresh")
    before = names(aws)
    result = pinekeep("preflight")
    assert result.code == 0
    assert "0 failed, 1 to note, 0 could not be read" in result.err
    assert "nothing was changed" in result.err
    lines = result.out.splitlines()
    assert lines[0] == "fresh"
    (note,) = [number for number, line in enumerate(lines) if "root user, who" in line]
    assert lines[note + 1].startswith("      means: ")
    assert lines[note + 2].startswith("      what to do: deploy as a role or a user")
    everything = pinekeep("preflight", "--all")
    assert "Bootstrap of the account and Region: version " in everything.out
    assert names(aws) == before


def test_the_json_follows_its_schema_and_says_why_it_matters(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    configured(folder, "fresh", region="us-west-2")
    result = pinekeep("preflight", "--json")
    assert result.code == 1
    said = result.require_schema("preflight")
    assert said["clear"] is False
    (blocking,) = [each for each in said["findings"] if each["status"] == "failed"]
    assert blocking == {
        "check": "bootstrap-version",
        "deployment": "fresh",
        "what": "Bootstrap of the account and Region",
        "status": "failed",
        "found": "account 111122223333 is not bootstrapped in us-west-2",
        "wanted": "version 6 or newer",
        "fix": "prepare it once: cdk bootstrap aws://111122223333/us-west-2",
        "meaning": "Without it the CDK command line has no bucket for templates and no roles to deploy with.",
    }


def test_deployments_of_another_account_do_not_keep_the_others_from_being_looked_at(
    pinekeep: Run, folder: Path, aws: EmbeddedAws
) -> None:
    configured(folder, "fresh")
    other = named("elsewhere", GOOD.partition("deployments:\n")[2])
    with (folder / "pinekeep.yaml").open("a") as file:
        file.write(other.replace("111122223333", "444455556666"))
    result = pinekeep("preflight", "--json")
    assert result.code == 1
    fresh, elsewhere = (
        [each for each in result.json["findings"] if each["deployment"] == name] for name in ("fresh", "elsewhere")
    )
    assert [each["check"] for each in elsewhere] == ["credentials-account"]
    assert len(fresh) > 10
    assert not [each for each in fresh if each["status"] == "failed"]


@pytest.fixture
def both_taken(aws: EmbeddedAws) -> Iterator[None]:
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}'
    iam, kms = aws.session().client("iam"), aws.session().client("kms")
    iam.create_role(RoleName="pinekeep-both-us-east-1", AssumeRolePolicyDocument=trust)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/pinecone/both", TargetKeyId=key)
    yield
    iam.delete_role(RoleName="pinekeep-both-us-east-1")
    kms.delete_alias(AliasName="alias/pinecone/both")


def test_deploy_tells_all_that_is_in_the_way_at_once_and_changes_nothing(
    pinekeep: Run, folder: Path, aws: EmbeddedAws, both_taken: None
) -> None:
    configured(folder, "both")
    before = names(aws)
    result = pinekeep("deploy", "--yes", "--json")
    assert result.code == 3
    said = result.require_schema("error")
    assert "both: the role pinekeep-both-us-east-1 exists already" in said["error"]
    assert "; both: alias/pinecone/both exists already, for key " in said["error"]
    assert said["hint"] == "run `pinekeep preflight` for what to do about each"
    assert names(aws) == before
    told = result.err.splitlines()
    (role,) = [number for number, line in enumerate(told) if line.startswith("in the way: both: Name of the role: ")]
    assert told[role + 1] == "  if Pinecone uses it, keep it and give this deployment another role_name"
    assert "in the way: both: Alias of the key: " in result.err
    assert "note: both: Permissions of the credentials: they are of the account's root user" in result.err


def names(aws: EmbeddedAws) -> Any:
    session = aws.session()
    stacks = session.client("cloudformation").describe_stacks()["Stacks"]
    roles = session.client("iam").list_roles()["Roles"]
    keys = session.client("kms").list_keys()["Keys"]
    return sorted(
        [each["StackName"] for each in stacks] + [each["RoleName"] for each in roles] + [each["KeyId"] for each in keys]
    )
