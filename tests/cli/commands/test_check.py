"""``pinekeep check``."""

import json
from pathlib import Path

from tests.command_support import GOOD, Run

ADOPTED = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-4234-8234-123456789012"


def test_a_right_file_is_said_to_be_right_with_its_stacks(pinekeep: Run, good: Path) -> None:
    result = pinekeep("check")
    assert result.code == 0
    assert result.out.splitlines() == [
        "pinekeep.yaml is valid",
        "  search-prod: account 111122223333, us-east-1",
        "    Pinekeep-search-prod-Cmek",
        "    Pinekeep-search-prod-PrivateLink",
    ]
    assert result.err == ""


def test_json_says_the_same(pinekeep: Run, good: Path) -> None:
    result = pinekeep("check", "--json")
    assert result.code == 0
    assert result.require_schema("check")["deployments"] == [
        {
            "name": "search-prod",
            "account": "111122223333",
            "region": "us-east-1",
            "stacks": ["Pinekeep-search-prod-Cmek", "Pinekeep-search-prod-PrivateLink"],
        }
    ]


def test_an_adopted_key_is_told_the_statements_it_needs(pinekeep: Run, folder: Path) -> None:
    text = GOOD.replace("    private_link:", f"      key: {{adopt: '{ADOPTED}'}}\n    private_link:")
    (folder / "pinekeep.yaml").write_text(text)
    result = pinekeep("check")
    assert result.code == 0
    told = json.loads(result.out[result.out.index("[") :])
    assert [statement["Principal"] for statement in told] == [
        {"AWS": "arn:aws:iam::111122223333:role/pinekeep-search-prod-us-east-1"}
    ] * 2
    assert pinekeep("check", "--json").require_schema("check")["adopted_keys"][0]["statements"] == told


def test_no_file_says_how_to_start(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("check")
    assert result.code == 2
    assert "pinekeep.yaml: error: the file does not exist" in result.err
    assert "`pinekeep init` writes one to start from" in result.err


def test_an_unknown_deployment_is_refused_with_the_nearest(pinekeep: Run, good: Path) -> None:
    result = pinekeep("check", "--deployment", "search-prd")
    assert result.code == 2
    assert "pinekeep.yaml has no deployment 'search-prd'; it has search-prod" in result.err
    assert "did you mean search-prod?" in result.err


def test_a_warning_goes_to_stderr_and_does_not_fail(pinekeep: Run, folder: Path) -> None:
    text = GOOD.replace("regions: [us-east-1]", "regions: [eu-central-1]\n        allow_undocumented_regions: true")
    (folder / "pinekeep.yaml").write_text(text)
    result = pinekeep("check", "--json")
    assert result.code == 0
    assert "pinekeep.yaml:10:19: warning:" in result.err
    assert result.require_schema("check")["warnings"][0]["code"] == "trust-region-undocumented"
