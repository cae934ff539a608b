"""``pinekeep permissions``: what it writes, and where."""

import json
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from pinekeep.cli.commands.permissions import PURPOSES as OFFERED
from pinekeep.cli.commands.permissions import command
from pinekeep.decisions.privileges import PURPOSES
from pinekeep.errors import WrongInputError
from pinekeep.model.output.access import PermissionsOutput
from pinekeep.model.policies.document import VERSION
from tests.command_support import GOOD
from tests.model.config.fleet.files import FLEET

NAMES = [
    "pinekeep-preflight",
    "pinekeep-plan",
    "pinekeep-deploy",
    "pinekeep-verify",
    "pinekeep-access",
    "pinekeep-handoff",
    "pinekeep-private-link",
    "pinekeep-private-link-probe",
    "pinekeep-recover",
    "pinekeep-destroy",
    "pinekeep-revoke",
    "pinekeep-restore",
    "pinekeep-offboard",
    "pinekeep-execution-us-east-1-1",
    "pinekeep-execution-us-east-1-2",
    "pinekeep-boundary",
]


@pytest.fixture
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "pinekeep.yaml"
    path.write_text(GOOD)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_the_purposes_offered_are_those_there_are() -> None:
    assert OFFERED == PURPOSES


@pytest.mark.parametrize(
    "purpose",
    [
        "preflight",
        "plan",
        "deploy",
        "verify",
        "handoff",
        "private-link",
        "private-link-probe",
        "destroy",
        "revoke",
        "restore",
        "offboard",
        "boundary",
    ],
)
def test_one_policy_is_written_alone_ready_to_use(good: Path, purpose: str) -> None:
    result = run("--for", purpose)
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["Version"] == VERSION
    assert result.stderr == f"pinekeep-{purpose} (account 111122223333)\n"


def test_without_a_purpose_everything_is_written(good: Path) -> None:
    said = json.loads(run("--json").stdout)
    jsonschema.Draft202012Validator(PermissionsOutput.model_json_schema()).validate(said)
    assert [each["name"] for each in said["policies"]] == NAMES
    assert {(each["account"], each["region"]) for each in said["policies"] if each["purpose"] == "execution"} == {
        ("111122223333", "us-east-1")
    }


def test_a_folder_gets_one_file_for_each_policy(good: Path, tmp_path: Path) -> None:
    result = run("--out", "policies")
    assert result.stdout == ""
    assert {path.name for path in (tmp_path / "policies").iterdir()} == {f"111122223333-{name}.json" for name in NAMES}
    written = json.loads((tmp_path / "policies" / "111122223333-pinekeep-verify.json").read_text())
    assert written == json.loads(run("--for", "verify").stdout)


def test_a_folder_that_cannot_be_written_is_told(good: Path, tmp_path: Path) -> None:
    (tmp_path / "policies").write_text("a file")
    with pytest.raises(WrongInputError, match="policies cannot be written"):
        run("--out", "policies")


def test_only_the_deployments_asked_for_are_in_it(good: Path) -> None:
    good.write_text(GOOD + "  other:" + GOOD.partition("  search-prod:")[2])
    assert "Pinekeep-other-" in run("--for", "handoff").stdout
    assert "Pinekeep-other-" not in run("--for", "handoff", "--deployment", "search-prod").stdout


def test_where_nothing_is_needed_that_is_said(good: Path) -> None:
    text = GOOD.partition("    cmek:")[0] + "    private_link:" + GOOD.partition("    private_link:")[2]
    good.write_text(text.replace("{cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}", OLD_VPC))
    result = run("--for", "boundary")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing is needed" in result.stderr


OLD_VPC = "{id: vpc-0a1b2c3d4e5f60718, subnet_ids: [subnet-0a1b2c3d4e5f60718, subnet-0a1b2c3d4e5f60719]}"


@pytest.mark.process
def test_it_synthesizes_nothing(good: Path) -> None:
    script = (
        "import sys; from pinekeep.cli.commands.permissions import command; command(['--json'], standalone_mode=False)"
    )
    loaded = f"{script}; sys.exit('aws_cdk' in sys.modules or 'boto3' in sys.modules)"
    import subprocess  # noqa: PLC0415

    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=False).returncode == 0


def test_a_file_with_fleets_alone_has_the_policies_of_its_administrators(good: Path) -> None:
    good.write_text(FLEET)
    assert "stackset/Pinekeep-search-Cmek" in run("--for", "fleet").stdout
    assert run("--for", "deploy").stderr == "nothing is needed\n"
    with pytest.raises(WrongInputError, match="has no deployments"):
        run("--deployment", "search")
