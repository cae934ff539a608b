"""The ledger's file: its bytes, its bounds, and what is said when it is damaged."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.customers.ledger import Given, Ledger, Resident, read_ledger, write_ledger
from pinekeep.model.customers.packing import Place

HINT = "bring it back from version control; without it customers could be moved to roles that they do not allow"
ACME = Resident(
    "444455556666", Place(1, (1,)), Given("arn:aws:iam::111122223333:role/ours", ("arn:aws:kms:*:444455556666:key/*",))
)
TEXT = """{
  "version": 2,
  "deployments": {
    "prod": {
      "acme": {
        "account": "444455556666",
        "role": 1,
        "policies": [
          1
        ],
        "handed_over": {
          "role_arn": "arn:aws:iam::111122223333:role/ours",
          "keys": [
            "arn:aws:kms:*:444455556666:key/*"
          ]
        }
      }
    }
  }
}
"""


def refused(path: Path) -> WrongInputError:
    with pytest.raises(WrongInputError) as caught:
        read_ledger(path)
    assert caught.value.hint == HINT
    return caught.value


def test_customers_are_known_by_their_deployment() -> None:
    ledger = Ledger({"prod": {"acme": ACME}})
    assert ledger.of("prod") == {"acme": ACME}
    assert ledger.of("dev") == {}
    both = ledger.with_deployment("dev", {"globex": ACME})
    assert both == Ledger({"prod": {"acme": ACME}, "dev": {"globex": ACME}})
    assert ledger.of("dev") == {}


def test_a_ledger_is_written_to_be_read_and_compared_by_people(tmp_path: Path) -> None:
    path = tmp_path / "pinekeep.customers.json"
    write_ledger(path, Ledger({"prod": {"acme": ACME}, "empty": {}}))
    assert path.read_text() == TEXT
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_ledger_is_written_beside_its_place_and_then_moved_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def noted(mode: str, **settings: Any) -> Any:
        asked.update(settings)
        return NamedTemporaryFile(mode, **settings)

    monkeypatch.setattr("tempfile.NamedTemporaryFile", noted)
    write_ledger(tmp_path / "pinekeep.customers.json", Ledger())
    assert asked["dir"] == tmp_path
    assert asked["prefix"] == ".pinekeep.customers.json."


def test_a_ledger_may_be_as_large_as_the_bound_and_no_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.json"
    path.write_text(TEXT + " " * (2048 - len(TEXT)))
    monkeypatch.setattr("pinekeep.model.customers.ledger.MAX_BYTES", 2048)
    assert read_ledger(path).of("prod") == {"acme": ACME}
    path.write_text(TEXT + " " * (2049 - len(TEXT)))
    assert refused(path).message == f"{path} is larger than 2 KiB"


def test_a_folder_is_refused_with_the_way_out(tmp_path: Path) -> None:
    assert refused(tmp_path).message == f"{tmp_path} cannot be read: Is a directory"


def test_what_is_damaged_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    path.write_text("{")
    assert refused(path).message.startswith(f"{path} is not a ledger of customers: Invalid JSON")
    path.write_text(TEXT.replace('"role": 1', '"role": 0'))
    assert refused(path).message.startswith(
        f"{path} is not a ledger of customers: deployments.prod.acme.role: Input should be greater"
    )
