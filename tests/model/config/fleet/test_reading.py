"""The targets of a fleet: the values for all with those of each row."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config import ConfigurationError
from pinekeep.model.config.fleet.reading import read_fleets, read_targets
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.config.fleet.validation import Validation
from pinekeep.model.config.models import Deployment, alias_of, role_arn_of
from pinekeep.model.config.problems import Problem
from tests.model.config.fleet.files import (
    FLEET,
    HEADER,
    ID_A,
    ID_B,
    LINK,
    MANAGEMENT,
    ROWS,
    A,
    B,
    account,
    external_id,
    put,
)

Read = Callable[..., FleetTargets]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(text: str = FLEET, rows: str | None = ROWS, file: str = "fleet.csv", **members: list[str]) -> FleetTargets:
        return read_targets(
            put(tmp_path, text, rows, file), "search", members={"ou-ab12-11111111": members["ou"]} if members else {}
        )

    return run


def problems(read: Read, *arguments: str | None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(*arguments)
    return [each.code for each in caught.value.problems]


def places(found: FleetTargets) -> list[tuple[str, str, str | None, str | None]]:
    return [(each.account, each.region, each.role_region, each.place) for each in found.targets]


def test_targets_are_in_the_order_of_accounts_with_the_role_first(read: Read) -> None:
    rows = (
        f"account,region,role_region,cmek.trust.external_id\n{B},us-east-1 eu-west-1,us-east-1,{ID_B}\n{A},,,{ID_A}\n"
    )
    assert places(read(rows=rows)) == [
        (A, "us-east-1", "us-east-1", "fleet.csv:3"),
        (A, "eu-west-1", "us-east-1", "fleet.csv:3"),
        (B, "us-east-1", "us-east-1", "fleet.csv:2"),
        (B, "eu-west-1", "us-east-1", "fleet.csv:2"),
    ]
    assert places(read(rows=rows.replace(f"{A},,,", f"{A},,eu-west-1,")))[:2] == [
        (A, "eu-west-1", "eu-west-1", "fleet.csv:3"),
        (A, "us-east-1", "eu-west-1", "fleet.csv:3"),
    ]


def test_a_target_is_a_whole_deployment(read: Read) -> None:
    first, second, third, _ = (each.deployment for each in read().targets)
    assert (first.account, first.region, first.tags) == (A, "us-east-1", {"team": "search"})
    assert first.cmek is not None and second.cmek is not None and third.cmek is not None
    assert first.cmek.trust.external_id == second.cmek.trust.external_id == ID_A
    assert third.cmek.trust.external_id == ID_B
    assert first.assume_role == f"arn:aws:iam::{A}:role/PinekeepFleetVerification"
    # The role's name has no Region: it is one for all Regions of the account.
    assert role_arn_of("search", first) == role_arn_of("search", second) == f"arn:aws:iam::{A}:role/pinekeep-search"
    assert alias_of("search", first) == "alias/pinecone/search"
    assert third.assume_role == f"arn:aws:iam::{B}:role/PinekeepFleetVerification"


def test_tags_are_those_of_the_fleet_and_of_its_settings(read: Read) -> None:
    text = FLEET.replace("    settings:\n", "    settings:\n      tags: {stage: prod}\n")
    assert read(text).targets[0].deployment.tags == {"team": "search", "stage": "prod"}


def test_a_value_of_a_row_replaces_the_one_for_all_and_an_empty_one_does_not(read: Read) -> None:
    text = FLEET.replace("trust: {", "key: {rotation_days: 365, administrators: []}\n        trust: {")
    rows = f"{HEADER},cmek.key.rotation_days,cmek.key.multi_region,cmek.trust.regions\n"
    rows += f"{A},{ID_A},180,TRUE,us-east-1 us-west-2\n{B},{ID_B},,,\n"
    one, _, other, _ = (each.deployment.cmek for each in read(text, rows).targets)
    assert one is not None and other is not None
    assert (one.key.rotation_days, one.key.multi_region, one.trust.regions) == (180, True, ["us-east-1", "us-west-2"])
    assert (other.key.rotation_days, other.key.multi_region, other.trust.regions) == (365, False, ["us-east-1"])


def test_variables_stand_for_account_and_region(read: Read) -> None:
    text = FLEET.replace(
        "trust: {", 'key: {administrators: ["arn:aws:iam::${AWS::AccountId}:role/Admin"]}\n        trust: {'
    )
    rows = f"{HEADER},pinecone.project\n{A},{ID_A},search-${{AWS::AccountId}}-${{AWS::Region}}\n"
    one, other = (each.deployment for each in read(text, rows).targets)
    assert one.cmek is not None and one.pinecone is not None and other.pinecone is not None
    assert one.cmek.key.administrators == [f"arn:aws:iam::{A}:role/Admin"]
    assert one.pinecone.project == f"search-{A}-us-east-1"
    assert other.pinecone.project == f"search-{A}-eu-west-1"


def test_accounts_without_rows_have_the_values_and_regions_for_all(read: Read) -> None:
    text = FLEET.replace("    file:", f'    accounts: ["{account(1)}", "{A}"]\n    file:').replace(
        "trust: {", f"trust: {{external_id: {external_id(1)}, "
    )
    found = read(text, f"account,region\n{A},us-west-2\n")
    assert places(found) == [
        (account(1), "us-east-1", "us-east-1", None),
        (account(1), "eu-west-1", "us-east-1", None),
        (A, "us-west-2", "us-west-2", "fleet.csv:2"),
    ]


def test_accounts_of_units_are_targets_once_they_have_what_they_need(read: Read) -> None:
    text = FLEET.replace("    file:", "    units: [ou-ab12-11111111]\n    file:")
    found = read(text, ou=[A, account(7), MANAGEMENT])
    assert {each.account for each in found.targets} == {A, B}
    assert found.incomplete == (
        (account(7), "it has no cmek.trust.external_id"),
        (MANAGEMENT, "it is the management account, to which service-managed permissions do not deploy"),
    )
    assert places(read(text)) == places(read())  # without members, units have none


def test_a_delegated_administrator_can_be_a_target(read: Read) -> None:
    rows = f"{HEADER}\n{MANAGEMENT},{ID_A}\n"
    assert problems(read, FLEET, rows) == ["fleet-management-account"]
    assert read(FLEET.replace("service-managed", "service-managed\n    delegated: true"), rows).targets
    assert read(FLEET.replace("service-managed", "self-managed"), rows).targets


def test_an_endpoint_has_no_role(read: Read) -> None:
    rows = (
        f"account,private_link.vpc.id,private_link.vpc.subnet_ids\n{A},vpc-0a1b2c3d,subnet-0a1b2c3d subnet-0a1b2c3e\n"
    )
    (target,) = read(LINK, rows).targets
    assert target.role_region is None
    assert target.deployment.private_link is not None
    assert target.deployment.private_link.vpc.model_dump() == {
        "id": "vpc-0a1b2c3d",
        "subnet_ids": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"],
    }


def test_rows_in_yaml_are_nested_or_have_paths_as_names(read: Read) -> None:
    rows = f"""\
- &first
  account: "{A}"
  cmek: {{trust: {{external_id: {ID_A}}}, key: {{rotation_days: 180}}}}
- account: "{B}"
  region: [eu-west-1]
  cmek.trust.external_id: {ID_B}
  cmek.key.alias:
  cmek.customer_keys: []
"""
    found = read(FLEET.replace("fleet.csv", "rows.yml"), rows, "rows.yml")
    assert [(each.account, each.region, each.place) for each in found.targets] == [
        (A, "us-east-1", "rows.yml:1"),
        (A, "eu-west-1", "rows.yml:1"),
        (B, "eu-west-1", "rows.yml:4"),
    ]
    assert found.targets[0].deployment.cmek is not None
    assert found.targets[0].deployment.cmek.key.rotation_days == 180


def test_rows_on_one_line_are_told_apart(read: Read) -> None:
    rows = f'[{{account: "{A}", cmek.trust.external_id: {ID_A}}}, {{account: "{B}", cmek.trust.external_id: x}}]'
    with pytest.raises(ConfigurationError) as caught:
        read(FLEET.replace("fleet.csv", "rows.yaml"), rows, "rows.yaml")
    (problem,) = caught.value.problems
    assert problem.code == "external-id-format"
    assert problem.position is not None
    assert (problem.position.line, problem.position.column) == (1, rows.index(": x}") + 3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_spreadsheet_writes_line_ends_a_mark_quotes_and_empty_rows(read: Read, end: str, mark: str) -> None:
    lines = [
        '"account","cmek.trust.external_id",region',
        f'"{A}", "{ID_A}" ,'.replace(', "', ',"').replace('" ,', '",'),
    ]
    rows = mark + end.join([*lines, ",,", f"{B} ,{ID_B},us-east-1  eu-west-1", "", ",,"])
    found = read(rows=rows)
    assert {(each.account, each.place) for each in found.targets} == {(A, "fleet.csv:2"), (B, "fleet.csv:4")}
    assert len(found.targets) == 4


def test_external_ids_of_two_accounts_may_be_the_same_with_a_warning(read: Read) -> None:
    (warning,) = read(rows=f"{HEADER}\n{A},{ID_A}\n{B},{ID_A}\n").warnings
    assert (warning.code, warning.severity, warning.file and Path(warning.file).name) == (
        "external-id-shared",
        "warning",
        "fleet.csv",
    )
    assert warning.message == f"account {A} (fleet.csv:2) has the same external ID"
    assert ID_A not in f"{warning.message}{warning.hint}"


def test_an_external_id_in_upper_case_is_warned_of_and_not_shown(read: Read) -> None:
    (warning,) = read(rows=f"{HEADER}\n{A},{ID_A.upper()}\n").warnings
    assert warning.code == "external-id-case"
    assert ID_A not in f"{warning.message}{warning.hint}".lower()


def test_an_unknown_fleet_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError) as caught:
        read_targets(put(tmp_path), "serch")
    assert caught.value.message.endswith("has no fleet 'serch'; it has search")
    assert caught.value.hint == "did you mean search?"


# --- Of very many rows ---


def test_of_very_many_problems_the_first_are_listed_and_the_others_counted(read: Read) -> None:
    rows = f"{HEADER}\n" + "".join(f"{account(number)},broken\n" for number in range(300))
    with pytest.raises(ConfigurationError) as caught:
        read(rows=rows)
    assert len(caught.value.problems) == 201
    assert caught.value.problems[-1].message == "not all problems are listed; at least 100 more were found"
    assert caught.value.message.endswith("fleet.csv has 300 errors")


def test_rules_run_for_each_target_that_could_be_judged_otherwise(read: Read) -> None:
    """The account of the boundary is told from the others, wherever its row is."""
    text = FLEET.replace(
        "    settings:\n", f"    settings:\n      permissions_boundary: arn:aws:iam::{account(2)}:policy/b\n"
    )
    rows = f"{HEADER}\n" + "".join(f"{account(number)},{external_id(number + 1)}\n" for number in (2, 0, 1, 3))
    with pytest.raises(ConfigurationError) as caught:
        read(text, rows)
    (problem,) = caught.value.problems
    assert problem.code == "boundary-account"
    assert problem.setting == "fleet.search.settings.permissions_boundary"
    only = f"{HEADER}\n{account(2)},{external_id(1)}\n"
    assert len(read(text, only).targets) == 2
    # An account among values of rows is told from others as well.
    own = f"{HEADER},permissions_boundary\n" + "".join(
        f"{account(number)},{external_id(number + 1)},arn:aws:iam::{account(1)}:policy/b\n" for number in (1, 0)
    )
    assert problems(read, FLEET, own) == ["boundary-account"]


def test_alike_rows_are_judged_once(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    judge = Validation.rule_problems

    def noting(self: Validation, deployment: Deployment) -> list[Problem]:
        if isinstance(deployment.account, str):  # not the settings for all, which have none
            judged.append(deployment.account)
        return judge(self, deployment)

    monkeypatch.setattr(Validation, "rule_problems", noting)
    rows = f"{HEADER},cmek.key.rotation_days\n" + "".join(
        f"{account(number)},{external_id(number + 1)},{number + 130 if number in (50, 60) else ''}\n"
        for number in range(100)
    )
    assert len(read(rows=rows).targets) == 200
    # Once in each Region, and again for the rows with a value of their own.
    assert judged == [account(number) for number in (0, 0, 50, 50, 60, 60)]


# --- Several fleets ---


def test_fleets_and_deployments_do_not_share_a_part_of_an_account(tmp_path: Path) -> None:
    other = FLEET[FLEET.index("  search:") :].replace("  search:", "  other:").replace("fleet.csv", "other.csv")
    (tmp_path / "other.csv").write_text(f"{HEADER}\n{B},{external_id(1)}\n")
    configuration = put(tmp_path, FLEET + other)
    for only in ("search", "other", None):
        with pytest.raises(ConfigurationError) as caught:
            read_fleets(configuration, only=only)
        (problem,) = caught.value.problems
        assert (problem.code, problem.file and Path(problem.file).name) == ("fleet-part-taken", "other.csv")
        assert problem.message == f"fleet search already has cmek in account {B}"
    (tmp_path / "other.csv").write_text(f"{HEADER}\n{account(1)},{external_id(1)}\n")
    assert list(read_fleets(configuration)) == ["search", "other"]
    assert list(read_fleets(configuration, only="other")) == ["other"]


def test_a_broken_fleet_does_not_keep_others_from_being_read(tmp_path: Path) -> None:
    other = FLEET[FLEET.index("  search:") :].replace("  search:", "  other:").replace("fleet.csv", "none.csv")
    configuration = put(tmp_path, FLEET + other)
    assert len(read_targets(configuration, "search").targets) == 4
    with pytest.raises(ConfigurationError):
        read_fleets(configuration)


def test_endpoints_of_two_fleets_may_be_in_two_regions_of_an_account(tmp_path: Path) -> None:
    other = LINK[LINK.index("  search:") :].replace("  search:", "  other:").replace("fleet.csv", "other.csv")
    row = "account,region,private_link.vpc.cidr,private_link.vpc.availability_zones\n{},{},10.0.0.0/16,{} {}\n"
    (tmp_path / "other.csv").write_text(row.format(A, "us-west-2", "usw2-az1", "usw2-az2"))
    mine = row.format(A, "us-east-1", "use1-az1", "use1-az2")
    assert len(read_fleets(put(tmp_path, LINK + other, mine))) == 2
    (tmp_path / "other.csv").write_text(mine)
    with pytest.raises(ConfigurationError) as caught:
        read_fleets(put(tmp_path, LINK + other, mine))
    assert [each.message for each in caught.value.problems] == [
        f"fleet search already has private_link in us-east-1 of account {A}"
    ]
