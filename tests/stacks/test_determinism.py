"""The same file gives the same bytes: anywhere, at any time, with the CDK CLI or without, and with no network."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest
import yaml

from pinekeep.model.config import load
from pinekeep.operations.synthesis.cdk_installation import cdk_command
from tests.stacks.support import (
    ACCOUNT,
    NEW_VPC,
    PINECONE,
    PROJECT,
    REGION,
    cmek,
    contents,
    make,
    private_link,
    scratch,
)

CLOSED: Final = "http://127.0.0.1:9"
"""Nobody listens there, so whoever wants the network through it fails at once."""
TIMEOUT: Final = 120
ADOPTED: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"

CONFIGURATION: Final = {
    "version": 1,
    "pinecone_account": PINECONE,
    "deployments": {
        "all-of-it": {
            "account": ACCOUNT,
            "region": REGION,
            "tags": {"team": "search", "Ärger": "keiner", "a": "1", "B": "2"},
            "cmek": cmek(key={"administrators": [f"arn:aws:iam::{ACCOUNT}:role/keys"]}),
            "private_link": private_link(vpc=NEW_VPC, dns="hosted-zone", generation=2, standby=1),
            "audit_logs": {
                "bucket": {"name": "acme-pinecone-audit", "lock": {"days": 400}},
                "queries": dict[str, int](),
            },
            "storage_integrations": {"imports": {"use": "import", "bucket": "acme-vectors", "prefix": "in"}},
        },
        "adopted": {
            "account": ACCOUNT,
            "region": REGION,
            "cmek": cmek(trust={"regions": "all", "external_id": "0e9c1b7c-6a2f-4b57-9a2b-3f1de3c6a001"})
            | {"key": {"adopt": ADOPTED}},
            "private_link": private_link(dns="endpoint", generation=2, standby=1),
        },
    },
}


def offline() -> list[str]:
    """Return the command in front of another that takes the network away, where the system has one and lets us."""
    command = ["unshare", "--map-root-user", "--net"]
    if (
        shutil.which(command[0])
        and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    ):
        return command
    return []


def environment(**others: str) -> dict[str, str]:
    """Return an environment without credentials, and with no way out for those who take the network from it."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
        "PYTHONPATH": str(PROJECT),
        "HOME": os.environ["HOME"],  # jsii unpacks aws-cdk-lib below it, once
        "HTTP_PROXY": CLOSED,
        "HTTPS_PROXY": CLOSED,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **others,
    }


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("configuration") / "any name.yaml"
    path.write_text(yaml.safe_dump(CONFIGURATION, sort_keys=False, allow_unicode=True))
    return path


@pytest.fixture(scope="module")
def here(configuration: Path) -> dict[str, bytes]:
    """What comes of the file in this process."""
    folder = scratch()
    make(load(configuration).deployments, folder=folder)
    return contents(folder)


@dataclass(frozen=True)
class Run:
    """A synth in another process, and the folder that it writes to."""

    process: subprocess.Popen[str]
    folder: Path

    @cached_property
    def output(self) -> str:
        """What it has printed, once it has ended well."""
        output, _ = self.process.communicate(timeout=TIMEOUT)
        assert self.process.returncode == 0, output
        return output

    def assembly(self) -> dict[str, bytes]:
        output, found = self.output, contents(self.folder)
        assert "validation-report.json" in found, output
        # The CDK command line asks for it, and the CDK writes it where a synth is slow.
        found.pop("performance-counters.json", None)
        return found


WAYS: Final = ("app.py of a project in another folder", "cdk synth", "pinekeep synth")


@pytest.fixture(scope="module")
def elsewhere(configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Run]]:
    """The same file in other processes, all at once, each under circumstances of its own."""
    base = tmp_path_factory.mktemp("elsewhere")
    copy = base / "another folder" / "project"
    for name in ("stacks", "pinekeep"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json", "package.json"):
        shutil.copy(PROJECT / name, copy)
    folders = {way: base / way for way in WAYS}
    app, cli, command = folders.values()
    prefix = offline()

    def start(folder: Path, arguments: Sequence[str | Path], *, cwd: Path, **others: str) -> Run:
        process = subprocess.Popen(
            [*prefix, *arguments],
            cwd=cwd,
            env=environment(**others),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Run(process, folder)

    runs = (
        start(
            app,
            [sys.executable, copy / "app.py"],
            cwd=base,
            PYTHONPATH=str(copy),
            CDK_OUTDIR=str(app),
            CDK_CONTEXT_JSON=json.dumps({"config": str(configuration)}),
            PYTHONHASHSEED="1",
            TZ="Asia/Kathmandu",
            LC_ALL="C",
        ),
        start(
            cli,
            [*cdk_command(), "synth", "--quiet", "--no-notices", "-c", f"config={configuration}", "--output", cli],
            cwd=PROJECT,
            CDK_DISABLE_CLI_TELEMETRY="1",
            CDK_HOME=str(base / "home of cdk"),
            PYTHONHASHSEED="2",
            TZ="America/St_Johns",
            LC_ALL="C.UTF-8",
        ),
        start(
            command,
            [sys.executable, "-m", "pinekeep", "synth", "--config", configuration.name, "--out", command],
            cwd=configuration.parent,
            PYTHONHASHSEED="3",
            TZ="Pacific/Kiritimati",
            LC_ALL="POSIX",
        ),
    )
    try:
        yield dict(zip(WAYS, runs, strict=True))
    finally:
        for run in runs:
            run.process.kill()
            run.process.communicate()


@pytest.mark.parametrize("way", WAYS)
def test_the_whole_cloud_assembly_is_the_same(way: str, here: dict[str, bytes], elsewhere: Mapping[str, Run]) -> None:
    there = elsewhere[way].assembly()
    assert sorted(there) == sorted(here)
    assert [name for name in here if here[name] != there[name]] == []


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_said_of_deprecated_calls_of_the_cdk(way: str, elsewhere: Mapping[str, Run]) -> None:
    assert "deprecated" not in elsewhere[way].output


def test_a_second_synth_in_the_same_process_is_the_same(configuration: Path, here: dict[str, bytes]) -> None:
    folder = scratch()
    make(load(configuration).deployments, folder=folder)
    assert contents(folder) == here


def test_nothing_in_the_assembly_tells_where_it_was_made(here: dict[str, bytes]) -> None:
    for trace in (str(PROJECT), str(Path.home()), sys.prefix, "aws:cdk:creationStack"):
        assert [name for name, content in here.items() if trace.encode() in content] == []
