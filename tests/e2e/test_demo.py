"""The demonstration: what it shows, and that it can fail."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pinekeep.model.policies import key as key_policies
from pinekeep.model.policies import trust as trust_policies
from tests.command_support import GOOD, Run

pytestmark = pytest.mark.e2e

CMEK_ONLY = GOOD[: GOOD.index("    private_link:")]
REFUSALS = [
    "refused: a wrong external ID",
    "refused: no external ID",
    "refused: another role of Pinecone's account",
    "refused: a stranger's role of the same name",
    "refused: the role calls PutKeyPolicy",
    "refused: the role calls DisableKey",
    "refused: the role calls ScheduleKeyDeletion",
    "refused: the role calls DisableKeyRotation",
    "refused: the role calls CreateGrant",
    "refused: the old key watch",
    "refused: Pinecone reads an audit log",
    "refused: the account's root user deletes an audit log",
    "refused: the account's root user writes an audit log",
]


@pytest.fixture
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process and its children make their temporary folders, so that leftovers are seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith("pinekeep-")]


def test_it_shows_the_whole_way_and_leaves_nothing_behind(pinekeep: Run, own_temporary_folder: Path) -> None:
    result = pinekeep("demo", "--json")
    assert result.code == 0, result.err
    said = result.require_schema("demo")
    assert said["passed"] is True
    titles = [step["step"] for step in said["steps"]]
    assert [title for title in titles if title.startswith("refused")] == REFUSALS
    assert [title for title in titles if not title.startswith("refused")] == [
        "start the embedded AWS",
        "bootstrap account 111122223333 in us-east-1",
        "preflight: credentials, bootstrap, names, stacks",
        "start a CloudTrail trail, without which EventBridge receives no API calls",
        "deploy Pinekeep-quickstart-Cmek and Pinekeep-quickstart-PrivateLink and Pinekeep-quickstart-Storage and "
        "Pinekeep-quickstart-Monitoring",
        "verify quickstart",
        "as Pinecone, pinecone_cmek_access_us-east-1 assumes the role",
        "Pinecone encrypts and decrypts with the key",
        "somebody creates a grant: nightly-export, which no policy names, can decrypt",
        "`pinekeep verify` finds it",
        "the printed command ends it",
        "deny the role all access (`pinekeep revoke --how role`): Pinecone is cut off",
        "restore its access (`pinekeep restore`)",
        "disable the key (`pinekeep revoke --how key`): Pinecone is cut off",
        "restore its access (`pinekeep restore`)",
        "start a stand-in for Pinecone's API",
        "pinecone plan, on the stand-in",
        "pinecone apply: create the API keys, store each in Secrets Manager",
        "pinecone apply again: nothing to do",
        "pinecone rotate: create, store and test a new key watch, delete the old one",
        "pinecone status, with a simulated index",
        "as Pinecone's account for S3, write audit logs",
        "`pinekeep audit query who-deleted-index`",
        "somebody disables the key: a message arrives",
        "enable it again",
        "record the handover (`pinekeep handoff --record`)",
        "create a second endpoint beside the first (standby: 2)",
        "register it in Pinecone too, and record that",
        "direct the clients to it (generation: 2, standby: 1)",
        "remove both endpoints, keep the key",
        "verify quickstart",
        "stop the embedded AWS",
    ]
    assert leftovers(own_temporary_folder) == []


def loose_trust(**arguments: Any) -> dict[str, Any]:
    """A trust policy that forgot the external ID."""
    arguments["external_id"] = None
    return trust_policies.trust_policy(**arguments)


right_key_user_statements = key_policies.key_user_statements


def administering_role(role: str) -> list[dict[str, Any]]:
    """Key-user statements that let the role do everything."""
    use, grants = right_key_user_statements(role)
    return [{**use, "Action": "kms:*"}, grants]


MISTAKES = {
    "a trust policy without the external ID": (
        "pinekeep.constructs.pinecone_role.trust_policy",
        loose_trust,
        "refused: a wrong external ID",
    ),
    "a role that may administer the key": (
        "pinekeep.model.policies.key.key_user_statements",
        administering_role,
        "refused: the role calls PutKeyPolicy",
    ),
}


@pytest.mark.parametrize(
    ("mistake", "verified"), [(next(iter(MISTAKES)), True), *((mistake, False) for mistake in MISTAKES)]
)
def test_a_mistake_in_a_policy_is_caught_by_verify_and_by_the_refusals_themselves(
    pinekeep: Run,
    folder: Path,
    own_temporary_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    mistake: str,
    verified: bool,
) -> None:
    where, replacement, step = MISTAKES[mistake]
    # Templates are remembered by the files that make them, which a patched function is not.
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    (folder / "pinekeep.yaml").write_text(CMEK_ONLY)
    monkeypatch.setattr(where, replacement)
    if not verified:
        monkeypatch.setattr("pinekeep.operations.demonstration.scenario.verify", lambda *_, **__: [])
    result = pinekeep("demo", "--json", "--config", "pinekeep.yaml")
    assert result.code == 1
    said = result.require_schema("demo")
    assert said["passed"] is False
    assert (said["steps"][-1]["step"], said["steps"][-1]["passed"]) == (
        "verify search-prod" if verified else step,
        False,
    )
    assert leftovers(own_temporary_folder) == []


@pytest.mark.parametrize(("which", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_in_the_middle_it_leaves_no_process_and_no_folder(
    own_temporary_folder: Path, which: signal.Signals, code: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pinekeep", "demo"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "start the embedded AWS" in line:
            break
    server = children(process.pid)
    assert server, "the embedded AWS should be running"
    process.send_signal(which)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in rest
    assert [pid for pid in server if alive(pid)] == []
    assert leftovers(own_temporary_folder) == []


def test_a_deployment_that_needs_a_vpc_of_yours_is_refused(pinekeep: Run, folder: Path) -> None:
    text = GOOD.replace(
        "{cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}",
        "{id: vpc-0a1b2c3d4e5f60718, subnet_ids: [subnet-0a1b2c3d4e5f60718, subnet-0a1b2c3d4e5f60719]}",
    )
    (folder / "pinekeep.yaml").write_text(text)
    result = pinekeep("demo", "--config", "pinekeep.yaml")
    assert result.code == 2
    assert "search-prod needs a VPC that the embedded AWS does not have" in result.err


def children(pid: int) -> Sequence[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in text.split()]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
