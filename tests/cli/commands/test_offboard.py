"""``pinekeep offboard``, as far as it goes without AWS."""

from pathlib import Path

import pytest

from tests.command_support import GOOD, Run

FIRST = GOOD[GOOD.index("  search-prod:") :]
SECOND = FIRST.replace("search-prod", "second").replace("3f2b8a54", "4f2b8a54").replace("10.20.", "10.30.")


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("option", ["--status", "--dry-run"])
def test_looking_takes_the_only_deployment_of_a_file(pinekeep: Run, good: Path, option: str) -> None:
    """Without credentials it comes as far as asking AWS: no name was missed."""
    result = pinekeep("offboard", option)
    assert result.code == 3, result.err
    assert "there are no AWS credentials" in result.err


@pytest.mark.parametrize("option", ["--status", "--dry-run"])
def test_looking_needs_a_name_in_a_file_with_several(pinekeep: Run, folder: Path, option: str) -> None:
    (folder / "pinekeep.yaml").write_text(GOOD + SECOND)
    result = pinekeep("offboard", option)
    assert result.code == 2
    assert "exactly one deployment is offboarded at a time" in result.err
    assert "hint: name it with --deployment: search-prod, second" in result.err


@pytest.mark.parametrize("options", [(), ("--back",), ("--confirm", "search-prod")])
def test_what_changes_something_needs_a_name(pinekeep: Run, good: Path, options: tuple[str, ...]) -> None:
    result = pinekeep("offboard", *options)
    assert result.code == 2
    assert "hint: name it with --deployment" in result.err
