"""``pinekeep access``."""

from pathlib import Path

from tests.command_support import GOOD, Run

CUSTOMERS = GOOD.replace(
    "    private_link:",
    "      key: {}\n      customer_keys: [{name: acme, account: '444455556666'}]\n    private_link:",
)


def test_it_says_who_can_do_what_and_which_statement_decided(pinekeep: Run, good: Path) -> None:
    result = pinekeep("access")
    assert result.code == 0
    assert "assume the role pinekeep-search-prod-us-east-1\n  Pinecone's access role of us-east-1\n" in result.out
    assert "the agreed external ID: statement AllowPineconeToAssumeTheRole of the trust policy allows it" in result.out
    assert "3f2b8a54" not in result.out


def test_json_holds_each_decision(pinekeep: Run, good: Path) -> None:
    result = pinekeep("access", "--json")
    assert result.code == 0
    (table,) = result.require_schema("access")["tables"]
    assert table["deployment"] == "search-prod"
    assert "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13" not in result.out


def test_a_page_for_a_review_is_markdown(pinekeep: Run, good: Path) -> None:
    result = pinekeep("access", "--markdown")
    assert result.code == 0
    assert result.out.startswith("# ")
    assert "| --- |" in result.out or "|---|" in result.out


def test_customers_are_in_the_table_with_the_policy_they_are_asked_for(pinekeep: Run, folder: Path) -> None:
    (folder / "pinekeep.yaml").write_text(CUSTOMERS)
    result = pinekeep("access")
    assert result.code == 0
    assert "acme" in result.out


def test_a_file_without_keys_has_no_access_to_decide(pinekeep: Run, folder: Path) -> None:
    text = GOOD[: GOOD.index("    cmek:")] + GOOD[GOOD.index("    private_link:") :]
    (folder / "pinekeep.yaml").write_text(text)
    result = pinekeep("access")
    assert result.code == 2
    assert "no deployment here has a key, a role or a bucket" in result.err


def test_two_renderings_at_once_are_refused(pinekeep: Run, good: Path) -> None:
    assert pinekeep("access", "--json", "--markdown").code == 2
