"""A file that would take from Pinecone what it was given: no templates of it, and everything else goes on."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pinekeep.model.config import ConfigurationError, load
from pinekeep.model.config.handover.file import Handover, digest, write_handovers
from pinekeep.operations.synthesis.assembly import synthesize
from tests.command_support import GOOD, Run
from tests.faults.fault import Fault
from tests.stacks.support import APP, PROJECT

EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
OTHER_ID = GOOD.replace("3f2b8a54", "4f2b8a54")
SECOND = GOOD[GOOD.index("  search-prod:") :].replace("search-prod", "second").replace("3f2b8a54", "5f2b8a54")
GIVEN = Handover(
    account="111122223333",
    region="us-east-1",
    role_arn="arn:aws:iam::111122223333:role/pinekeep-search-prod-us-east-1",
    key_arn="arn:aws:kms:us-east-1:111122223333:key/1a701453-e750-49ea-8e75-228c38fd39c0",
    external_id=digest(EXTERNAL_ID),
    pinecone_account="740000000001",
    regions=("us-east-1",),
    recorded_at="2026-11-25T12:00:00+00:00",
)
TOLD = (
    "pinekeep.yaml:11:22: error: deployments.search-prod.cmek.trust.external_id: it is not the external ID that "
    "Pinecone was given, for good; with another one it would be refused"
)


@pytest.fixture
def handed_over(good: Path, folder: Path) -> Path:
    """The right file, and beside it what was handed over of it."""
    write_handovers(folder / "pinekeep.handed-over.json", {"search-prod": GIVEN})
    return good


def app(folder: Path, *, config: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run ``app.py`` as the CDK command line does."""
    context = {"config": config} if config else {}
    return subprocess.run(
        APP,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "CDK_OUTDIR": str(folder / "cdk.out"),
            "CDK_CONTEXT_JSON": json.dumps(context),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.process
@pytest.mark.fault(
    "`cdk deploy` with an external ID that is not the one that Pinecone was given",
    sees="external_id: it is not the external ID that Pinecone was given, for good; with another one it would be "
    "refused hint: restore the old one from version control",
    safe="No template is made and nothing is changed, as long as `pinekeep.handed-over.json` is beside the file.",
)
def test_cdk_deploy_is_refused_before_templates_are_made(fault: Fault, handed_over: Path, folder: Path) -> None:
    handed_over.write_text(OTHER_ID)
    done = app(folder, config="pinekeep.yaml")
    assert done.returncode == 2
    fault.require_seen(done.stderr)
    assert TOLD in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "cdk.out").exists() or not list((folder / "cdk.out").glob("*.template.json"))


@pytest.mark.process
def test_the_same_file_makes_the_same_templates_with_and_without_what_was_handed_over(
    handed_over: Path, folder: Path
) -> None:
    made = []
    for _ in range(2):
        done = app(folder)
        assert (done.returncode, done.stderr) == (0, "")
        made.append({each.name: each.read_bytes() for each in (folder / "cdk.out").iterdir() if each.is_file()})
        (folder / "pinekeep.handed-over.json").unlink(missing_ok=True)
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "verb",
    [("synth", "--out", "out"), ("plan",), ("deploy", "--yes"), ("deploy", "--dry-run"), ("recover", "--yes")],
    ids=" ".join,
)
def test_what_makes_templates_to_deploy_is_refused_without_credentials(
    verb: tuple[str, ...], pinekeep: Run, handed_over: Path, folder: Path
) -> None:
    handed_over.write_text(OTHER_ID)
    result = pinekeep(*verb, "--json")
    assert result.code == 2
    assert TOLD in result.err
    (problem,) = result.json["problems"]
    assert (problem["code"], problem["severity"]) == ("handed-over-external-id", "error")
    assert result.err.count("it is not the external ID") == 1
    assert EXTERNAL_ID not in result.out + result.err
    assert not (folder / "out").exists()


def test_check_says_so_and_what_was_brought_back_is_right(pinekeep: Run, handed_over: Path) -> None:
    handed_over.write_text(OTHER_ID)
    result = pinekeep("check", "--json")
    assert result.code == 0
    (warning,) = result.require_schema("check")["warnings"]
    assert (warning["code"], warning["line"]) == ("handed-over-external-id", 11)
    assert TOLD.replace("error", "warning") in result.err
    handed_over.write_text(GOOD)
    assert pinekeep("check").err == ""


def test_whoever_only_reads_the_templates_goes_on(pinekeep: Run, handed_over: Path) -> None:
    handed_over.write_text(OTHER_ID)
    result = pinekeep("access")
    assert "warning: deployments.search-prod.cmek.trust.external_id" in result.err
    assert result.out
    assert result.code == 0


def test_only_the_deployments_that_are_asked_for_are_refused(pinekeep: Run, handed_over: Path) -> None:
    handed_over.write_text(OTHER_ID + SECOND)
    assert pinekeep("synth", "--deployment", "second", "--out", "out").code == 0
    assert pinekeep("synth", "--deployment", "search-prod", "--out", "out").code == 2
    assert pinekeep("synth", "--out", "out").code == 2


def test_what_concerns_the_whole_file_is_refused_for_every_deployment(pinekeep: Run, handed_over: Path) -> None:
    for text in (
        (GOOD + SECOND).replace('"740000000001"', '"740000000002"'),
        (GOOD + SECOND).replace("search-prod:", "search-live:"),
    ):
        handed_over.write_text(text)
        result = pinekeep("synth", "--deployment", "second", "--out", "out")
        assert result.code == 2, result.err


def test_other_warnings_stay_warnings(pinekeep: Run, handed_over: Path) -> None:
    handed_over.write_text(OTHER_ID.replace("regions: [us-east-1]", "regions: [us-east-1, eu-west-2]"))
    lenient = handed_over.read_text().replace("external_id:", "allow_undocumented_regions: true\n        external_id:")
    handed_over.write_text(lenient)
    found = {each.code: each.severity for each in load(handed_over).warnings}
    assert len(found) > 1
    with pytest.raises(ConfigurationError) as caught:
        load(handed_over).require_as_handed_over(["search-prod"])
    told = {each.code: each.severity for each in caught.value.problems}
    assert told == {**found, "handed-over-external-id": "error"}


def test_no_other_caller_gets_templates_to_deploy(handed_over: Path, tmp_path: Path) -> None:
    handed_over.write_text(OTHER_ID)
    configuration = load(handed_over)
    with pytest.raises(ConfigurationError):
        synthesize(configuration, configuration.deployments, folder=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_rename_in_the_file_alone_and_the_entry_taken_out_are_the_ways_out(
    pinekeep: Run, handed_over: Path, folder: Path
) -> None:
    handed_over.write_text(GOOD.replace("search-prod", "another"))
    refused = pinekeep("synth", "--out", "out")
    assert refused.code == 2
    assert "write name_in_aws: search-prod under another" in refused.err
    handed_over.write_text(GOOD.replace("search-prod:", "another:\n    name_in_aws: search-prod"))
    assert pinekeep("check").err == ""
    handed_over.write_text(GOOD.replace("search-prod", "another"))
    write_handovers(folder / "pinekeep.handed-over.json", {})
    assert pinekeep("synth", "--out", "out").code == 0


@pytest.mark.process
@pytest.mark.fault(
    "the file of what was handed over has the marks of a merge in it",
    sees="pinekeep.handed-over.json does not say what was handed over to Pinecone: Invalid JSON…hint: bring it back "
    "from version control",
    safe="It is never guessed at and never written over.",
)
def test_a_damaged_file_is_refused_in_a_sentence(fault: Fault, pinekeep: Run, handed_over: Path, folder: Path) -> None:
    path = folder / "pinekeep.handed-over.json"
    path.write_text(f"<<<<<<< ours\n{path.read_text()}")
    before = path.read_bytes()
    result = pinekeep("check")
    assert result.code == 2
    fault.require_seen(result.err)
    assert app(folder).returncode == 2
    assert path.read_bytes() == before


def test_a_handover_of_another_time_is_the_same_to_the_file(pinekeep: Run, handed_over: Path, folder: Path) -> None:
    later = replace(GIVEN, recorded_at="2027-01-01T00:00:00+00:00")
    write_handovers(folder / "pinekeep.handed-over.json", {"search-prod": later})
    assert pinekeep("check").err == ""
