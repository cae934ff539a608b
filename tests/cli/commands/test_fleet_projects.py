"""``pinekeep pinecone`` for a fleet, as a user sees it."""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from httpx import create_ssl_context

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stand_in import PineconeStandIn
from tests.cli.commands.fleet_fixtures import ABSENT, let_in
from tests.command_support import Run
from tests.emulator.stack_sets_support import FIRST, SECOND
from tests.pinecone.contract import faults_of

_CONTEXT = cache(create_ssl_context)
PROJECT = """\
      pinecone:
        project: search-${AWS::AccountId}
"""
KEYS = """\
        api_keys:
          - {name: ingest, roles: [DataPlaneEditor], secret: pinecone/ingest}
"""


@pytest.fixture
def pinecone(monkeypatch: pytest.MonkeyPatch) -> Iterator[PineconeStandIn]:
    """A stand-in for Pinecone that this process's environment leads to."""
    monkeypatch.setattr("httpx._transports.default.create_ssl_context", _CONTEXT)
    with PineconeStandIn() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
    assert [fault for exchange in running.exchanges for fault in faults_of(exchange)] == []


@pytest.fixture
def with_projects(fleet_file: Path) -> Path:
    fleet_file.write_text(fleet_file.read_text() + PROJECT)
    return fleet_file


def names(pinecone: PineconeStandIn) -> list[str]:
    return sorted(each["name"] for each in pinecone.organization.projects.values())


def test_each_deployed_account_gets_a_project_and_the_other_is_skipped(
    pinekeep: Run, with_projects: Path, pinecone: PineconeStandIn
) -> None:
    planned = pinekeep("pinecone", "plan", "--fleet", "search", "--json")
    assert planned.code == 1, planned.err
    said = planned.require_schema("pinecone plan --fleet")
    assert [each["status"] for each in said["targets"]] == ["planned", "planned", "skipped"]
    assert names(pinecone) == []
    applied = pinekeep("pinecone", "apply", "--fleet", "search", "--yes")
    assert applied.code == 1, applied.err
    assert names(pinecone) == [f"search-{FIRST}", f"search-{SECOND}"]
    assert applied.out.splitlines() == [
        f"{FIRST}/us-east-1  search-{FIRST}  applied",
        f"{SECOND}/us-east-1  search-{SECOND}  applied",
        f"{ABSENT}/us-east-1  search-{ABSENT}  skipped",
        "    -    it is not deployed yet",
        f"         `pinekeep fleet deploy --fleet search --account {ABSENT}` deploys it",
        "2 applied, 1 skipped",
    ]
    again = pinekeep("pinecone", "apply", "--fleet", "search", "--account", FIRST, "--json")
    assert again.code == 0
    said = again.require_schema("pinecone apply --fleet")
    assert (said["changed"], [each["status"] for each in said["targets"]]) == (False, ["in order"])


def test_nothing_is_done_without_a_yes(
    pinekeep: Run, with_projects: Path, pinecone: PineconeStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    dry = pinekeep("pinecone", "apply", "--fleet", "search", "--dry-run", "--account", FIRST)
    assert dry.code == 0
    assert "1 planned" in dry.out
    asked: list[str] = []

    def no(question: str, **_: object) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("click.confirm", no)
    assert pinekeep("pinecone", "apply", "--fleet", "search").code == 1
    assert asked == ["Make these 2 changes in Pinecone, for 2 accounts and Regions?"]
    assert names(pinecone) == []


def test_api_keys_need_a_role_and_are_stored_in_each_account(
    pinekeep: Run, with_projects: Path, pinecone: PineconeStandIn, fleet_aws: EmbeddedAws
) -> None:
    text = with_projects.read_text() + KEYS
    with_projects.write_text(text)
    refused = pinekeep("pinecone", "apply", "--fleet", "search", "--yes")
    assert refused.code == 2
    assert "names no role that may store them: the verification role changes nothing" in refused.err
    assert names(pinecone) == []
    with_projects.write_text(text.replace("    settings:", "    pinecone_role_name: PinekeepPinecone\n    settings:"))
    let_in(fleet_aws, FIRST, "PinekeepPinecone")
    applied = pinekeep("pinecone", "apply", "--fleet", "search", "--yes", "--json")
    assert applied.code == 1, applied.err
    assert [each["status"] for each in applied.json["targets"]] == ["applied", "failed", "skipped"]
    assert "role/PinekeepPinecone cannot be assumed" in applied.json["targets"][1]["reason"]
    client = fleet_aws.session(FIRST).client("secretsmanager")
    value = client.get_secret_value(SecretId="pinecone/ingest")["SecretString"]
    assert value in pinecone.organization.values
    assert value not in applied.out + applied.err
    rotated = pinekeep("pinecone", "rotate", "--fleet", "search", "--account", FIRST, "--yes", "--json")
    assert rotated.code == 0, rotated.err
    (target,) = rotated.require_schema("pinecone rotate --fleet")["targets"]
    assert target["keys"][0]["new_id"] in pinecone.organization.keys
    assert client.get_secret_value(SecretId="pinecone/ingest")["SecretString"] != value
    status = pinekeep("pinecone", "status", "--fleet", "search", "--json")
    assert status.code == 1
    first, second, absent = status.require_schema("pinecone status --fleet")["targets"]
    assert (first["status"]["problems"], first["status"]["keys"][0]["stored"]) == ([], True)
    assert "role/PinekeepPinecone cannot be assumed" in second["reason"]
    assert absent["status"] is None
    shown = pinekeep("pinecone", "status", "--fleet", "search", "--account", FIRST)
    assert (shown.code, shown.out.splitlines()[0]) == (0, f"{FIRST}/us-east-1"), shown.out
    assert "API key ingest (DataPlaneEditor), secret pinecone/ingest" in shown.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--account", FIRST), "--account and --region go with --fleet"),
        (("--fleet", "search", "--deployment", "a"), "--fleet and --deployment exclude each other"),
        (("--fleet", "other"), "has no fleet 'other'"),
    ],
)
def test_wrong_input_is_told(
    arguments: tuple[str, ...], said: str, pinekeep: Run, with_projects: Path, pinecone: PineconeStandIn
) -> None:
    result = pinekeep("pinecone", "plan", *arguments)
    assert result.code == 2
    assert said in result.err


def test_a_project_that_two_accounts_share_is_refused_for_one_of_them_too(
    pinekeep: Run, with_projects: Path, pinecone: PineconeStandIn
) -> None:
    with_projects.write_text(with_projects.read_text().replace("search-${AWS::AccountId}", "search"))
    result = pinekeep("pinecone", "apply", "--fleet", "search", "--account", FIRST, "--yes")
    assert result.code == 2
    assert f"account {FIRST} (rows.csv:2) already has the project search" in result.err
    assert names(pinecone) == []
