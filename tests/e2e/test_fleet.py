"""A self-managed fleet of three accounts and two Regions, from its first deployment to its removal."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from pinekeep.account.reads.stack_sets import Operation
from pinekeep.cli.root import run
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stack_sets import InstanceRule
from pinekeep.model.naming import cmek_stack
from pinekeep.operations.fleet.desired import new_operation_id
from pinekeep.operations.fleet.operations import StackSetCalls
from pinekeep.operations.fleet.waiting import wait_for_operation
from pinekeep.operations.release.roles.templates import ROLES
from tests.command_support import Result, Run, external_id_of

pytestmark = pytest.mark.process

ADMINISTRATOR = "111122223333"
ACCOUNTS = A, B, C = "444455556666", "777788889999", "100000000001"
EAST, EU = "us-east-1", "eu-west-1"
ADMINISTRATION_ROLE = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"
ALL = [(account, region) for account in sorted(ACCOUNTS) for region in (EAST, EU)]
STACK_SET = cmek_stack("search")
FLEET = """\
version: 1
pinecone_account: "740000000062"
fleet:
  search:
    administrator: {{account: "111122223333", region: us-east-1}}
    permissions: self-managed
    file: fleet.csv
    regions: [us-east-1, eu-west-1]
    settings:
      tags: {{team: {team}}}
      cmek:
        trust: {{regions: [us-east-1]}}
        key: {{rotation_days: {rotation}}}
    operation: {{concurrent_accounts: 3, failed_accounts: {failed}}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedAws]:
    """An AWS whose accounts have the roles of StackSets. Each test begins with what the one before left."""
    with EmbeddedAws() as aws:
        _role(aws, ADMINISTRATOR, ADMINISTRATION_ROLE, {"Service": "cloudformation.amazonaws.com"})
        for account in ACCOUNTS:
            _role(aws, account, EXECUTION_ROLE, {"AWS": f"arn:aws:iam::{ADMINISTRATOR}:root"})
        aws.take_snapshot("roles")
        yield aws


@pytest.fixture(scope="module")
def fleet_of_three(server: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedAws:
    """The AWS with the fleet in a snapshot, deployed once."""
    folder = tmp_path_factory.mktemp("fleet")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        server.restore_snapshot("roles")
        write_files(folder, *ACCOUNTS)
        assert run(["fleet", "deploy", "--yes", "--config", str(folder / "pinekeep.yaml")]) == 0
        server.take_snapshot("deployed")
    return server


@pytest.fixture
def organization(aws: EmbeddedAws) -> EmbeddedAws:
    """The AWS with an organization, to which StackSets has access."""
    aws.organize({"prod": [A], "prod/search": [B]})
    aws.session().client("cloudformation").activate_organizations_access()
    return aws


@pytest.fixture
def deployed(fleet_of_three: EmbeddedAws, aws: EmbeddedAws) -> EmbeddedAws:
    """The AWS with the fleet deployed."""
    assert fleet_of_three is aws
    aws.restore_snapshot("deployed")
    return aws


@pytest.fixture
def aws(server: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedAws]:
    """The command's credentials are those of the administrator."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    server.restore_snapshot("roles")
    yield server
    server.clear_instance_rules()


def _role(aws: EmbeddedAws, account: str, name: str, trusted: dict[str, str]) -> None:
    iam = aws.session(account).client("iam")
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)


def write_files(
    folder: Path,
    *accounts: str,
    team: str = "search",
    rotation: int = 365,
    failed: int = 0,
    external_ids: dict[str, str] | None = None,
) -> None:
    """Write the file of a fleet with these accounts."""
    ids = {account: external_id_of(account) for account in accounts} | (external_ids or {})
    (folder / "pinekeep.yaml").write_text(FLEET.format(team=team, rotation=rotation, failed=failed))
    rows = [f"{account},{ids[account]}" for account in accounts]
    (folder / "fleet.csv").write_text("\n".join(["account,cmek.trust.external_id", *rows]) + "\n")


def results(output: Result) -> dict[tuple[str, str], str]:
    """Return the result of each account and Region of a deployment."""
    found = output.require_schema("fleet deploy")
    return {(each["account"], each["region"]): each["result"] for each in found["instances"]}


def roles(aws: EmbeddedAws, account: str) -> list[str]:
    found = aws.session(account).client("iam").list_roles()["Roles"]
    return [each["RoleName"] for each in found if each["RoleName"] != EXECUTION_ROLE]


def keys(aws: EmbeddedAws, account: str, region: str) -> list[dict[str, Any]]:
    kms = aws.session(account, region=region).client("kms")
    return [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]


def operations(aws: EmbeddedAws) -> list[dict[str, Any]]:
    client = aws.session().client("cloudformation")
    found: list[dict[str, Any]] = client.list_stack_set_operations(StackSetName=STACK_SET)["Summaries"]
    return found


def overrides(aws: EmbeddedAws, account: str, region: str = EAST) -> dict[str, str]:
    """Return the parameters that an instance overrides."""
    client = aws.session().client("cloudformation")
    found = client.describe_stack_instance(
        StackSetName=STACK_SET, StackInstanceAccount=account, StackInstanceRegion=region
    )
    return {
        each["ParameterKey"]: each["ParameterValue"] for each in found["StackInstance"].get("ParameterOverrides") or ()
    }


def instances(aws: EmbeddedAws) -> dict[tuple[str, str], dict[str, Any]]:
    client = aws.session().client("cloudformation")
    found = client.list_stack_instances(StackSetName=STACK_SET)["Summaries"]
    return {(each["Account"], each["Region"]): each for each in found}


def test_a_fleet_is_deployed_and_then_nothing_changes(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    deployed = pinekeep("fleet", "deploy", "--yes", "--json")
    assert deployed.code == 0, deployed.err
    assert results(deployed) == dict.fromkeys(ALL, "created")
    for account in ACCOUNTS:
        assert roles(aws, account) == ["pinekeep-search"], "one role an account"
        for region in (EAST, EU):
            (key,) = keys(aws, account, region)
            assert key["KeyState"] == "Enabled"
        assert external_id_of(account) not in deployed.out + deployed.err
    before = operations(aws)
    assert len(before) == len(ACCOUNTS), "one operation for each external ID"
    again = pinekeep("fleet", "deploy", "--yes", "--json")
    assert again.code == 0
    assert results(again) == dict.fromkeys(ALL, "unchanged")
    assert operations(aws) == before
    status = pinekeep("fleet", "status", "--json")
    assert status.code == 0
    assert status.require_schema("fleet status")["counts"] == {"CURRENT": len(ALL)}


def test_a_failure_stops_the_rest_and_the_next_run_goes_on(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS, failed=0)
    reason = f"Account {C} should have '{EXECUTION_ROLE}' role with trust relationship to Role 'x'."
    aws.add_instance_rule(InstanceRule(kind="fail", reason=reason, account=C))
    failed = pinekeep("fleet", "deploy", "--yes")
    assert failed.code == 1
    assert f"{C} us-east-1 failed\n  {reason}" in failed.out
    assert "fleet-execution-role" in failed.out, "with what to do about it"
    assert "not-started" in failed.out
    assert "pinekeep fleet deploy --fleet search" in failed.err
    aws.clear_instance_rules()
    rest = pinekeep("fleet", "deploy", "--yes", "--json")
    assert rest.code == 0, rest.err
    assert set(results(rest).values()) <= {"created", "updated", "unchanged"}
    assert {each["Status"] for each in instances(aws).values()} == {"CURRENT"}
    assert set(instances(aws)) == set(ALL)


def test_others_go_on_within_the_tolerance(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS, failed=1)
    aws.add_instance_rule(InstanceRule(kind="fail", reason="ResourceLogicalId:Role, already exists", account=A))
    failed = pinekeep("fleet", "deploy", "--yes", "--json")
    assert failed.code == 1
    found = results(failed)
    assert found[A, EAST] == "failed"
    assert {found[account, region] for account in (B, C) for region in (EAST, EU)} == {"created"}


def test_a_harmless_value_reaches_every_instance(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS, rotation=180)
    changed = pinekeep("fleet", "deploy", "--yes", "--json")
    assert changed.code == 0, changed.err
    assert results(changed) == dict.fromkeys(ALL, "updated")
    for account in ACCOUNTS:
        kms = deployed.session(account, region=EU).client("kms")
        (key,) = kms.list_keys()["Keys"]
        assert kms.get_key_rotation_status(KeyId=key["KeyId"])["RotationPeriodInDays"] == 180
        assert roles(deployed, account) == ["pinekeep-search"]


def test_what_breaks_pinecone_is_held_back_and_the_others_go_on(
    pinekeep: Run, folder: Path, deployed: EmbeddedAws
) -> None:
    before = overrides(deployed, B)
    other = "11111111-2222-4333-8444-555555555555"
    write_files(folder, *ACCOUNTS, rotation=180, external_ids={B: other})
    changed = pinekeep("fleet", "deploy", "--yes", "--json")
    assert changed.code == 1
    assert results(changed) == {place: "held-back" if place[0] == B else "updated" for place in ALL}
    assert overrides(deployed, B) == before
    assert overrides(deployed, A)["RotationDays"] == "180"
    assert other not in changed.out + changed.err
    assert "external ID" in changed.out


def test_a_new_template_reaches_all_in_one_operation(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    client = deployed.session().client("cloudformation")
    stack_set = client.describe_stack_set(StackSetName=STACK_SET)["StackSet"]
    older = json.loads(stack_set["TemplateBody"])
    del older["Outputs"]["KeyAlias"]
    client.update_stack_set(
        StackSetName=STACK_SET,
        TemplateBody=json.dumps(older),
        Parameters=stack_set["Parameters"],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    wait_until_quiet(client)
    before = len(operations(deployed))
    changed = pinekeep("fleet", "deploy", "--yes", "--json")
    assert changed.code == 0, changed.err
    assert results(changed) == dict.fromkeys(ALL, "updated")
    assert len(operations(deployed)) == before + 1
    (stack,) = deployed.session(A).client("cloudformation").describe_stacks()["Stacks"]
    assert "KeyAlias" in {each["OutputKey"] for each in stack["Outputs"]}


def test_drift_is_found_by_resource(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    kms = deployed.session(B, region=EU).client("kms")
    (key,) = kms.list_keys()["Keys"]
    kms.disable_key_rotation(KeyId=key["KeyId"])
    quiet = pinekeep("fleet", "status")
    assert quiet.code == 0
    found = pinekeep("fleet", "status", "--detect-drift", "--json")
    assert found.code == 1
    drifted = [each for each in found.require_schema("fleet status")["instances"] if each["drift"] == "DRIFTED"]
    assert [(each["account"], each["region"]) for each in drifted] == [(B, EU)]
    assert "EnableKeyRotation" in drifted[0]["drifted"][0]


def test_an_account_leaves_with_its_stacks_in_place(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    refused = pinekeep("fleet", "remove", "--account", C, "--yes")
    assert refused.code == 2
    assert "still in the file" in refused.err
    write_files(folder, A, B)
    role_first = pinekeep("fleet", "remove", "--account", C, "--region", EAST, "--yes")
    assert role_first.code == 2
    assert f"the role of account {C}" in role_first.err
    shown = pinekeep("fleet", "remove", "--account", C, "--dry-run")
    assert shown.code == 0
    assert len(instances(deployed)) == len(ALL)
    stack = instances(deployed)[C, EAST]["StackId"]
    removed = pinekeep("fleet", "remove", "--account", C, "--yes", "--json")
    assert removed.code == 0, removed.err
    output = removed.require_schema("fleet remove")
    assert {each["result"] for each in output["instances"]} == {"removed"}
    assert set(instances(deployed)) == {place for place in ALL if place[0] != C}
    there = deployed.session(C).client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    assert there["StackStatus"] == "CREATE_COMPLETE"
    assert f"stack {stack}" in {each["what"] for each in output["kept"]}


def test_stacks_are_deleted_without_role_and_keys(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, A, B)
    asked = pinekeep("fleet", "remove", "--account", C, "--delete-stacks", "--yes")
    assert asked.code == 2, "--yes does not cover it"
    assert "--confirm search" in asked.err
    removed = pinekeep("fleet", "remove", "--account", C, "--delete-stacks", "--confirm", "search", "--json")
    assert removed.code == 0, removed.err
    assert deployed.session(C).client("cloudformation").list_stacks()["StackSummaries"][0]["StackStatus"] == (
        "DELETE_COMPLETE"
    )
    assert roles(deployed, C) == ["pinekeep-search"]
    assert [len(keys(deployed, C, region)) for region in (EAST, EU)] == [1, 1]
    kept = [(each["region"], each["what"]) for each in removed.require_schema("fleet remove")["kept"]]
    assert sorted(kept) == [(EU, "KMS key"), (EU, "alias"), (EAST, "KMS key"), (EAST, "alias"), (EAST, "role")]


def test_all_leave_and_then_the_stack_set(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    removed = pinekeep("fleet", "remove", "--all", "--confirm", "search", "--json")
    assert removed.code == 0, removed.err
    assert removed.require_schema("fleet remove")["stack_set_deleted"]
    client = deployed.session().client("cloudformation")
    assert client.list_stack_sets(Status="ACTIVE")["Summaries"] == []
    assert roles(deployed, A) == ["pinekeep-search"]
    status = pinekeep("fleet", "status")
    assert status.code == 1
    assert "no stack set" in status.out


def test_an_operation_of_others_is_not_disturbed(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS, rotation=180)
    deployed.add_instance_rule(InstanceRule(kind="hold"))
    client = deployed.session().client("cloudformation")
    client.update_stack_instances(StackSetName=STACK_SET, Accounts=[A], Regions=[EAST], OperationId="from-the-console")
    refused = pinekeep("fleet", "deploy", "--yes")
    assert refused.code == 3
    assert "from-the-console" in refused.err
    assert "describe-stack-set-operation" in refused.err


def test_an_earlier_run_is_waited_for(
    pinekeep: Run, folder: Path, deployed: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(folder, *ACCOUNTS)
    deployed.add_instance_rule(InstanceRule(kind="hold"))
    client = deployed.session().client("cloudformation")
    ours = new_operation_id("0123456789ab")
    client.update_stack_instances(StackSetName=STACK_SET, Accounts=[A], Regions=[EAST], OperationId=ours)

    def released(operation: str, **arguments: Any) -> Operation:
        assert operation == ours
        deployed.clear_instance_rules()
        return wait_for_operation(operation, **arguments)

    monkeypatch.setattr("pinekeep.operations.fleet.deployment.wait_for_operation", released)
    done = pinekeep("fleet", "deploy", "--yes")
    assert done.code == 0, done.err
    assert f"operation {ours} of an earlier run is RUNNING: waiting" in done.err


def test_automatic_deployment_is_turned_off_where_nothing_else_changes(
    pinekeep: Run, folder: Path, organization: EmbeddedAws
) -> None:
    client = organization.session().client("cloudformation")
    write_files(folder, A, B)
    as_service_managed(folder, organization)
    assert pinekeep("fleet", "deploy", "--yes").code == 0
    described = client.describe_stack_set(StackSetName=STACK_SET)["StackSet"]
    assert described["AutoDeployment"]["Enabled"] is False
    assert described["ManagedExecution"]["Active"] is True
    kept = [{"ParameterKey": each["ParameterKey"], "UsePreviousValue": True} for each in described["Parameters"]]
    client.update_stack_set(
        StackSetName=STACK_SET,
        UsePreviousTemplate=True,
        Parameters=kept,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": True},
        OperationId="turned-on",
    )
    wait_until_quiet(client)
    warned = pinekeep("fleet", "status")
    assert warned.code == 1
    assert "automatic deployment is on" in warned.out
    assert pinekeep("fleet", "deploy", "--yes").code == 0
    assert client.describe_stack_set(StackSetName=STACK_SET)["StackSet"]["AutoDeployment"]["Enabled"] is False
    assert pinekeep("fleet", "status").code == 0


def test_service_managed_accounts_come_and_go_by_their_unit(
    pinekeep: Run, folder: Path, organization: EmbeddedAws
) -> None:
    write_files(folder, A, B)
    units = as_service_managed(folder, organization)
    deployed = pinekeep("fleet", "deploy", "--yes", "--json")
    assert deployed.code == 0, deployed.err
    assert set(results(deployed)) == {(account, region) for account in (A, B) for region in (EAST, EU)}
    assert {each["OrganizationalUnitId"] for each in instances(organization).values()} == {
        units["prod"],
        units["prod/search"],
    }
    write_files(folder, A)
    as_service_managed(folder, organization, by_unit=False)
    removed = pinekeep("fleet", "remove", "--account", B, "--yes", "--json")
    assert removed.code == 0, removed.err
    assert {account for account, _ in instances(organization)} == {A}
    write_files(folder, A, C)
    as_service_managed(folder, organization, by_unit=False)
    stranger = pinekeep("fleet", "deploy", "--yes")
    assert stranger.code == 2
    assert f"account {C} is not in organization" in stranger.err


def as_service_managed(folder: Path, aws: EmbeddedAws, *, by_unit: bool = True) -> dict[str, str]:
    """Make the fleet of the folder service-managed, with the accounts of the organization's units."""
    organizations = aws.session().client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    prod = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"][0]["Id"]
    search = organizations.list_organizational_units_for_parent(ParentId=prod)["OrganizationalUnits"][0]["Id"]
    path = folder / "pinekeep.yaml"
    text = path.read_text().replace("self-managed", "service-managed")
    units = f"\n    units: [{prod}, {search}]" if by_unit else ""
    path.write_text(text.replace("    file: fleet.csv", f"    file: fleet.csv{units}"))
    return {"prod": prod, "prod/search": search}


def wait_until_quiet(client: Any) -> None:
    """Wait until no operation of the stack set is under way."""
    for _ in range(200):
        listed = client.list_stack_set_operations(StackSetName=STACK_SET)["Summaries"]
        if all(each["Status"] not in {"RUNNING", "QUEUED", "STOPPING"} for each in listed):
            return
        time.sleep(0.05)
    raise AssertionError("an operation does not end")


def test_an_interrupted_run_says_what_goes_on(
    pinekeep: Run, folder: Path, deployed: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(folder, *ACCOUNTS, rotation=180)
    shown = pinekeep("fleet", "deploy", "--dry-run")
    assert (shown.code, operations(deployed)[0]["Action"]) == (0, "CREATE")
    with monkeypatch.context() as patch:
        patch.setattr(StackSetCalls, "operations", interrupt)
        interrupted = pinekeep("fleet", "deploy", "--yes")
    assert interrupted.code == 130
    (goes_on,) = [each for each in interrupted.err.splitlines() if each.startswith("AWS continues 1 operation")]
    assert goes_on.split()[-1] in {each["OperationId"] for each in operations(deployed)}
    assert "continue with: pinekeep fleet deploy --fleet search" in interrupted.err
    rest = pinekeep("fleet", "deploy", "--yes", "--json")
    assert rest.code == 0, rest.err
    assert sorted(results(rest).values()) == ["unchanged"] * 2 + ["updated"] * 4


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def test_a_change_after_the_plan_stops_the_deployment(
    pinekeep: Run, folder: Path, deployed: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(folder, *ACCOUNTS, rotation=180)

    def meanwhile(*_: object, **__: object) -> None:
        client = deployed.session().client("cloudformation")
        client.update_stack_instances(StackSetName=STACK_SET, Accounts=[A], Regions=[EAST], OperationId="meanwhile")
        wait_until_quiet(client)

    monkeypatch.setattr("pinekeep.cli.commands.fleet.deploy.confirm", meanwhile)
    stopped = pinekeep("fleet", "deploy")
    assert stopped.code == 3
    assert "somebody else changed stack set" in stopped.err
    assert "RotationDays" not in overrides(deployed, B)


def test_bad_input_is_refused_with_its_place(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    assert pinekeep("fleet", "deploy", "--fleet", "serach", "--yes").code == 2
    assert pinekeep("fleet", "remove").code == 2
    assert pinekeep("fleet", "remove", "--all", "--account", A).code == 2
    assert pinekeep("fleet", "remove", "--all", "--confirm", "other").code == 2
    unknown = pinekeep("fleet", "remove", "--account", "999999999999", "--yes")
    assert unknown.code == 2
    assert "no instance in account 999999999999" in unknown.err
    nobody = pinekeep("fleet", "deploy", "--account", "999999999999", "--yes")
    assert nobody.code == 2
    no_terminal = pinekeep("fleet", "deploy")
    assert no_terminal.code == 0, "there is nothing to confirm"


def verification_role(aws: EmbeddedAws, account: str) -> None:
    """Create the role of the released template, as its owner would."""
    (template,) = (each.template() for each in ROLES if each.key == "fleet-verification-role")
    cloudformation = aws.session(account).client("cloudformation")
    cloudformation.create_stack(
        StackName="verification",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": "AdministratorArns", "ParameterValue": f"arn:aws:iam::{ADMINISTRATOR}:root"}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="verification", WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
    )


def statuses(output: Result) -> dict[tuple[str, str], str]:
    """Return the status of each target of a verification."""
    found = output.require_schema("fleet verify")
    return {(each["account"], each["region"]): each["status"] for each in found["targets"]}


def test_every_account_is_verified_by_its_own_role(pinekeep: Run, folder: Path, deployed: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    for account in (A, B):
        verification_role(deployed, account)
    first = pinekeep("fleet", "verify", "--json")
    assert first.code == 1
    assert statuses(first) == {
        **{place: "passed" for place in ALL if place[0] != C},
        **{(C, region): "unreadable" for region in (EAST, EU)},
    }, first.out
    assert "fleet-verification-role" in first.out
    assert not any(external_id_of(account) in first.out + first.err for account in ACCOUNTS)
    assert all(
        external_id_of(each).encode() not in (folder / "pinekeep.fleet.sqlite").read_bytes() for each in ACCOUNTS
    )

    (key,) = keys(deployed, B, EU)
    deployed.session(B, region=EU).client("kms").disable_key(KeyId=key["KeyId"])
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{C}:root"}, "Action": "sts:AssumeRole"}
    deployed.session(A).client("iam").update_assume_role_policy(
        RoleName="pinekeep-search", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    time.sleep(1.1)  # the file has whole seconds
    second = pinekeep("fleet", "verify")
    assert second.code == 1
    assert f"{B} {EU}: failed" in second.out
    assert "State of the key: found Disabled" in second.out
    assert f"aws kms enable-key --key-id {key['Arn']} --region {EU}" in second.out.replace("\n", " ").replace("  ", "")
    assert f"{A} {EAST}: failed" in second.out
    assert f"{B} {EAST}" not in second.out

    told = pinekeep("fleet", "query", "keys-not-enabled", "--json").require_schema("fleet query")
    assert [row[:4] for row in told["rows"]] == [[B, EU, key["Arn"], "Disabled"]]
    told = pinekeep("fleet", "query", "trusts-region", "--set", "region=us-east-1", "--csv")
    assert [line.split(",")[0] for line in told.out.splitlines()[1:]] == [B]
    began = pinekeep("fleet", "query", "--sql", "SELECT max(started) FROM runs", "--csv").out.splitlines()[1]
    told = pinekeep("fleet", "query", "changed-since", "--since", began, "--json").require_schema("fleet query")
    changed = {(row[0], row[1], row[2]) for row in told["rows"]}
    assert (B, EU, "key_state") in changed
    assert (A, EAST, "trusted_regions") in changed
    assert not [each for each in changed if each[0] == C]

    page = pinekeep("fleet", "report", "--out", "fleet.html", "--json").require_schema("fleet report")
    assert page["counts"]["unreadable"] == 2
    assert key["Arn"] in (folder / "fleet.html").read_text()

    deployed.session(B, region=EU).client("kms").enable_key(KeyId=key["KeyId"])
    again = pinekeep("fleet", "verify", "--only-failed", "--account", B, "--json")
    assert (again.code, statuses(again)) == (0, {(B, EU): "passed"})
