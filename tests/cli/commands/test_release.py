"""``pinekeep release`` and ``pinekeep parameters``."""

import json
from pathlib import Path

import pytest

from tests.command_support import GOOD, Run

URL = "https://example-templates.s3.us-east-1.amazonaws.com/v1"


@pytest.mark.process
def test_a_release_lists_its_files(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("release", "--out", "out", "--bucket-url", URL, "--json")
    assert result.code == 0
    said = result.require_schema("release")
    assert sorted(said["files"]) == sorted(f"out/{each.name}" for each in (folder / "out").iterdir())
    assert "out/cmek-own-key.template.json" in said["files"]


@pytest.mark.process
def test_parameters_are_written_as_the_aws_cli_takes_them(pinekeep: Run, good: Path, folder: Path) -> None:
    result = pinekeep("parameters", "--out", "out", "--bucket-url", URL, "--json")
    assert result.code == 0
    stacks = result.require_schema("parameters")["stacks"]
    assert [each["template"] for each in stacks] == [
        "cmek-own-key.template.json",
        "private-link-new-vpc-endpoint.template.json",
    ]
    for each in stacks:
        content = json.loads((folder / each["file"]).read_text())
        assert {one["ParameterKey"]: one["ParameterValue"] for one in content} == each["parameters"]
        assert each["launch_link"].startswith("https://console.aws.amazon.com/cloudformation/home?region=us-east-1#/")


@pytest.mark.process
def test_a_deployment_that_no_template_expresses_writes_nothing(pinekeep: Run, folder: Path) -> None:
    (folder / "pinekeep.yaml").write_text(
        GOOD.replace("clients: {cidrs:", "clients: {prefix_list_ids: [pl-0a1b2c3d], cidrs:")
    )
    result = pinekeep("parameters", "--out", "out")
    assert result.code == 2
    assert "cannot express its private_link: Resources.AWS::EC2::SecurityGroup 1" in result.err
    assert "`pinekeep deploy` deploys what a released template cannot express" in result.err
    assert not (folder / "out").exists()


@pytest.mark.parametrize("command", ["release", "parameters"])
def test_an_address_outside_s3_is_refused(pinekeep: Run, good: Path, folder: Path, command: str) -> None:
    result = pinekeep(command, "--out", "out", "--bucket-url", "https://example.com/v1")
    assert result.code == 2
    assert "'https://example.com/v1' is no HTTPS address in S3" in result.err
    assert not (folder / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(pinekeep: Run, folder: Path) -> None:
    (folder / "out").write_text("")
    assert pinekeep("release", "--out", "out").code == 2


@pytest.mark.process
def test_stacks_without_a_released_template_are_named(pinekeep: Run, folder: Path) -> None:
    (folder / "pinekeep.yaml").write_text(f"{GOOD}    monitoring: {{emails: [oncall@example.com]}}\n")
    result = pinekeep("parameters")
    assert result.code == 0
    assert "search-prod: there is no released template for Pinekeep-search-prod-Monitoring" in result.err
