"""What a record says, kept beside the configuration too."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.record.digest import forget_handover, remember_handovers
from pinekeep.account.record.handover import HandedOver, Terms, Value
from pinekeep.account.record.store import Record
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, load
from pinekeep.model.config.handover.file import Handover, digest, handover_path, read_handovers, write_handovers
from tests.command_support import GOOD
from tests.faults.fault import Fault

NAME = "search-prod"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
ROLE = f"arn:aws:iam::111122223333:role/pinekeep-{NAME}-us-east-1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1a701453-e750-49ea-8e75-228c38fd39c0"
VALUES = {Value.ROLE_ARN: ROLE, Value.KEY_ARN: KEY, Value.EXTERNAL_ID: EXTERNAL_ID, Value.ENDPOINT_ID: "vpce-1"}
AT = "2026-11-25T12:00:00+00:00"
RECORD = Record(
    NAME,
    HandedOver(VALUES, Terms(pinecone_account="740000000001", regions=("us-east-1",))),
    AT,
    "arn:aws:iam::111122223333:user/ops",
)
ENTRY = Handover(
    account="111122223333",
    region="us-east-1",
    role_arn=ROLE,
    key_arn=KEY,
    external_id=digest(EXTERNAL_ID),
    pinecone_account="740000000001",
    regions=("us-east-1",),
    recorded_at=AT,
)


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return written(tmp_path)


def written(folder: Path, text: str = GOOD) -> Configuration:
    path = folder / "pinekeep.yaml"
    path.write_text(text)
    return load(path)


def adopting(folder: Path) -> Configuration:
    return written(folder, GOOD.replace("    private_link:", f"      key: {{adopt: '{KEY}'}}\n    private_link:"))


def test_a_record_is_written_without_its_secrets_and_once(configuration: Configuration) -> None:
    path = handover_path(configuration.path)
    assert remember_handovers(configuration, [RECORD]) == path
    assert read_handovers(path) == {NAME: ENTRY}
    assert EXTERNAL_ID not in path.read_text()
    first = path.read_bytes()
    assert remember_handovers(configuration, [RECORD]) is None
    assert path.read_bytes() == first
    assert load(configuration.path).warnings == ()


def test_others_in_the_file_stay(configuration: Configuration) -> None:
    path = handover_path(configuration.path)
    write_handovers(path, {"other": ENTRY})
    remember_handovers(configuration, [RECORD])
    assert read_handovers(path) == {"other": ENTRY, NAME: ENTRY}


def test_an_endpoint_alone_can_be_registered_anew_and_is_not_written(configuration: Configuration) -> None:
    endpoint = replace(RECORD, handed_over=HandedOver({Value.ENDPOINT_ID: "vpce-1"}))
    assert remember_handovers(configuration, [endpoint]) is None
    assert not handover_path(configuration.path).exists()


def test_a_record_of_which_not_all_is_known_is_written_as_far_as_it_goes(configuration: Configuration) -> None:
    old = replace(RECORD, handed_over=HandedOver({Value.ROLE_ARN: ROLE, Value.EXTERNAL_ID: "none"}))
    remember_handovers(configuration, [old])
    (entry,) = read_handovers(handover_path(configuration.path)).values()
    assert (entry.key_arn, entry.external_id, entry.pinecone_account, entry.regions) == (None, "none", None, None)


def test_a_region_that_the_record_gains_is_added(configuration: Configuration) -> None:
    remember_handovers(configuration, [RECORD])
    terms = replace(RECORD.handed_over.terms, regions=("eu-west-1", "us-east-1"))
    later = replace(RECORD, handed_over=HandedOver(VALUES, terms), recorded_at="2026-11-26T12:00:00+00:00")
    remember_handovers(configuration, [later])
    (entry,) = read_handovers(handover_path(configuration.path)).values()
    assert (entry.regions, entry.recorded_at) == (("eu-west-1", "us-east-1"), later.recorded_at)


def test_a_key_that_was_adopted_stays_so_although_the_file_adopts_it_no_more(tmp_path: Path) -> None:
    remember_handovers(adopting(tmp_path), [RECORD])
    path = tmp_path / "pinekeep.handed-over.json"
    assert read_handovers(path)[NAME].key_adopted
    dropped = written(tmp_path)
    assert remember_handovers(dropped, [RECORD]) is None
    assert [each.code for each in dropped.warnings] == ["handed-over-key-not-adopted"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("account", "444455556666", "account"),
        ("region", "eu-west-1", "region"),
        ("role_arn", f"{ROLE}-old", "role"),
        ("key_arn", KEY.replace("1a70", "2b70"), "key"),
        ("external_id", digest("another"), "external ID"),
        ("pinecone_account", "740000000002", "account of Pinecone's"),
    ],
)
def test_what_the_file_says_otherwise_is_never_written_over(
    configuration: Configuration, field: str, value: str, told: str
) -> None:
    path = handover_path(configuration.path)
    other: Any = {field: value}
    write_handovers(path, {NAME: replace(ENTRY, **other)})
    before = path.read_bytes()
    with pytest.raises(WrongInputError) as caught:
        remember_handovers(configuration, [RECORD])
    assert f"{NAME}: {path} says that Pinecone was given another {told}: {value}; the record" in caught.value.message
    assert f"remove the entry {NAME} from the file" in str(caught.value.hint)
    assert path.read_bytes() == before


@pytest.mark.fault(
    "the folder of the configuration takes no file when the handover is recorded",
    sees="pinekeep.handed-over.json cannot be written: Permission denied; what was done in AWS stands",
    safe="The record in the account is written. Make the folder writable and run `pinekeep handoff --record` again.",
)
def test_a_folder_that_takes_nothing_is_told_and_the_record_stands(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refused)
    with pytest.raises(WrongInputError) as caught:
        remember_handovers(configuration, [RECORD])
    path = handover_path(configuration.path)
    assert caught.value.message == f"{path} cannot be written: Permission denied; what was done in AWS stands"
    fault.require_seen(caught.value.message)
    assert caught.value.hint == "make the folder writable, then run `pinekeep handoff --record` again"
    assert not path.exists()


def test_a_deployment_that_was_offboarded_is_taken_out_and_others_stay(configuration: Configuration) -> None:
    path = handover_path(configuration.path)
    write_handovers(path, {"other": ENTRY, NAME: ENTRY})
    assert forget_handover(configuration, NAME) == path
    assert read_handovers(path) == {"other": ENTRY}
    assert forget_handover(configuration, NAME) is None


def test_where_there_is_no_file_nothing_is_made_to_forget(configuration: Configuration) -> None:
    assert forget_handover(configuration, NAME) is None
    assert not handover_path(configuration.path).exists()
