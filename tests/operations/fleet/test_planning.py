"""The plan of a fleet: what would be done to each account and Region."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.reads.organization import Account
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.model.config import ConfigurationError
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.operations.fleet import proof
from pinekeep.operations.fleet.desired import Desired, new_operation_id
from pinekeep.operations.fleet.fingerprints import Fingerprints
from pinekeep.operations.fleet.members import Members
from pinekeep.operations.fleet.planning import plan_fleet
from pinekeep.operations.fleet.plans import Action, FleetPlan, Narrowing
from pinekeep.operations.fleet.proof import desired_of
from pinekeep.operations.fleet.render import as_markdown, as_output, as_text, summary, verdict
from pinekeep.operations.plan.rules import Kind
from tests.operations.fleet.fleets import ADMINISTRATOR, FIRST, SECOND, THIRD, UNIT, cmek, external_id, link, targets
from tests.operations.fleet.stack_sets_aws import ROOT, SET_ID, Aws

pytestmark = pytest.mark.process

ROLE, OTHER = (FIRST, "us-east-1"), (FIRST, "eu-west-1")
STRANGER = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"


@pytest.fixture(autouse=True)
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every template for proved: tests/operations/fleet/test_desired.py is about that, and it takes long."""
    monkeypatch.setattr(proof, "_unproved", lambda *_: [])


@cache
def made() -> Desired:
    """Two accounts with two Regions each."""
    return desired_of(targets())


@pytest.fixture
def aws() -> Aws:
    """An AWS in which the fleet is deployed as the file has it."""
    found = Aws(accounts=dict.fromkeys((ADMINISTRATOR, FIRST, SECOND), "ACTIVE"))
    found.deploy(made())
    return found


@pytest.fixture
def empty() -> Aws:
    """The same without the stack set."""
    return Aws(accounts=dict.fromkeys((ADMINISTRATOR, FIRST, SECOND), "ACTIVE"))


def plan(aws: Aws, found: FleetTargets | None = None, **options: Any) -> FleetPlan:
    options = {"fingerprints": lambda _: Fingerprints.none(), **options}
    return plan_fleet(found or targets(), clients=aws.clients(), **options)


def actions(found: FleetPlan) -> dict[tuple[str, str | None], Action]:
    return {(each.account, each.region): each.action for each in found.targets}


def at(found: FleetPlan, place: tuple[str, str | None]) -> Any:
    return next(each for each in found.targets if (each.account, each.region) == place)


def changed(**given: Any) -> FleetTargets:
    """The fleet with other settings of the first account."""
    return targets(
        *(cmek(FIRST, region, **given) for region in ("us-east-1", "eu-west-1")),
        *(cmek(SECOND, region) for region in ("us-east-1", "eu-west-1")),
    )


# --- Nothing differs ---


def test_nothing_differs_and_nothing_is_read_of_each_target(aws: Aws) -> None:
    found = plan(aws)
    assert set(actions(found).values()) == {Action.NONE}
    assert not found.would_change
    assert found.kind is Kind.SAFE
    assert aws.called == [
        "DescribeStackSet",
        "ListStackInstances",
        "ListStackInstances",
        "ListStackSetOperations",
    ]
    assert (summary(found), verdict(found)) == ("nothing changes in 4 targets", None)


def test_a_delegated_administrator_says_so_in_each_call(aws: Aws) -> None:
    plan(aws, targets(delegated=True))
    assert {asked.get("CallAs") for _, asked in aws.calls} == {"DELEGATED_ADMIN"}


def test_parameters_are_read_where_another_operation_came_last(aws: Aws) -> None:
    aws.put(made().stack_set, ROLE, made().instances[ROLE].overrides, STRANGER)
    found = plan(aws)
    assert actions(found)[ROLE] is Action.NONE
    assert aws.called.count("DescribeStackInstance") == 1


def test_parameters_that_this_machine_knows_are_not_read_again(aws: Aws, tmp_path: Path) -> None:
    file = tmp_path / "private" / "set.json"
    aws.put(made().stack_set, ROLE, made().instances[ROLE].overrides, STRANGER)
    asked: list[str] = []

    def kept(stack_set: str) -> Fingerprints:
        asked.append(stack_set)
        return Fingerprints(file)

    for _ in range(2):
        assert actions(plan(aws, fingerprints=kept))[ROLE] is Action.NONE
    assert aws.called.count("DescribeStackInstance") == 1
    assert asked == [SET_ID] * 2
    assert external_id(FIRST) not in file.read_text()
    aws.put(made().stack_set, ROLE, {"ExternalId": external_id(SECOND)}, new_operation_id("0" * 12))
    assert actions(plan(aws, fingerprints=kept))[ROLE] is Action.HELD_BACK


# --- New targets ---


def test_without_a_stack_set_everything_is_created(empty: Aws) -> None:
    found = plan(empty)
    assert set(actions(found).values()) == {Action.CREATE}
    assert found.changes.creates
    assert found.unit_of(FIRST) == ROOT
    assert "4 create" in as_text(found)
    assert verdict(found) == "fleet deploy asks, and goes ahead with --yes"


def test_an_account_of_a_unit_is_addressed_through_it(empty: Aws) -> None:
    members = Members(by_unit={UNIT: {each: Account(id=each) for each in (FIRST, SECOND)}})
    found = plan(empty, members=members)
    assert (found.unit_of(FIRST), found.surroundings.root) == (UNIT, None)
    assert "DescribeAccount" not in empty.called
    assert plan(empty, targets(permissions="self-managed")).unit_of(FIRST) is None


def test_a_plan_can_be_of_some_targets(aws: Aws) -> None:
    found = plan(aws, narrowing=Narrowing(accounts={FIRST}, regions={"eu-west-1"}))
    assert list(actions(found)) == [OTHER]
    assert found.narrowed
    with pytest.raises(WrongInputError, match=f"no target in account {THIRD}"):
        plan(aws, narrowing=Narrowing(accounts={THIRD, FIRST}))
    with pytest.raises(WrongInputError, match="no target in Region us-west-2"):
        plan(aws, narrowing=Narrowing(regions={"us-west-2"}))


# --- Updates ---


def test_an_update_is_classified_by_the_rules_of_plan(aws: Aws) -> None:
    found = plan(aws, changed(key={"rotation_days": 100}))
    assert {place: action for place, action in actions(found).items() if action is not Action.NONE} == {
        ROLE: Action.UPDATE,
        OTHER: Action.UPDATE,
    }
    updated = at(found, ROLE)
    assert (updated.kind, updated.parameters, updated.template) == (Kind.ATTENTION, ("RotationDays",), False)
    assert [each.rule.id for each in updated.findings] == ["rotation"]
    assert found.desired.instances[ROLE].overrides["RotationDays"] == "100"
    assert not found.changes.any


def test_the_external_id_of_an_instance_never_changes(aws: Aws) -> None:
    new = external_id(THIRD)
    found = plan(aws, changed(trust={"external_id": new}))
    for place in (ROLE, OTHER):
        held = at(found, place)
        assert (held.action, held.kind) == (Action.HELD_BACK, Kind.BREAKS)
        assert "external-id" in [each.rule.id for each in held.findings]
        assert "Pinecone keeps the values" in held.remedy
        assert any("the external ID of the file" in each.what for each in held.findings)
        assert all("…" not in each.what for each in held.findings)
    assert actions(found)[SECOND, "us-east-1"] is Action.NONE
    assert found.held_back
    for text in (as_text(found), as_markdown(found), as_output(found).model_dump_json()):
        assert new not in text
        assert external_id(FIRST) not in text


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"role_name": "another"}, "role-replaced"),
        ({"key": {"alias": "another"}}, "alias-replaced"),
        ({"key": {"multi_region": True}}, "key-nature"),
        ({"trust": {"regions": ["us-west-2"]}}, "trust-region"),
        ({"role_region": "eu-west-1"}, "role-region"),
    ],
)
def test_what_pinecone_has_is_held_back(aws: Aws, given: dict[str, Any], rule: str) -> None:
    found = plan(aws, changed(**given))
    held = at(found, ROLE)
    assert held.action is Action.HELD_BACK
    assert rule in [each.rule.id for each in held.findings]
    assert actions(found)[SECOND, "us-east-1"] is Action.NONE


def test_an_update_of_the_template_is_of_all_instances(aws: Aws) -> None:
    template = json.loads(made().template)
    template["Resources"]["EncryptionKey"]["Properties"]["PendingWindowInDays"] = 7
    aws.deploy(made(), TemplateBody=json.dumps(template))
    found = plan(aws)
    assert set(actions(found).values()) == {Action.UPDATE}
    assert found.changes.template
    assert [each.rule.id for each in at(found, ROLE).findings] == ["deletion-window"]
    assert summary(found) == "4 update"


def test_a_template_that_breaks_an_instance_is_rolled_out_nowhere(aws: Aws) -> None:
    template = json.loads(made().template)
    key = template["Resources"].pop("EncryptionKey")
    text = json.dumps({**template, "Resources": {"Former": key, **template["Resources"]}})
    aws.deploy(made(), TemplateBody=text.replace('"EncryptionKey"', '"Former"'))
    del aws.instances[made().stack_set][OTHER]
    found = plan(aws)
    assert set(actions(found).values()) == {Action.HELD_BACK}
    assert "key-removed" in [each.rule.id for each in at(found, ROLE).findings]
    assert "use the version of Pinekeep" in at(found, ROLE).remedy
    assert "keeps its template" in at(found, OTHER).reason
    assert not found.would_change


@pytest.mark.parametrize("text", ["Resources: {}", '{"Resources": {}, "Outputs": 1}', "[]"])
def test_a_template_that_cannot_be_compared_is_not_replaced(aws: Aws, text: str) -> None:
    aws.deploy(made(), TemplateBody=text)
    found = plan(aws)
    assert set(actions(found).values()) == {Action.HELD_BACK}
    assert not found.would_change


def test_tags_of_the_stack_set_update_every_instance(aws: Aws) -> None:
    found = plan(aws, targets(tags={"cost": "1"}))
    assert found.changes.tags == ("cost",)
    assert set(actions(found).values()) == {Action.UPDATE}
    assert "its tags change (cost)" in as_text(found)


def test_settings_of_the_stack_set_are_put_right(aws: Aws) -> None:
    aws.deploy(made(), AutoDeployment={"Enabled": True}, ManagedExecution={"Active": False})
    found = plan(aws)
    assert (found.changes.auto_deployment, found.changes.managed_execution) == (True, True)
    assert any("automatic deployment" in each for each in found.warnings)


# --- Instances that are not as they should be ---


@pytest.mark.parametrize(
    ("given", "action", "reason"),
    [
        (("OUTDATED", "FAILED"), Action.RETRY, "its last operation failed: no key"),
        (("OUTDATED", "CANCELLED"), Action.RETRY, "its last operation was cancelled"),
        (("OUTDATED", "SUCCEEDED"), Action.RETRY, "does not have the template"),
        (("OUTDATED", "RUNNING"), Action.RETRY, "under way"),
        (("INOPERABLE", "INOPERABLE"), Action.HELD_BACK, "can no longer operate"),
        (("CURRENT", "SKIPPED_SUSPENDED_ACCOUNT"), Action.SKIPPED, "suspended"),
    ],
)
def test_an_instance_that_is_not_current(aws: Aws, given: tuple[str, str], action: Action, reason: str) -> None:
    status, detailed = given
    wanted = made().instances[ROLE]
    aws.put(
        made().stack_set,
        ROLE,
        wanted.overrides,
        new_operation_id(wanted.digest),
        Status=status,
        StackInstanceStatus={"DetailedStatus": detailed},
        StatusReason="no\n key" if detailed == "FAILED" else "",
    )
    found = at(plan(aws), ROLE)
    assert found.action is action
    assert reason in found.reason
    if status == "INOPERABLE":
        assert f"pinekeep fleet remove --fleet search --account {FIRST} --region us-east-1" in found.remedy


def test_what_left_the_file_is_left_alone(aws: Aws) -> None:
    found = plan(aws, targets(*(cmek(SECOND, region) for region in ("us-east-1", "eu-west-1"))))
    left = at(found, ROLE)
    assert left.action is Action.LEFT_ALONE
    assert left.remedy == f"pinekeep fleet remove --fleet search --account {FIRST} --region us-east-1"
    assert not found.would_change
    assert summary(found) == "2 left alone, 2 no change"


def test_accounts_of_units_that_are_no_targets_are_reported(aws: Aws) -> None:
    members = Members(by_unit={UNIT: {THIRD: Account(id=THIRD, status="SUSPENDED"), FIRST: Account(id=FIRST)}})
    found = plan(aws, targets(incomplete=(("222233335555", "it has no cmek.trust.external_id"),)), members=members)
    assert actions(found)["222233335555", None] is Action.INCOMPLETE
    assert at(found, (THIRD, None)).action is Action.SKIPPED


def test_a_new_key_waits_for_the_role_that_it_names(aws: Aws) -> None:
    del aws.instances[made().stack_set][OTHER]
    found = plan(aws, changed(role_name="another"))
    assert actions(found)[OTHER] is Action.HELD_BACK
    assert "role of the account is held back in us-east-1" in at(found, OTHER).reason


def test_an_instance_that_is_gone_meanwhile_is_created_again(aws: Aws) -> None:
    aws.put(made().stack_set, ROLE, {}, STRANGER)
    aws.refused["DescribeStackInstance"] = "StackInstanceNotFoundException"
    assert actions(plan(aws))[ROLE] is Action.CREATE


@pytest.mark.parametrize(
    ("identifier", "whose"), [(STRANGER, "somebody else"), ("pinekeep-000000000000-0a1b2c3d", "program")]
)
def test_an_operation_under_way_is_a_warning(aws: Aws, identifier: str, whose: str) -> None:
    began = datetime(2026, 11, 30, 12, tzinfo=UTC)
    aws.operations = [
        {"OperationId": identifier, "Action": "UPDATE", "Status": "RUNNING", "CreationTimestamp": began},
        {"OperationId": "past", "Action": "UPDATE", "Status": "SUCCEEDED"},
    ]
    (warning,) = plan(aws).warnings
    assert whose in warning
    assert f"since 2026-11-30 12:00 UTC (UPDATE, RUNNING, {identifier})" in warning


# --- Order and words ---


def test_the_most_severe_comes_first_and_equal_targets_together(aws: Aws) -> None:
    many = [cmek(f"{200000000000 + number}") for number in range(30)]
    wanted = desired_of(targets(*many))
    aws.deploy(wanted)
    aws.instances[wanted.stack_set] = {
        place: each for place, each in aws.instances[wanted.stack_set].items() if place in wanted.instances
    }
    rotated = [cmek(each.account, key={"rotation_days": 100}) for each in many[1:]]
    breaking = cmek(many[0].account, trust={"external_id": external_id(THIRD)})
    found = plan(aws, targets(breaking, *rotated))
    assert found.targets[0].account == many[0].account
    text = as_text(found)
    assert text.count("RotationPeriodInDays from 365 to 100") == 1
    assert "and 21 more accounts" in text
    assert text.index("held back, breaks Pinecone: 1 target") < text.index("update, attention: 29 targets")
    assert verdict(found) == "fleet deploy leaves 1 target as it is, and goes on with the others"
    markdown = as_markdown(found)
    assert "### Held back, breaks Pinecone: 1 target" in markdown
    output = as_output(found)
    assert (output.counts, len(output.targets), output.refused) == ({"held_back": 1, "update": 29}, 30, True)


# --- Obstacles ---


def refused(aws: Aws, found: FleetTargets | None = None, **options: Any) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as error:
        plan(aws, found, **options)
    return {each.code: f"{each.message} {each.hint}" for each in error.value.problems}


@pytest.mark.parametrize(
    ("stack_set", "code", "words"),
    [
        ({"Tags": []}, "fleet-stack-set-taken", "no tag pinekeep:fleet"),
        ({"Tags": []}, "fleet-stack-set-taken", "set them again: aws cloudformation update-stack-set "),
        ({"Tags": []}, "fleet-stack-set-taken", "Key=pinekeep:fleet,Value=search"),
        ({"Tags": []}, "fleet-stack-set-taken", "ParameterKey=ExternalId,UsePreviousValue=true"),
        ({"Tags": [], "Parameters": []}, "fleet-stack-set-taken", "give the fleet another name"),
        ({"Tags": [{"Key": "pinekeep:fleet", "Value": "other"}]}, "fleet-stack-set-taken", "it is of fleet other"),
        ({"PermissionModel": "SELF_MANAGED"}, "fleet-permissions", "write permissions: self-managed"),
    ],
)
def test_a_stack_set_that_is_not_the_fleets(aws: Aws, stack_set: dict[str, Any], code: str, words: str) -> None:
    aws.deploy(made(), **stack_set)
    found = refused(aws)
    assert list(found) == [code]
    assert words in found[code]


def test_the_roles_of_self_managed_permissions_stay(aws: Aws) -> None:
    own = f"arn:aws:iam::{ADMINISTRATOR}:role/Other"
    given = {"PermissionModel": "SELF_MANAGED", "AdministrationRoleARN": own, "ExecutionRoleName": "Other"}
    aws.deploy(made(), **given)
    found = refused(aws, targets(permissions="self-managed"))
    assert set(found) == {"fleet-administration-role", "fleet-execution-role"}
    same = targets(permissions="self-managed", administration_role_arn=own, execution_role_name="Other")
    assert not plan(aws, same).would_change


def alone(account: str) -> Target:
    return cmek(account)


def test_accounts_that_cannot_be_targets_are_refused_all_at_once(empty: Aws) -> None:
    empty.accounts = {ADMINISTRATOR: "ACTIVE", FIRST: "ACTIVE", SECOND: "SUSPENDED"}
    found = refused(empty, targets(*map(alone, (FIRST, SECOND, THIRD, ADMINISTRATOR))))
    assert set(found) == {"fleet-suspended-account", "fleet-foreign-account", "fleet-management-account"}
    assert THIRD in found["fleet-foreign-account"]
    many = [f"{300000000000 + number}" for number in range(30)]
    with pytest.raises(ConfigurationError) as error:
        plan(empty, targets(*map(alone, many)))
    assert [each.code for each in error.value.problems] == ["fleet-foreign-account"] * 30
    assert "ListAccounts" in empty.called


@pytest.mark.parametrize(
    ("change", "given", "code", "words"),
    [
        (lambda aws: setattr(aws, "access", "DISABLED"), {}, "fleet-trusted-access", "activate-organizations-access"),
        (lambda aws: setattr(aws, "management", THIRD), {}, "fleet-delegated", "write delegated: true"),
        (lambda _: None, {"delegated": True}, "fleet-delegated", "write delegated: false"),
        (
            lambda aws: setattr(aws, "management", THIRD),
            {"delegated": True},
            "fleet-delegated",
            "register-delegated-administrator",
        ),
        (
            lambda aws: aws.refused.update(DescribeOrganization="AWSOrganizationsNotInUseException"),
            {},
            "fleet-organization",
            "in no organization",
        ),
    ],
)
def test_an_organization_that_stack_sets_cannot_use(
    empty: Aws, change: Callable[[Aws], None], given: dict[str, Any], code: str, words: str
) -> None:
    change(empty)
    found = refused(empty, targets(**given))
    assert list(found) == [code]
    assert words in found[code]


def test_a_delegated_administrator_can_plan(empty: Aws) -> None:
    empty.management, empty.delegated = THIRD, [ADMINISTRATOR]
    assert set(actions(plan(empty, targets(delegated=True))).values()) == {Action.CREATE}


def test_quotas_count_what_is_there_and_what_is_new(aws: Aws) -> None:
    aws.quotas["Stack instances per stack set"] = 4
    assert not plan(aws).would_change
    aws.accounts[THIRD] = "ACTIVE"
    found = refused(aws, targets(*targets().targets, alone(THIRD)))
    assert "5 instances, and the quota is 4" in found["fleet-quota"]
    empty = Aws(accounts=aws.accounts, quotas={"Stack sets per administrator account": 0.0 + 1})
    empty.stack_sets["other"] = {"StackSetId": "other:1"}
    assert "has 1 stack sets, and the quota is 1" in refused(empty)["fleet-quota"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "NoSuchResourceException"])
def test_quotas_that_cannot_be_read_are_a_note(empty: Aws, code: str) -> None:
    empty.refused["ListServiceQuotas"] = code
    (note,) = plan(empty).warnings
    assert "quotas of stack sets could not be read" in note


def test_accounts_that_cannot_be_read_are_a_note(empty: Aws) -> None:
    empty.refused["DescribeAccount"] = "AccessDeniedException"
    empty.refused["ListStackSets"] = "AccessDenied"
    first, second = plan(empty).warnings
    assert "whether the accounts are in the organization" in first
    assert "other fleets' stack sets" in second


def test_two_fleets_over_one_account_and_region_are_refused(empty: Aws) -> None:
    wanted = replace(made(), stack_set="Pinekeep-other-Cmek", tags={**made().tags, "pinekeep:fleet": "other"})
    empty.deploy(wanted, [ROLE])
    found = refused(empty)
    assert f"account {FIRST} in us-east-1 is deployed by fleet other" in found["fleet-twice"]


def test_what_aws_refuses_is_an_error(aws: Aws) -> None:
    aws.refused["ListStackInstances"] = "AccessDenied"
    with pytest.raises(AwsRefusedError, match="does not allow ListStackInstances"):
        plan(aws)


def test_what_was_tried_last_is_tried_again_whatever_its_parameters(aws: Aws) -> None:
    stack_set = made().stack_set
    aws.put(stack_set, ROLE, {}, new_operation_id(made().instances[ROLE].digest), Status="OUTDATED")
    found = plan(aws)
    assert actions(found)[ROLE] is Action.RETRY


def test_an_instance_without_a_stack_is_tried_again_with_a_new_template_too(aws: Aws) -> None:
    template = json.loads(made().template)
    template["Resources"]["EncryptionKey"]["Properties"]["PendingWindowInDays"] = 7
    aws.deploy(made(), TemplateBody=json.dumps(template))
    strange = new_operation_id("0" * 12)
    aws.put(made().stack_set, ROLE, {"ExternalId": STRANGER}, strange, Status="OUTDATED", StackId=None)
    assert actions(plan(aws))[ROLE] is Action.RETRY
    aws.put(made().stack_set, ROLE, {"ExternalId": STRANGER}, strange, Status="OUTDATED")
    assert actions(plan(aws))[ROLE] is Action.HELD_BACK


def test_an_organization_that_cannot_be_read_is_a_note(empty: Aws) -> None:
    empty.refused["DescribeOrganization"] = "AccessDeniedException"
    found = plan(empty)
    assert set(actions(found).values()) == {Action.CREATE}
    assert "the organization could not be read" in found.warnings[0]


def test_a_narrowed_plan_says_what_an_update_of_the_stack_set_does_to_others(aws: Aws) -> None:
    (warning,) = plan(aws, targets(tags={"cost": "1"}), narrowing=Narrowing(accounts={FIRST})).warnings
    assert "those outside of this plan are outdated" in warning


def test_tags_of_aws_itself_are_none_of_the_fleets(aws: Aws) -> None:
    tags = [{"Key": key, "Value": value} for key, value in {**made().tags, "aws:team": "x"}.items()]
    aws.deploy(made(), Tags=tags)
    assert not plan(aws).would_change


# --- Endpoints ---


@pytest.mark.parametrize(
    ("given", "action", "rules"),
    [
        ({"vpc": {"id": "vpc-0a1b2c3d4e5f60718", "subnet_ids": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]}},
         Action.HELD_BACK, {"endpoint-replaced"}),
        ({"clients": {"cidrs": ["10.1.0.0/16"]}}, Action.UPDATE, {"client-list", "clients"}),
    ],
)  # fmt: skip
def test_an_endpoint_is_never_replaced(aws: Aws, given: dict[str, Any], action: Action, rules: set[str]) -> None:
    before = desired_of(targets(link(FIRST), link(SECOND), settings={"private_link": {}}))
    aws.deploy(before)
    found = plan(aws, targets(link(FIRST, **given), link(SECOND), settings={"private_link": {}}))
    assert found.desired.stack_set == "Pinekeep-search-PrivateLink"
    assert at(found, ROLE).action is action
    assert rules <= {each.rule.id for each in at(found, ROLE).findings}
    remedy = at(found, ROLE).remedy or ""
    assert ("take the account out of the file" in remedy) == (action is Action.HELD_BACK)
    assert "standby" not in remedy, "a fleet has no such setting"
    assert actions(found)[SECOND, "us-east-1"] is Action.NONE


def test_clients_keep_the_names_that_they_resolve(aws: Aws) -> None:
    def zones(*clients: str) -> FleetTargets:
        one = link(FIRST, dns="hosted-zone", client_vpc_ids=list(clients))
        return targets(one, link(SECOND, dns="hosted-zone"), settings={"private_link": {}})

    aws.deploy(desired_of(zones("vpc-0a1b2c3d4e5f60718")))
    held = at(plan(aws, zones()), ROLE)
    assert held.action is Action.HELD_BACK
    assert "resolution-lost" in [each.rule.id for each in held.findings]
