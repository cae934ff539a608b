"""The file of what was handed over: its bytes, its bounds, and what is said when it is damaged."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinekeep.errors import WrongInputError
from pinekeep.model.config.handover import file as module
from pinekeep.model.config.handover.file import Handover, digest, handover_path, read_handovers, write_handovers
from tests.properties.settings import tried

EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
SEARCH = Handover(
    account="111122223333",
    region="us-east-1",
    role_arn="arn:aws:iam::111122223333:role/pinekeep-search-us-east-1",
    key_arn="arn:aws:kms:us-east-1:111122223333:key/1a701453-e750-49ea-8e75-228c38fd39c0",
    external_id=digest(EXTERNAL_ID),
    pinecone_account="740000000001",
    regions=("eu-west-1", "us-east-1"),
    recorded_at="2026-11-25T12:00:00+00:00",
)
LEAST = Handover(
    account="111122223333",
    region="us-east-1",
    role_arn="arn:aws:iam::111122223333:role/r",
    external_id="none",
    recorded_at="2026-11-25T12:00:00+00:00",
)
TEXT = """{
  "version": 1,
  "deployments": {
    "search": {
      "account": "111122223333",
      "region": "us-east-1",
      "role_arn": "arn:aws:iam::111122223333:role/pinekeep-search-us-east-1",
      "key_arn": "arn:aws:kms:us-east-1:111122223333:key/1a701453-e750-49ea-8e75-228c38fd39c0",
      "key_adopted": false,
      "external_id": "sha256:DIGEST",
      "pinecone_account": "740000000001",
      "pinecone_regions": [
        "eu-west-1",
        "us-east-1"
      ],
      "recorded_at": "2026-11-25T12:00:00+00:00"
    }
  }
}
""".replace("sha256:DIGEST", digest(EXTERNAL_ID))
ENTRY: dict[str, Any] = json.loads(TEXT)["deployments"]["search"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pinekeep.handed-over.json"


def refused(path: Path, content: str | bytes) -> WrongInputError:
    """Return how a content is refused; it must be left as it is."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    before = path.read_bytes()
    with pytest.raises(WrongInputError) as caught:
        read_handovers(path)
    assert path.read_bytes() == before
    assert caught.value.message.isprintable()
    return caught.value


def with_entry(name: str = "search", **settings: Any) -> str:
    return json.dumps({"version": 1, "deployments": {name: {**ENTRY, **settings}}})


def test_it_stands_beside_the_configuration_file() -> None:
    assert handover_path(Path("etc/pinekeep.yaml")) == Path("etc/pinekeep.handed-over.json")


def test_where_there_is_none_nothing_was_handed_over(path: Path) -> None:
    assert read_handovers(path) == {}


def test_it_is_written_to_be_read_and_compared_by_people_and_without_the_external_id(path: Path) -> None:
    write_handovers(path, {"search": SEARCH})
    assert path.read_text() == TEXT
    assert EXTERNAL_ID not in TEXT
    assert path.stat().st_mode & 0o777 == 0o644


def test_what_is_written_is_read_again_and_the_same_gives_the_same_bytes(path: Path) -> None:
    entries = {"search": SEARCH, "least": LEAST, "all": replace(SEARCH, regions="all", key_adopted=True)}
    write_handovers(path, entries)
    first = path.read_bytes()
    assert read_handovers(path) == entries
    write_handovers(path, dict(reversed(entries.items())))
    assert path.read_bytes() == first
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "does not say what was handed over"),
        ("{", "does not say what was handed over"),
        ("[]", "does not say what was handed over"),
        (b"\xff\xfe", "does not say what was handed over"),
        ("[" * 100_000, "does not say what was handed over"),
        (TEXT.replace('"version": 1,', "<<<<<<< ours\n"), "does not say what was handed over"),
        ('{"version": 0, "deployments": {}}', "version"),
        ('{"version": "1", "deployments": {}}', "version"),
        ('{"version": true, "deployments": {}}', "version"),
        ('{"version": 1}', "deployments"),
        ('{"version": 1, "deployments": {}, "more": 1}', "more"),
        (with_entry("Not A Name"), "Not A Name"),
        (with_entry("bad\nname"), "bad\\nname"),
        (with_entry(account="1"), "deployments.search.account"),
        (with_entry(account="\u0661" * 12), "deployments.search.account"),
        (with_entry(region="us east"), "deployments.search.region"),
        (with_entry(role_arn="arn:aws:iam::111122223333:user/u"), "deployments.search.role_arn"),
        (with_entry(role_arn="arn:aws:iam::111122223333:role/a\nb"), "deployments.search.role_arn"),
        (with_entry(key_arn="arn:aws:kms:us-east-1:111122223333:alias/a"), "deployments.search.key_arn"),
        (with_entry(key_adopted="no"), "deployments.search.key_adopted"),
        (with_entry(external_id=EXTERNAL_ID), "deployments.search.external_id"),
        (with_entry(pinecone_regions=[]), "deployments.search.pinecone_regions"),
        (with_entry(pinecone_regions="some"), "deployments.search.pinecone_regions"),
        (with_entry(recorded_at="yesterday"), "deployments.search.recorded_at"),
        (with_entry(more=1), "deployments.search.more"),
        (TEXT.replace('"version": 1,', '"version": 1, "version": 1,'), "has the name 'version' twice"),
        (TEXT.replace('"account": "1', '"account": "999988887777", "account": "1'), "has the name 'account' twice"),
    ],
)
def test_what_is_damaged_is_refused_in_a_sentence_and_left_as_it_is(
    path: Path, content: str | bytes, said: str
) -> None:
    error = refused(path, content)
    assert said in error.message
    assert EXTERNAL_ID not in error.message
    assert error.hint is not None
    assert "bring it back from version control" in error.hint
    assert "`pinekeep handoff --record`" in error.hint


def test_a_later_version_is_refused_with_what_reads_it(path: Path) -> None:
    error = refused(path, '{"version": 2, "deployments": {"a": "of another kind"}}')
    assert error.message == f"{path} is of version 2, and this Pinekeep reads version 1"
    assert error.hint == "use the Pinekeep that wrote it, or a later one"


def test_it_may_be_as_large_as_the_bound_and_no_larger(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 2048)
    path.write_text(TEXT + " " * (2048 - len(TEXT)))
    assert read_handovers(path) == {"search": SEARCH}
    assert refused(path, TEXT + " " * (2049 - len(TEXT))).message == f"{path} is larger than 2 KiB"


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(WrongInputError, match="cannot be read"):
        read_handovers(path)


@tried(200)
@given(st.data())
def test_whatever_a_byte_is_changed_to_it_is_read_or_refused(tmp_path_factory: Any, draws: Any) -> None:
    content = bytearray(TEXT.encode())
    content[draws.draw(st.integers(0, len(content) - 1))] = draws.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "changed.handed-over.json"
    path.write_bytes(content)
    try:
        assert set(read_handovers(path)) <= {"search"} or len(read_handovers(path)) == 1
    except WrongInputError as error:
        assert error.message.isprintable()
