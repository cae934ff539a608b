"""The ledger of who has which place."""

import json
from pathlib import Path

import pytest

from pinekeep.customers.ledger import Ledger, Resident, ledger_path, read_ledger, write_ledger
from pinekeep.customers.packing import Place
from pinekeep.errors import WrongInputError

LEDGER = Ledger(
    {
        "prod": {
            "acme": Resident("444455556666", Place(1, (1,)), handed_over=True),
            "big": Resident("555566667777", Place(2, (1, 2, 3)), handed_over=False),
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


ENTRY = {"account": "444455556666", "role": 1, "policies": [1], "handed_over": True}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not a ledger of customers"),
        ("{", "is not a ledger of customers"),
        ("[]", "is not a ledger of customers"),
        ('{"version": 2, "deployments": {}}', "version"),
        (json.dumps({"version": 1, "deployments": {"a": {"b": {**ENTRY, "role": 0}}}}), "deployments.a.b.role"),
        (
            json.dumps({"version": 1, "deployments": {"a": {"b": {**ENTRY, "policies": []}}}}),
            "deployments.a.b.policies",
        ),
        (json.dumps({"version": 1, "deployments": {"a": {"b": {**ENTRY, "account": 1}}}}), "deployments.a.b.account"),
        (json.dumps({"version": 1, "deployments": {"a": {"b": {**ENTRY, "more": 1}}}}), "deployments.a.b.more"),
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


def test_a_folder_instead_of_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be read"):
        read_ledger(tmp_path)


def test_a_folder_that_is_gone_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be written"):
        write_ledger(tmp_path / "gone" / "pinekeep.customers.json", LEDGER)
    assert list(tmp_path.iterdir()) == []
