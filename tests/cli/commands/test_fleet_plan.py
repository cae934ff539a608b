"""``pinekeep fleet plan``, from the file to the words, on an embedded AWS with real instances."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pinekeep.decisions.privileges import policies_for
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.config import load
from pinekeep.model.config.fleet.reading import read_targets
from pinekeep.operations.fleet import proof
from pinekeep.operations.fleet.desired import CAPABILITIES, Desired, groups, new_operation_id
from pinekeep.operations.fleet.proof import desired_of
from tests.command_support import Run
from tests.emulator.stack_sets_support import ADMINISTRATOR, FIRST, SECOND, Administrator, values

NAME = "keys"
IDS = {FIRST: "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13", SECOND: "4f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}
NEW = "5f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"


def write(folder: Path, ids: dict[str, str] = IDS, **settings: Any) -> Path:
    """Write the file and its rows."""
    rows = "account,cmek.trust.external_id\n" + "".join(f"{account},{each}\n" for account, each in ids.items())
    (folder / "keys.csv").write_text(rows)
    fleet = {
        "administrator": {"account": ADMINISTRATOR, "region": "us-east-1"},
        "permissions": "service-managed",
        "file": "keys.csv",
        "regions": ["us-east-1", "eu-west-1"],
        "settings": {"cmek": {"trust": {"regions": ["us-east-1"]}}},
        **settings,
    }
    file = folder / "pinekeep.yaml"
    content = {"version": 1, "pinecone_account": "740000000058", "fleet": {NAME: fleet}}
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.fixture(autouse=True)
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every template for proved: tests/operations/fleet/test_desired.py is about that, and it takes long."""
    monkeypatch.setattr(proof, "_unproved", lambda *_: [])


@pytest.fixture
def file(folder: Path, fleet_aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, and an environment that leads to the embedded AWS."""
    for name, value in fleet_aws.environment().items():
        monkeypatch.setenv(name, value)
    return write(folder)


@pytest.fixture
def deployed(file: Path, fleet_aws: EmbeddedAws) -> Iterator[Desired]:
    """The fleet, deployed as the file has it; taken away afterwards."""
    desired = desired_of(read_targets(load(file), NAME))
    client: Any = fleet_aws.session().client("cloudformation")
    client.create_stack_set(
        StackSetName=desired.stack_set,
        TemplateBody=desired.template,
        Parameters=values(**desired.parameters),
        PermissionModel="SERVICE_MANAGED",
        Capabilities=list(CAPABILITIES),
        ManagedExecution={"Active": True},
        Tags=[{"Key": key, "Value": value} for key, value in desired.tags.items()],
    )
    (root,) = fleet_aws.session().client("organizations").list_roots()["Roots"]
    found = Administrator(client)
    for each in groups(desired.instances.values()):
        made = found.run(
            "create_stack_instances",
            desired.stack_set,
            DeploymentTargets={
                "OrganizationalUnitIds": [root["Id"]],
                "Accounts": list(each.accounts),
                "AccountFilterType": "INTERSECTION",
            },
            Regions=list(each.regions),
            ParameterOverrides=values(**each.overrides),
            OperationId=new_operation_id(each.digest),
            OperationPreferences={"RegionOrder": list(each.regions), "RegionConcurrencyType": "SEQUENTIAL"},
        )
        assert made["Status"] == "SUCCEEDED", made
    yield desired
    for region in ("eu-west-1", "us-east-1"):
        found.run(
            "delete_stack_instances",
            desired.stack_set,
            DeploymentTargets={
                "OrganizationalUnitIds": [root["Id"]],
                "Accounts": [FIRST, SECOND],
                "AccountFilterType": "INTERSECTION",
            },
            Regions=[region],
            RetainStacks=False,
        )
    client.delete_stack_set(StackSetName=desired.stack_set)


def test_a_plan_before_and_after_a_deployment(pinekeep: Run, file: Path, deployed: Desired, folder: Path) -> None:
    nothing = pinekeep("fleet", "plan")
    assert nothing.code == 0, nothing.err
    assert nothing.out.startswith("keys: nothing changes in 4 targets\n")

    write(folder, settings={"cmek": {"trust": {"regions": ["us-east-1"]}, "key": {"rotation_days": 100}}})
    updated = pinekeep("fleet", "plan", "--account", FIRST)
    assert updated.code == 0
    assert "update, attention: 2 targets" in updated.out
    assert "RotationPeriodInDays from 365 to 100" in updated.out
    assert updated.err.splitlines()[-1] == "fleet deploy asks, and goes ahead with --yes"

    write(folder, {**IDS, SECOND: NEW})
    held = pinekeep("fleet", "plan", "--json")
    assert held.code == 1
    found = held.require_schema("fleet plan")
    assert found["counts"] == {"held_back": 2, "none": 2}
    assert [each["account"] for each in found["targets"]] == [SECOND, SECOND, FIRST, FIRST]
    assert found["targets"][0]["place"] == "keys.csv:3"
    markdown = pinekeep("fleet", "plan", "--markdown")
    assert "### Held back, breaks Pinecone: 1 target" in markdown.out
    for text in (held.out, held.err, markdown.out):
        assert not any(each in text for each in (*IDS.values(), NEW))

    write(folder, {FIRST: IDS[FIRST]})
    left = pinekeep("fleet", "plan")
    assert left.code == 0
    assert f"pinekeep fleet remove --fleet keys --account {SECOND} --region eu-west-1" in left.out
    assert file.exists()


def test_a_plan_of_what_is_not_there_yet(pinekeep: Run, file: Path, folder: Path) -> None:
    other = pinekeep("fleet", "plan")
    assert other.code == 2
    assert f"keys.csv:2: account {FIRST} in us-east-1 is deployed by fleet search already" in other.err
    write(folder, regions=["eu-west-1"])
    found = pinekeep("fleet", "plan")
    assert found.code == 0, found.err
    assert "keys: 2 create" in found.out
    assert "stack set Pinekeep-keys-Cmek in account 111122223333, us-east-1: created" in found.out
    write(folder, {**IDS, "222233330000": NEW}, regions=["eu-west-1"])
    refused = pinekeep("fleet", "plan")
    assert refused.code == 2
    assert "keys.csv:4: account 222233330000 is not in organization" in refused.err
    assert NEW not in refused.err
    assert json.loads(pinekeep("fleet", "plan", "--json").out)["problems"][0]["code"] == "fleet-foreign-account"
    assert file.exists()


def test_what_is_given_wrong(pinekeep: Run, file: Path, folder: Path) -> None:
    both = pinekeep("fleet", "plan", "--json", "--markdown")
    assert (both.code, "exclude each other" in both.err) == (2, True)
    unknown = pinekeep("fleet", "plan", "--fleet", "key")
    assert (unknown.code, "did you mean keys?" in unknown.err) == (2, True)
    account = pinekeep("fleet", "plan", "--account", "1")
    assert (account.code, "has no target in account 1" in account.err) == (2, True)
    write(folder, administrator={"account": SECOND, "region": "us-east-1"})
    other = pinekeep("fleet", "plan")
    assert (other.code, f"is in account {SECOND}" in other.err) == (3, True)
    file.write_text(
        'version: 1\ndeployments: {a: {account: "111122223333", region: us-east-1, '
        "private_link: {vpc: {cidr: 10.0.0.0/16, availability_zones: [us-east-1a, us-east-1b]}, "
        "clients: {cidrs: [10.0.0.0/16]}}}}"
    )
    none = pinekeep("fleet", "plan")
    assert (none.code, "has no fleet" in none.err) == (2, True)


@pytest.fixture(params=["accounts", "units"])
def administrator(
    request: pytest.FixtureRequest, fleet_aws: EmbeddedAws, file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The file with or without units, and a user who has the policies of ``permissions --for fleet`` alone."""
    organizations = fleet_aws.session().client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    write(file.parent, regions=["eu-west-1"], units=[each["Id"] for each in units if request.param == "units"])
    iam = fleet_aws.session().client("iam")
    iam.create_user(UserName="fleet-plan")
    fleets = load(file).content.fleet
    for policy in policies_for("fleet", {}, fleets=fleets):
        iam.put_user_policy(UserName="fleet-plan", PolicyName=policy.name, PolicyDocument=json.dumps(policy.document))
    key = iam.create_access_key(UserName="fleet-plan")["AccessKey"]
    credentials = {name: key[name] for name in ("AccessKeyId", "SecretAccessKey")}
    for name, value in fleet_aws.environment(credentials=credentials).items():
        monkeypatch.setenv(name, value)
    yield
    iam.delete_access_key(UserName="fleet-plan", AccessKeyId=key["AccessKeyId"])
    for name in iam.list_user_policies(UserName="fleet-plan")["PolicyNames"]:
        iam.delete_user_policy(UserName="fleet-plan", PolicyName=name)
    iam.delete_user(UserName="fleet-plan")


@pytest.mark.usefixtures("administrator")
def test_a_plan_makes_no_call_that_its_policy_does_not_allow(pinekeep: Run) -> None:
    found = pinekeep("fleet", "plan", "--json")
    assert found.code == 0, found.err
    assert found.json["counts"]["create"] == 2
    assert found.json["warnings"] == []
