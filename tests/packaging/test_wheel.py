"""The wheel: what is in it, that it is built the same twice, and that it works with Python alone."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Final

import pytest

from pinekeep import __version__
from pinekeep.operations.synthesis.cdk_installation import CDK_VERSION
from tests.command_support import GOOD

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = (
    *("pinekeep", "stacks", "examples", "tools", "tests/packaging"),
    *("pyproject.toml", "requirements.txt", "requirements-dev.txt", "cdk.json", "package.json", "package-lock.json"),
    *("pinekeep.schema.json", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"),
)
pytestmark = pytest.mark.e2e


def copied(folder: Path) -> Path:
    """Copy the sources, as a checkout without git."""
    for name in SOURCES:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


def built(root: Path, folder: Path) -> dict[str, bytes]:
    """Build both distributions of a source tree and return their bytes by name."""
    done = subprocess.run(
        [sys.executable, root / "tools" / "build.py", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {each.name: each.read_bytes() for each in folder.iterdir()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    built(ROOT, folder)
    return folder / f"pinekeep-{__version__}-py3-none-any.whl"


# --- What is in it ---


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_nothing_but_the_package_lands_in_site_packages(wheel: Path) -> None:
    assert {name.partition("/")[0] for name in names(wheel)} == {"pinekeep", f"pinekeep-{__version__}.dist-info"}
    ours = [name for name in names(wheel) if "/project/template/" not in name]
    assert not [name for name in ours if "__pycache__" in name or "/tests/" in name]


def test_it_carries_the_files_that_are_read_beside_the_code(wheel: Path) -> None:
    files = [each for each in (ROOT / "examples").rglob("*") if each.is_file()]
    examples = {f"pinekeep/{each.relative_to(ROOT).as_posix()}" for each in files}
    stacks = {f"pinekeep/stacks/{each.name}" for each in (ROOT / "stacks").iterdir() if each.is_file()}
    data = {f"pinekeep/{name}" for name in ("cdk.json", "package.json", "package-lock.json", "pinekeep.schema.json")}
    code = {"pinekeep/operations/synthesis/node_lifeline.cjs", "pinekeep/py.typed"}
    assert examples | stacks | data | code <= set(names(wheel))
    assert "pinekeep/stacks/node_preload.cjs" in stacks


def test_each_file_of_the_package_is_in_it(wheel: Path) -> None:
    found = {each.relative_to(ROOT).as_posix() for each in (ROOT / "pinekeep").rglob("*") if each.is_file()}
    assert {name for name in found if "__pycache__" not in name} <= set(names(wheel))


def requirements(name: str) -> set[str]:
    """Return the pins of a file, without the platforms that they are for."""
    lines = (line.partition("#")[0].partition(";")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return {line.lower() for line in lines if line}


def test_its_metadata_pins_what_the_requirements_files_pin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_bytes(archive.read(f"pinekeep-{__version__}.dist-info/METADATA"))
    declared = metadata.get_all("Requires-Dist") or []
    assert {each.lower() for each in declared if ";" not in each} == requirements("requirements.txt")
    dev = {each.partition(";")[0].strip().lower() for each in declared if "extra == 'dev'" in each}
    assert dev == requirements("requirements-dev.txt")
    platforms = {each.partition(";")[0].strip() for each in declared if "python_version" in each}
    assert platforms == {"cfn-guard-rs==0.3.3"}, "the one pin that is for some platforms keeps its condition"
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"


def test_every_requirement_is_in_the_constraints() -> None:
    constraints = requirements("constraints.txt")
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert requirements(name) <= constraints


# --- The same bytes ---


def test_it_is_built_the_same_byte_for_byte(wheel: Path, tmp_path: Path) -> None:
    first = {each.name: each.read_bytes() for each in wheel.parent.iterdir()}
    copy = copied(tmp_path / "another folder")
    for path in copy.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (1, 1))
    (copy / "pinekeep" / "__pycache__").mkdir()
    (copy / "pinekeep" / "__pycache__" / "errors.cpython-311.pyc").write_bytes(b"compiled")
    second = built(copy, tmp_path / "dist")
    assert {name: hashlib.sha256(content).hexdigest() for name, content in second.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in first.items()
    }


def test_the_source_distribution_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(wheel.parent / f"pinekeep-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(command, cwd=tmp_path / f"pinekeep-{__version__}", check=True, capture_output=True)
    assert (tmp_path / "dist" / wheel.name).read_bytes() == wheel.read_bytes()


def test_a_tag_that_is_not_the_version_is_refused(tmp_path: Path) -> None:
    copy = copied(tmp_path / "project")
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.com"]
    for command in (["init", "-q"], ["add", "LICENSE"], ["commit", "-qm", "x"], ["tag", "v9.9.9"]):
        subprocess.run([*git, *command], cwd=copy, check=True)
    build = [sys.executable, copy / "tools" / "build.py", tmp_path / "dist"]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (f"build: this commit has the tag v9.9.9, but the package has the version {__version__}\n")
    assert not (tmp_path / "dist").exists()


# --- Installed, with Python alone ---

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def pinekeep(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Install the wheel into a virtual environment of its own; gives its command, run with no other program on PATH."""
    base = tmp_path_factory.mktemp("installed")
    venv, home = base / "venv", base / "home"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / "bin" / "python"
    site = next((venv / "lib").glob("python*")) / "site-packages"
    # The dependencies are those that are here already: their metadata was compared with what the wheel declares.
    here = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(here) + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    home.mkdir()
    user = Path.home()
    environment = {
        "PATH": str(venv / "bin"),
        "HOME": str(home),
        # What jsii has unpacked, and what `make setup` has downloaded: nothing is asked of a registry.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(user / ".cache" / "aws" / "jsii" / "package-cache"),
        "npm_config_cache": str(user / ".npm"),
        "npm_config_userconfig": str(user / ".npmrc"),
        "npm_config_offline": "true",
    }

    def run(
        *arguments: str | Path, folder: Path, command: tuple[str, ...] = ("pinekeep",), **others: str
    ) -> subprocess.CompletedProcess[str]:
        program = [str(venv / "bin" / command[0]), *command[1:]]
        return subprocess.run(
            [*program, *map(str, arguments)],
            cwd=folder,
            env={**environment, **others},
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )

    return run


def test_the_command_and_the_metadata_agree_on_the_version(pinekeep: Command, tmp_path: Path) -> None:
    assert pinekeep("--version", folder=tmp_path).stdout == f"pinekeep {__version__}\n"


def test_a_file_to_start_from_is_written_into_an_empty_folder(pinekeep: Command, tmp_path: Path) -> None:
    assert pinekeep("init", folder=tmp_path).returncode == 0
    assert [each.name for each in tmp_path.iterdir()] == ["pinekeep.yaml"]


def test_it_makes_the_same_templates_as_a_checkout(pinekeep: Command, tmp_path: Path) -> None:
    (tmp_path / "pinekeep.yaml").write_text(GOOD)
    # What the user has in the current folder has no part in it, although `python -m` looks there first.
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "__init__.py").write_text("raise SystemExit('the package of the user')")
    (tmp_path / "cdk.json").write_text("{")
    done = pinekeep("synth", "--out", "of-the-wheel", folder=tmp_path, command=("python", "-m", "pinekeep"))
    assert done.returncode == 0, done.stderr
    checkout = subprocess.run(
        [sys.executable, "-m", "pinekeep", "synth", "--out", "of-the-checkout"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checkout.returncode == 0, checkout.stderr
    ours, theirs = (
        {each.name: each.read_bytes() for each in (tmp_path / folder).iterdir()}
        for folder in ("of-the-wheel", "of-the-checkout")
    )
    assert ours == theirs


def test_the_demonstration_runs_and_installs_the_cdk_command_line(pinekeep: Command, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    folder = tmp_path / "empty"
    folder.mkdir()
    done = pinekeep("demo", folder=folder, XDG_CACHE_HOME=str(cache))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ steps in \d+ s, all as expected", done.stdout)
    assert f"installing the CDK command line {CDK_VERSION} into {cache}" in done.stderr
    assert [each.name for each in (cache / "pinekeep" / "aws-cdk").iterdir()] == [CDK_VERSION]
    assert list(folder.iterdir()) == []


def test_a_registry_that_cannot_be_reached_is_a_sentence(pinekeep: Command, tmp_path: Path) -> None:
    """With the real npm."""
    done = pinekeep(
        "local",
        "start",
        folder=tmp_path,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
        XDG_STATE_HOME=str(tmp_path / "state"),
        npm_config_cache=str(tmp_path / "npm"),
        npm_config_userconfig=os.devnull,
        npm_config_offline="false",
        npm_config_registry="http://127.0.0.1:9",
        npm_config_fetch_retries="0",
    )
    assert done.returncode == 3
    assert "cannot be installed: the npm registry cannot be reached (ECONNREFUSED)" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "cache" / "pinekeep" / "aws-cdk").iterdir()) == []


def test_an_unwritable_cache_is_a_sentence(pinekeep: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = pinekeep(
        "local", "start", folder=tmp_path, XDG_CACHE_HOME=str(tmp_path / "file"), XDG_STATE_HOME=str(tmp_path / "state")
    )
    assert done.returncode == 2
    assert "hint: set XDG_CACHE_HOME to a folder that you can write to" in done.stderr
    assert "Traceback" not in done.stderr
