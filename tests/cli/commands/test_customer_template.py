"""``pinekeep customer-template``: the files, and the note that nobody can be moved or dropped unnoticed."""

import json
from pathlib import Path

import pytest

from tests.command_support import GOOD, Run

CMEK_ONLY = GOOD[: GOOD.index("    private_link:")]
WITH_CUSTOMERS = f"""{CMEK_ONLY}\
      customer_keys:
        - {{name: acme, account: "444455556666"}}
        - {{name: Globex Inc., account: "555566667777"}}
"""
ROLE = "arn:aws:iam::111122223333:role/pinekeep-search-prod-us-east-1"


@pytest.fixture
def customers(folder: Path) -> Path:
    path = folder / "pinekeep.yaml"
    path.write_text(WITH_CUSTOMERS)
    return path


def test_the_customers_folder_has_a_template_statements_and_a_page(
    pinekeep: Run, customers: Path, folder: Path
) -> None:
    result = pinekeep("customer-template", "--customer", "Globex Inc.", "--out", "out", "--json")
    assert result.code == 0
    (said,) = result.require_schema("customer-template")["customers"]
    assert (said["customer"], said["role_arn"]) == ("globex-inc", ROLE)
    assert said["files"] == [
        f"out/globex-inc/{name}" for name in ("template.json", "key-policy-statements.json", "README.md")
    ]
    template = json.loads((folder / "out/globex-inc/template.json").read_text())
    statements = json.loads((folder / "out/globex-inc/key-policy-statements.json").read_text())
    key = template["Resources"]["EncryptionKey"]
    assert key["Properties"]["KeyPolicy"]["Statement"][1:] == statements
    assert {statement["Principal"]["AWS"] for statement in statements} == {ROLE}
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    page = (folder / "out/globex-inc/README.md").read_text()
    assert ROLE in page
    assert "555566667777" in page
    assert json.dumps(statements, indent=2) in page


def test_a_customer_who_was_handed_over_cannot_be_dropped_by_mistake(pinekeep: Run, customers: Path) -> None:
    assert pinekeep("customer-template", "--customer", "acme", "--out", "out").code == 0
    without = "\n".join(line for line in WITH_CUSTOMERS.splitlines() if "acme" not in line) + "\n"
    customers.write_text(without)
    refused = pinekeep("check")
    assert refused.code == 2
    assert "customer acme (account 444455556666) is no longer in the file, but its role was handed over" in refused.err
    customers.write_text(without + "      removed_customers: [acme]\n")
    assert pinekeep("check").code == 0


def test_a_customer_who_was_not_handed_over_can_be_dropped(pinekeep: Run, customers: Path) -> None:
    assert pinekeep("customer-template", "--customer", "acme", "--out", "out").code == 0
    customers.write_text("\n".join(line for line in WITH_CUSTOMERS.splitlines() if "Globex" not in line) + "\n")
    assert pinekeep("check").code == 0


def test_checking_and_synthesizing_never_write_the_ledger(pinekeep: Run, customers: Path, folder: Path) -> None:
    assert pinekeep("check").code == 0
    assert pinekeep("synth", "--out", "out").code == 0
    assert (folder / "out" / "Pinekeep-search-prod-Cmek.template.json").exists()
    assert not (folder / "pinekeep.customers.json").exists()


@pytest.mark.parametrize("named", [["--customer", "acme", "--customer", "Globex Inc."], ["--all"]])
def test_several_customers_each_get_their_folder(
    pinekeep: Run, customers: Path, folder: Path, named: list[str]
) -> None:
    result = pinekeep("customer-template", *named, "--out", "out", "--json")
    said = result.require_schema("customer-template")["customers"]
    assert [each["customer"] for each in said] == ["acme", "globex-inc"]
    for each, account in zip(said, ("444455556666", "555566667777"), strict=True):
        assert account in (folder / "out" / each["customer"] / "README.md").read_text()
        assert all((folder / file).is_file() for file in each["files"])
    ledger = json.loads((folder / "pinekeep.customers.json").read_text())["deployments"]["search-prod"]
    assert {name: each["handed_over"]["role_arn"] for name, each in ledger.items()} == {
        "acme": ROLE,
        "globex-inc": ROLE,
    }


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["--customer", "acme", "--customer", "ACME"], "customer 'ACME' is named twice"),
        (["--customer", "acme", "--customer", "nobody"], "there is no customer 'nobody'"),
        ([], "name customers with --customer, or all with --all"),
        (["--all", "--customer", "acme"], "name customers with --customer, or all with --all"),
    ],
)
def test_a_wrong_list_of_customers_writes_nothing(
    pinekeep: Run, customers: Path, folder: Path, named: list[str], said: str
) -> None:
    result = pinekeep("customer-template", *named, "--out", "out")
    assert result.code == 2
    assert said in result.err
    assert not (folder / "out").exists()
    assert not (folder / "pinekeep.customers.json").exists()


def test_all_without_a_customer_is_refused(pinekeep: Run, folder: Path) -> None:
    (folder / "pinekeep.yaml").write_text(CMEK_ONLY)
    result = pinekeep("customer-template", "--all", "--out", "out")
    assert (result.code, "the selected deployments have no customers" in result.err) == (2, True)


def test_an_unknown_customer_is_refused_with_those_there_are(pinekeep: Run, customers: Path) -> None:
    result = pinekeep("customer-template", "--customer", "acmee", "--out", "out")
    assert result.code == 2
    assert "there is no customer 'acmee'; there are acme, Globex Inc." in result.err
    assert "did you mean acme?" in result.err


def test_a_damaged_ledger_stops_everything_and_is_left_as_it_is(pinekeep: Run, customers: Path, folder: Path) -> None:
    ledger = folder / "pinekeep.customers.json"
    ledger.write_text("{")
    for arguments in (["check"], ["synth", "--out", "o"], ["customer-template", "--customer", "acme", "--out", "o"]):
        result = pinekeep(*arguments)
        assert result.code == 2, arguments
        assert "pinekeep.customers.json is not a ledger of customers" in result.err
    assert ledger.read_text() == "{"


def test_a_folder_that_cannot_be_made_hands_nobody_over(pinekeep: Run, customers: Path, folder: Path) -> None:
    (folder / "out").write_text("a file")
    result = pinekeep("customer-template", "--customer", "acme", "--out", "out/deep")
    assert result.code == 2
    assert not (folder / "pinekeep.customers.json").exists()
