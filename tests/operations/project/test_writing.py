"""``pinekeep init --project``: the files of a new CDK app, which passes its own tests."""

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from pinekeep import __version__
from pinekeep.errors import WrongInputError
from pinekeep.model.resources import PROJECT
from pinekeep.operations.project.writing import project_files, write_project

EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
NO_NETWORK = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a project, as its user does: with Pinekeep installed, without a network."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, **NO_NETWORK, "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as it was written. Tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("projects") / "ours"
    write_project(folder, name="billing-eu", external_id=EXTERNAL_ID)
    return folder


@pytest.mark.process
def test_its_own_tests_pass(project: Path) -> None:
    done = run(project, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:randomly")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


@pytest.mark.process
def test_the_app_asks_for_pinecones_account_and_then_makes_its_template(tmp_path: Path) -> None:
    write_project(tmp_path, name="billing-eu", external_id=EXTERNAL_ID)
    asked = run(tmp_path, "app.py")
    assert asked.returncode == 1
    assert "error: Pinecone-billing-eu/Role: pinecone_account: 'XXXXXXXXXXXX' is a placeholder" in asked.stderr
    assert "hint: the Pinecone console shows Pinecone's AWS account under" in asked.stderr
    assert "Traceback" not in asked.stderr
    app = tmp_path / "app.py"
    app.write_text(app.read_text().replace("XXXXXXXXXXXX", "740000000001"))
    made = subprocess.run(
        [sys.executable, "app.py"],
        cwd=tmp_path,
        env={**os.environ, **NO_NETWORK, "PYTHONPATH": str(PROJECT), "CDK_OUTDIR": str(tmp_path / "cdk.out")},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert made.returncode == 0, made.stderr
    template = json.loads((tmp_path / "cdk.out" / "Pinecone-billing-eu.template.json").read_text())
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::IAM::Role", "AWS::KMS::Key", "AWS::EC2::VPCEndpoint"} <= types
    assert template["Outputs"]["ExternalId"]["Value"] == EXTERNAL_ID
    tags = [tag for each in template["Resources"].values() for tag in each["Properties"].get("Tags", [])]
    assert {"Key": "project", "Value": "billing-eu"} in tags


def test_it_is_pinned_to_this_version_and_to_the_pinned_cdk(project: Path) -> None:
    assert (project / "requirements.txt").read_text().split() == [
        f"pinekeep=={__version__}",
        f"aws-cdk-lib=={version('aws-cdk-lib')}",
        f"constructs=={version('constructs')}",
    ]
    pinned = [line.split()[0] for line in (PROJECT / "requirements.txt").read_text().splitlines() if "==" in line]
    assert set((project / "requirements.txt").read_text().split()[1:]) <= set(pinned)


def test_its_feature_flags_are_those_that_our_own_templates_are_tested_with(project: Path) -> None:
    ours, theirs = (json.loads((folder / "cdk.json").read_text()) for folder in (PROJECT, project))
    assert theirs["context"] == ours["context"]
    assert theirs["app"] == "python3 app.py"


def test_the_workflow_runs_the_tests_and_the_pinned_command_line(project: Path) -> None:
    workflow = yaml.safe_load((project / ".github" / "workflows" / "cdk.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    cli = json.loads((PROJECT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    assert steps == ["pip install -r requirements-dev.txt", "pytest", f"npx --yes aws-cdk@{cli} synth --quiet"]


def test_no_mark_of_the_template_is_left(project: Path) -> None:
    for path in project.rglob("*"):
        if path.is_file() and path.suffix not in {".pyc"}:
            text = path.read_text()
            assert "@NAME@" not in text
            assert not [word for word in text.split() if word.startswith("@") and word.endswith("@")]
            assert "search-prod" not in text


@pytest.mark.process
def test_the_style_is_that_of_our_own_code(project: Path, tmp_path: Path) -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["ruff"]
    options = [f"--line-length={settings['line-length']}", "--no-cache", str(project)]
    for command in (["check", "--isolated", "--select=E,F,I,UP,B"], ["format", "--isolated", "--check"]):
        done = run(tmp_path, "-m", "ruff", *command, *options)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_project_has_the_files_that_a_cdk_user_expects() -> None:
    assert sorted(project_files(name="a", external_id=EXTERNAL_ID)) == [
        ".github/workflows/cdk.yml",
        ".gitignore",
        "README.md",
        "app.py",
        "cdk.json",
        "pinecone_stack.py",
        "pytest.ini",
        "requirements-dev.txt",
        "requirements.txt",
        "tests/snapshot.json",
        "tests/template.py",
        "tests/test_pinecone_stack.py",
    ]


# --- Folders that are refused ---


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    with pytest.raises(WrongInputError) as caught:
        write_project(tmp_path, name="ours", external_id=EXTERNAL_ID)
    assert caught.value.message == f"{tmp_path} is not empty"
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_an_empty_folder_and_a_missing_one_are_taken(tmp_path: Path) -> None:
    for folder in (tmp_path / "empty", tmp_path / "missing" / "below"):
        if folder.name == "empty":
            folder.mkdir()
        assert folder / "app.py" in write_project(folder, name="ours", external_id=EXTERNAL_ID)


def test_a_new_git_repository_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert tmp_path / "app.py" in write_project(tmp_path, name="ours", external_id=EXTERNAL_ID)


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("theirs")
    with pytest.raises(WrongInputError, match="file is a file"):
        write_project(tmp_path / "file", name="ours", external_id=EXTERNAL_ID)


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", forbidden)
    with pytest.raises(WrongInputError, match="new cannot be written: Permission denied"):
        write_project(tmp_path / "new", name="ours", external_id=EXTERNAL_ID)


def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(WrongInputError, match="cannot be written: Permission denied"):
        write_project(tmp_path, name="ours", external_id=EXTERNAL_ID)


def test_a_disk_that_takes_no_more_leaves_nothing_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def full(path: Path, *arguments: str, **options: str) -> object:
        if path.name == "cdk.json" and arguments == ("x",):
            raise OSError(28, "No space left on device")
        return opened(path, *arguments, **options)  # pyrefly: ignore[no-matching-overload]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(WrongInputError, match="cannot be written: No space left on device"):
        write_project(tmp_path / "new", name="ours", external_id=EXTERNAL_ID)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
