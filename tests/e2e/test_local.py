"""``pinekeep local``, as a user runs it: with eval, in a shell."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.fault import Fault

pytestmark = pytest.mark.e2e

CONFIGURATION = """\
version: 1
pinecone_account: "740000000001"
deployments:
  search:
    account: "111122223333"
    region: us-east-1
    cmek:
      trust:
        regions: [us-east-1]
        external_id: 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13
    pinecone:
      project: search-prod
      api_keys:
        - {name: watch, roles: [ControlPlaneViewer], secret: pinecone/watch}
"""


@dataclass(frozen=True)
class Shell:
    """Runs scripts in a folder, with a `pinekeep` of this source."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, script: str) -> "subprocess.CompletedProcess[str]":
        command = f'pinekeep() {{ "{sys.executable}" -m pinekeep "$@"; }}\n{script}'
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    (tmp_path / "pinekeep.yaml").write_text(CONFIGURATION)
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    environment = {
        **{name: value for name, value in kept.items() if not name.startswith("AWS_")},
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONPATH": os.getcwd(),  # noqa: PTH109
        "AWS_PROFILE": "nobody",
        "ALL_PROXY": "socks5h://127.0.0.1:9",
        "HTTPS_PROXY": "socks5h://127.0.0.1:9",
    }
    running = Shell(tmp_path, environment)
    yield running
    running("pinekeep local stop")


@pytest.mark.fault(
    "the AWS on your machine was stopped, and the shell still points at it",
    sees="127.0.0.1 cannot be reached: the embedded AWS is stopped…pinekeep local start…pinekeep local stop",
    safe="Nothing was changed. Start it again, or lead the shell back to the real AWS.",
)
def test_pinecone_can_be_tried_by_hand_and_the_shell_is_itself_again_afterwards(fault: Fault, shell: Shell) -> None:
    done = shell("""
        set -e
        eval "$(pinekeep local start --pinecone)"
        pinekeep pinecone plan
        pinekeep pinecone apply --yes
        pinekeep pinecone status
        pinekeep pinecone rotate --yes
        pinekeep local status >/dev/null
        pinekeep local stop >/dev/null
        pinekeep pinecone plan 2>&1 || echo "exit code $?"
        eval "$(pinekeep local stop)"
        env | sort
    """)
    assert done.returncode == 0, done.stderr
    assert "done: 2 changes" in done.stdout
    assert "rotated watch" in done.stdout
    assert "exit code 3" in done.stdout
    fault.require_seen(done.stdout)
    left = [line for line in done.stdout.splitlines() if line.startswith(("AWS_", "CDK_", "PINECONE_"))]
    assert left == []
    assert "unset in this shell: AWS_PROFILE" in done.stderr
