"""The ledger of who has which place."""

import json
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.customers.ledger import Given, Ledger, Resident, ledger_path, read_ledger, write_ledger
from pinekeep.model.customers.packing import Place

LEDGER = Ledger(
    {
        "prod": {
            "acme": Resident("444455556666", Place(1, (1,)), Given("arn:aws:iam::111122223333:role/ours", ("a", "b"))),
            "big": Resident("555566667777", Place(2, (1, 2, 3))),
            "old": Resident("666677778888", Place(1, (2,)), Given(None, None)),
        }
    }
)


def test_it_stands_beside_the_configuration_file() -> None:
    assert ledger_path(Path("etc/pinekeep.yaml")) == Path("etc/pinekeep.customers.json")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.customers.json"
    write_ledger(path, LEDGER)
    assert read_ledger(path) == LEDGER
    first = path.read_bytes()
    write_ledger(path, read_ledger(path))
    assert path.read_bytes() == first
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_where_there_is_none_nobody_has_a_place(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "none.json") == Ledger()


PLACE: dict[str, object] = {"account": "444455556666", "role": 1, "policies": [1]}
ENTRY = {**PLACE, "handed_over": None}
FIRST = {**PLACE, "handed_over": True}


def file(entry: dict[str, object], version: object = 2) -> str:
    return json.dumps({"version": version, "deployments": {"a": {"b": entry}}})


def given(**settings: object) -> dict[str, object]:
    return {**PLACE, "handed_over": {"role_arn": "arn", "keys": ["arn"], **settings}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not a ledger of customers"),
        ("{", "is not a ledger of customers"),
        ("[]", "is not a ledger of customers"),
        ('{"version": 0, "deployments": {}}', "version"),
        ('{"version": "2", "deployments": {}}', "version"),
        ('{"deployments": {}}', "version"),
        ('{"version": 2}', "deployments"),
        (file({**ENTRY, "role": 0}), "deployments.a.b.role"),
        (file({**ENTRY, "policies": []}), "deployments.a.b.policies"),
        (file({**ENTRY, "account": 1}), "deployments.a.b.account"),
        (file({**ENTRY, "more": 1}), "deployments.a.b.more"),
        (file(PLACE), "deployments.a.b.handed_over"),
        (file(FIRST), "deployments.a.b.handed_over"),
        (file(ENTRY, 1), "deployments.a.b.handed_over"),
        (file(given(), 1), "deployments.a.b.handed_over"),
        (file(given(keys=[])), "deployments.a.b.handed_over.keys"),
        (file(given(role_arn="")), "deployments.a.b.handed_over.role_arn"),
        (file(given(more=1)), "deployments.a.b.handed_over.more"),
    ],
)
def test_a_damaged_ledger_is_refused_and_left_as_it_is(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "pinekeep.customers.json"
    path.write_text(content)
    with pytest.raises(WrongInputError) as caught:
        read_ledger(path)
    assert said in caught.value.message
    assert "bring it back from version control" in str(caught.value.hint)
    assert path.read_text() == content


def test_a_ledger_of_the_first_version_is_read_and_what_it_does_not_tell_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.customers.json"
    for handed_over, wanted in ((True, Given(None, None)), (False, None)):
        path.write_text(file({**PLACE, "handed_over": handed_over}, 1))
        (resident,) = read_ledger(path).of("a").values()
        assert resident == Resident("444455556666", Place(1, (1,)), wanted)
        assert resident.handed_over is handed_over


def test_a_ledger_of_a_later_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.customers.json"
    path.write_text('{"version": 3, "deployments": {"a": "of another kind"}}')
    before = path.read_bytes()
    with pytest.raises(WrongInputError) as caught:
        read_ledger(path)
    assert caught.value.message == f"{path} is a ledger of version 3, and this Pinekeep reads versions up to 2"
    assert caught.value.hint == "use the Pinekeep that wrote it, or a later one"
    assert path.read_bytes() == before


def test_a_folder_instead_of_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be read"):
        read_ledger(tmp_path)


def test_a_folder_that_is_gone_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be written"):
        write_ledger(tmp_path / "gone" / "pinekeep.customers.json", LEDGER)
    assert list(tmp_path.iterdir()) == []
