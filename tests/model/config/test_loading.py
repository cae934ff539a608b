from pathlib import Path
from typing import Any

import pytest

from pinekeep.errors import ExitCode, WrongInputError
from pinekeep.model.config import Configuration, ConfigurationError, load
from pinekeep.model.config.problems import MAX_PROBLEMS, Position
from tests.model.config.bad_files import FILE, RIGHT
from tests.model.config.fleet.files import FLEET, put

ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"


@pytest.fixture
def loaded(tmp_path: Path) -> Any:
    def run(*edits: tuple[str, str]) -> Configuration:
        text = RIGHT
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        return load(tmp_path / FILE)

    return run


def warned(configuration: Configuration) -> list[tuple[str, str, Position | None]]:
    return [(each.code, each.setting, each.position) for each in configuration.warnings]


def test_a_path_may_be_text(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(RIGHT, encoding="utf-8")
    assert load(str(tmp_path / FILE)) == load(tmp_path / FILE)
    assert load(str(tmp_path / FILE)).path == tmp_path / FILE


def test_what_is_loaded_is_what_is_written(loaded: Any) -> None:
    configuration = loaded()
    deployment = configuration.deployments["search"]
    assert configuration.content.pinecone_account == "740000000001"
    assert deployment.account == "111122223333"
    assert deployment.tags == {"team": "search"}
    assert deployment.cmek.trust.presented_id == ID
    assert deployment.private_link.vpc.subnet_ids == ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]


def test_a_right_file_comes_back_the_same_from_its_own_values(loaded: Any, tmp_path: Path) -> None:
    content = loaded().content
    written = tmp_path / "again.yaml"
    written.write_text(content.model_dump_json(exclude_unset=True), encoding="utf-8")
    assert load(written).content == content


def test_nothing_can_be_changed_once_read(loaded: Any) -> None:
    with pytest.raises(ValueError, match="frozen"):
        loaded().content.deployments["search"].account = "222233334444"


# --- Allowed with a word, or with a warning ---


def test_warnings_are_in_the_order_of_the_file(loaded: Any) -> None:
    configuration = loaded(
        ("        regions: [us-east-1]\n", ""),
        (
            f"        external_id: {ID}\n",
            f"        external_id: {ID.upper()}\n        regions: [eu-central-1]\n"
            "        allow_undocumented_regions: true\n",
        ),
    )
    assert [code for code, _, _ in warned(configuration)] == ["external-id-case", "trust-region-undocumented"]


def test_an_undocumented_trust_region_is_allowed_with_a_word_and_warned_of(loaded: Any) -> None:
    configuration = loaded(
        ("regions: [us-east-1]", "regions: [eu-central-1]\n        allow_undocumented_regions: true")
    )
    (warning,) = configuration.warnings
    assert warning.render(FILE) == (
        "pinekeep.yaml:11:19: warning: deployments.search.cmek.trust.regions[0]: Pinecone documents its role for "
        "us-east-1, us-west-2, eu-west-1, not for eu-central-1; IAM refuses a trust policy that names a role which "
        "does not exist, and the whole deployment with it\n  hint: confirm it with Pinecone before you deploy"
    )


def test_all_regions_without_an_external_id_is_allowed_in_so_many_words(loaded: Any) -> None:
    configuration = loaded(("regions: [us-east-1]", "regions: all\n        accept_confused_deputy: true"), (ID, "none"))
    assert configuration.warnings == ()
    assert configuration.deployments["search"].cmek.trust.presented_id is None


def test_no_external_id_is_fine_with_named_regions(loaded: Any) -> None:
    assert loaded((ID, "none")).deployments["search"].cmek.trust.presented_id is None


def test_an_external_id_in_capitals_is_kept_and_warned_of(loaded: Any) -> None:
    configuration = loaded((ID, ID.upper()))
    assert configuration.deployments["search"].cmek.trust.presented_id == ID.upper()
    assert warned(configuration) == [
        ("external-id-case", "deployments.search.cmek.trust.external_id", Position(12, 22))
    ]


def test_the_form_is_a_choice_where_all_regions_are_trusted(loaded: Any) -> None:
    trust = loaded(("regions: [us-east-1]", "regions: all"), ("form: documented", "form: account-root"))
    assert trust.deployments["search"].cmek.trust.form == "account-root"


def test_a_deployment_may_do_without_cmek_and_then_needs_no_account_of_pinecones(loaded: Any) -> None:
    cmek = RIGHT[RIGHT.index("    cmek:") : RIGHT.index("    private_link:")]
    assert loaded((cmek, ""), ('pinecone_account: "740000000001"\n', "")).content.pinecone_account is None


@pytest.mark.parametrize("days", [90, 2560])
def test_the_bounds_of_rotation_are_allowed(loaded: Any, days: int) -> None:
    assert loaded(("rotation_days: 365", f"rotation_days: {days}"))


@pytest.mark.parametrize("days", [7, 30])
def test_the_bounds_of_the_deletion_window_are_allowed(loaded: Any, days: int) -> None:
    assert loaded(("window_days: 30", f"window_days: {days}"))


@pytest.mark.parametrize(
    "cidrs", ["[10.0.0.0/8]", "[8.8.8.8/32]", "[10.0.0.0/17, 10.0.128.0/17]", "[100.64.0.0/10, 192.168.1.0/24]"]
)
def test_client_networks_side_by_side_are_allowed(loaded: Any, cidrs: str) -> None:
    assert loaded(("cidrs: [10.0.0.0/16]", f"cidrs: {cidrs}"))


def test_a_security_group_full_of_clients_is_allowed(loaded: Any) -> None:
    cidrs = ", ".join(f"10.0.{number}.0/24" for number in range(60))
    assert loaded(("cidrs: [10.0.0.0/16]", f"cidrs: [{cidrs}]"))


@pytest.mark.parametrize("key_id", ["0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d", "mrk-0a1b2c3d4e5f4a6b8c7d0e1f2a3b4c5d"])
def test_a_key_of_the_account_and_region_may_be_adopted(loaded: Any, key_id: str) -> None:
    key = RIGHT[RIGHT.index("      key:") : RIGHT.index("    private_link:")]
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{key_id}"
    assert loaded((key, f"      key: {{adopt: '{arn}'}}\n")).deployments["search"].cmek.key.adopt == arn


# --- Everything at once ---


def test_rules_look_at_what_is_right_in_a_file_that_is_partly_wrong(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        """\
version: 1
pinecone_account: "740000000001"
deployments:
  Bad_Name: {account: "111122223333", region: us-east-1}
  a:
    account: "222233334444"
    region: nowhere
    tags: {team: x, Team: y, "[": z}
    cmek:
      role_name: "a role"
      trust:
        regions: [us-east-1, us-east-1, moon, eu-central-1]
        external_id: none
        form: account-root
      key:
        administrators: [admin, "arn:aws:iam::111122223333:role/a"]
    private_link:
      vpc: {cidr: 10.0.0.0/99, availability_zones: [us-east-1a]}
      clients: {cidrs: [10.1.0.0/16, 10.1.2.0/24, 10.1.2.0/23, 0.0.0.0/0]}
      dns: somehow
      client_vpc_ids: [vpc-0a1b2c3d, vpc-0a1b2c3d]
""",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    found = [(str(problem.position.line if problem.position else 0), problem.code) for problem in error.value.problems]
    assert found == [
        ("4", "deployment-name"),
        ("4", "nothing-to-deploy"),
        ("7", "region-without-pinecone"),
        ("8", "tag-twice"),
        ("8", "tag-key"),
        ("10", "role-name"),
        ("12", "trust-regions-twice"),
        ("12", "trust-region-format"),
        ("12", "trust-region-undocumented"),
        ("14", "form-without-all"),
        ("16", "principal-arn"),
        ("16", "administrator-account"),
        ("18", "cidr"),
        ("18", "availability-zones-few"),
        ("19", "cidr-overlap"),
        ("19", "cidr-overlap"),
        ("19", "cidr-open"),
        ("20", "not-allowed"),
        ("21", "client-vpc-ids-twice"),
    ]


@pytest.mark.parametrize("name", ["vpc", "regions", "all", "new", "existing", "list", "cmek"])
def test_a_deployment_may_be_named_like_a_setting(tmp_path: Path, name: str) -> None:
    text = RIGHT.replace("  search:\n", f"  {name}:\n    new: 1\n    all: 1\n")
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    assert [problem.setting for problem in error.value.problems] == [
        f"deployments.{name}.new",
        f"deployments.{name}.all",
    ]


@pytest.mark.parametrize("name", ["new", "existing", "all", "list"])
def test_an_unknown_name_may_be_one_that_pydantic_marks_unions_with(tmp_path: Path, name: str) -> None:
    text = RIGHT.replace("      trust:\n", f"      trust:\n        {name}: 1\n")
    text = text.replace("      clients: {", f"      clients: {{{name}: 1, ").replace("vpc: {", f"vpc: {{{name}: 1, ")
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    assert [problem.setting for problem in error.value.problems] == [
        f"deployments.search.cmek.trust.{name}",
        f"deployments.search.private_link.vpc.{name}",
        f"deployments.search.private_link.clients.{name}",
    ]


def test_a_tag_that_looks_like_pydantics_mark_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(RIGHT.replace("{team: search}", '{"[key]": 5}'), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    assert sorted(problem.code for problem in error.value.problems) == ["not-text", "tag-key"]


def test_an_unknown_name_that_looks_like_pydantics_mark_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(RIGHT.replace("    tags:", '    "[key]": 1\n    tags:'), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    assert [(problem.code, problem.setting) for problem in error.value.problems] == [
        ("unknown-name", "deployments.search.[key]")
    ]


def test_very_many_problems_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        "version: 1\ndeployments:\n" + "".join(f"  d{number}: {{foo: 1}}\n" for number in range(3_000)),
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    problems = error.value.problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].code == "more-problems"
    assert problems[-1].message == "not all problems are listed; at least 11,800 more were found"
    assert error.value.message.endswith("has 12,000 errors")


def test_very_many_networks_do_not_take_long(tmp_path: Path) -> None:
    cidrs = ", ".join(f"10.{number // 256}.{number % 256}.0/24" for number in range(20_000))
    (tmp_path / FILE).write_text(RIGHT.replace("[10.0.0.0/16]", f"[{cidrs}]"), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    assert [problem.code for problem in error.value.problems] == ["too-many-clients"]


def test_a_warning_stands_beside_the_errors(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(RIGHT.replace(ID, ID.upper()).replace("365", "1"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"has 1 error$") as error:
        load(tmp_path / FILE)
    assert [problem.severity for problem in error.value.problems] == ["warning", "error"]
    assert error.value.exit_code is ExitCode.WRONG_INPUT


def test_a_value_that_cannot_be_read_is_not_taken_for_one_that_is_left_out(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(RIGHT.replace('"740000000001"', "!secret pinecone"), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    assert [problem.code for problem in error.value.problems] == ["tag"]


def test_deployments_are_compared_although_an_earlier_one_is_wrong(tmp_path: Path) -> None:
    cmek = "cmek: {role_name: ROLE, trust: {regions: [us-east-1], external_id: none}}"
    text = 'version: 1\npinecone_account: "740000000001"\ndeployments:\n'
    for name, role in (("a", "a b"), ("b", "same"), ("c", "same")):
        text += f'  {name}: {{account: "111122223333", region: us-east-1, {cmek.replace("ROLE", role)}}}\n'
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    assert [(problem.code, problem.setting) for problem in error.value.problems] == [
        ("role-name", "deployments.a.cmek.role_name"),
        ("role-name-taken", "deployments.c.cmek.role_name"),
    ]


# --- Choosing deployments ---


def test_no_name_chooses_all_in_the_order_of_the_file(loaded: Any) -> None:
    assert list(loaded().select([])) == ["search"]


def test_a_name_given_twice_counts_once(loaded: Any) -> None:
    assert list(loaded().select(["search", "search"])) == ["search"]


def test_an_unknown_deployment_is_refused_with_the_nearest(loaded: Any) -> None:
    with pytest.raises(WrongInputError, match=r"has no deployment 'serch'; it has search$") as error:
        loaded().select(["serch"])
    assert error.value.hint == "did you mean search?"


@pytest.mark.parametrize(("number", "end"), [(10, "d8, d9"), (11, "d8, d9, …")])
def test_very_many_deployments_are_not_all_listed(loaded: Any, tmp_path: Path, number: int, end: str) -> None:
    vpc = "{cidr: 10.0.0.0/16, availability_zones: [us-east-1a, us-east-1b]}"
    link = f"private_link: {{vpc: {vpc}, clients: {{cidrs: [10.0.0.0/16]}}}}"
    text = "version: 1\ndeployments:\n" + "".join(
        f'  d{each}: {{account: "111122223333", region: us-east-1, {link}}}\n' for each in range(number)
    )
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(WrongInputError, match=rf"it has d0, d1, d2, d3, d4, d5, d6, d7, {end}$"):
        load(tmp_path / FILE).select(["x"])


# --- Files without deployments ---


def test_a_file_of_fleets_has_no_deployments_and_says_so(tmp_path: Path) -> None:
    configuration = put(tmp_path)
    assert configuration.deployments == {}
    assert list(configuration.content.fleet) == ["search"]
    for names in ((), ("search",)):
        with pytest.raises(WrongInputError) as caught:
            configuration.select(names)
        assert caught.value.message.endswith("pinekeep.yaml has no deployments")
        assert caught.value.hint == "`pinekeep fleet` works on its fleets"


def test_the_name_of_a_fleet_is_none_of_a_deployment(tmp_path: Path) -> None:
    configuration = put(tmp_path, RIGHT.replace("  search:", "  other:") + FLEET[FLEET.index("fleet:") :])
    with pytest.raises(WrongInputError) as caught:
        configuration.select(("search",))
    assert caught.value.message == "search is a fleet, not a deployment"


def test_a_file_of_fleets_comes_back_the_same_from_its_own_values(tmp_path: Path) -> None:
    content = put(tmp_path).content
    (tmp_path / "again.yaml").write_text(content.model_dump_json(exclude_unset=True), encoding="utf-8")
    assert load(tmp_path / "again.yaml").content == content
