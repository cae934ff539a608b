"""The rules about customers where several meet; each by itself is in refused/customers.md, word for word."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pinekeep.model.config import Configuration, ConfigurationError, Problem, load
from pinekeep.model.config.models import Cmek
from tests.model.config.bad_files import FILE, RIGHT

KEY = "arn:aws:kms:us-east-1:444455556666:key/12345678-1234-4234-8234-123456789012"
Load = Callable[..., Configuration]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Loads the right file with customers, or with other settings of cmek."""

    def run(*customers: str, after: str = "", text: str = RIGHT) -> Configuration:
        lines = "".join(f"        - {each}\n" for each in customers)
        more = f"        administrators: []\n      customer_keys:\n{lines}{after}"
        (tmp_path / FILE).write_text(text.replace("        administrators: []\n", more), encoding="utf-8")
        return load(tmp_path / FILE)

    return run


def refused(loaded: Load, *customers: str, **others: str) -> list[tuple[str, str, str]]:
    """Return code, setting and place of each problem."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(*customers, **others)
    found = caught.value.problems
    return [(each.code, each.setting.removeprefix("deployments.search.cmek."), place(each)) for each in found]


def place(problem: Problem) -> str:
    return f"{problem.position.line}:{problem.position.column}" if problem.position else ""


def cmek(configuration: Configuration) -> Cmek:
    found = configuration.deployments["search"].cmek
    assert found is not None
    return found


# --- What is right ---


def test_customers_are_read_as_they_are_written(loaded: Load) -> None:
    configuration = loaded(
        f'{{name: acme, account: "444455556666", key_arns: [{KEY}]}}', '{name: Globex Inc., account: "055566667777"}'
    )
    assert configuration.warnings == ()
    assert [(each.name, each.account, each.key_arns) for each in cmek(configuration).customer_keys] == [
        ("acme", "444455556666", [KEY]),
        ("Globex Inc.", "055566667777", None),
    ]
    assert cmek(configuration).describe_customer_keys is False


@pytest.mark.parametrize(
    ("settings", "own"),
    [({}, True), ({"key": {}}, True), ({"customers": True}, False), ({"customers": True, "key": {}}, True)],
)
def test_there_is_a_key_of_ones_own_unless_there_are_customers_and_no_word_of_it(
    settings: dict[str, Any], own: bool
) -> None:
    customers = [{"name": "acme", "account": "444455556666"}] if settings.pop("customers", False) else []
    trust = {"regions": ["us-east-1"], "external_id": "none"}
    assert Cmek.model_validate({"trust": trust, "customer_keys": customers, **settings}).has_own_key is own


@pytest.mark.parametrize("name", ["a", "A.", "Globex Inc.", "acme_eu-1", "4711", "x" * 64])
def test_a_name_of_letters_digits_and_a_few_others_is_right(loaded: Load, name: str) -> None:
    assert loaded(f'{{name: "{name}", account: "444455556666"}}')


@pytest.mark.parametrize("name", ["", " acme", "acme ", "-acme", "acme-", ".", "acme\\n", "ácme", "a/b", "a{b"])
def test_a_name_that_would_not_do_in_a_file_name_is_refused(loaded: Load, name: str) -> None:
    (problem,) = refused(loaded, f'{{name: "{name}", account: "444455556666"}}')
    assert problem[0] == "customer-name"
    assert problem[1] == "customer_keys[0].name"


def test_a_multi_region_key_of_a_customers_is_right(loaded: Load) -> None:
    key = "arn:aws:kms:us-east-1:444455556666:key/mrk-0a1b2c3d4e5f4a6b8c7d0e1f2a3b4c5d"
    assert loaded(f'{{name: acme, account: "444455556666", key_arns: [{key}]}}')


def test_a_customer_may_be_removed_by_any_way_of_writing_its_name(loaded: Load) -> None:
    kept = '{name: globex, account: "444455556666"}'
    assert loaded(kept, after="      removed_customers: [Acme Inc.]\n")
    assert refused(loaded, kept, after="      removed_customers: [GLOBEX]\n") == [
        ("removed-customer-is-there", "removed_customers[0]", "22:27")
    ]


# --- Everything at once ---


def test_every_problem_of_every_customer_is_told_at_its_place(loaded: Load) -> None:
    other_region = KEY.replace("us-east-1", "us-west-2")
    assert set(
        refused(
            loaded,
            f'{{name: acme, account: "111122223333", key_arns: [{KEY}, {KEY}]}}',
            f'{{name: Acme, account: "111122223333", key_arns: [{other_region}, nonsense]}}',
            "{name: third}",
            "{account: 444455556666, key_arns: [], more: 1}",
        )
    ) == {
        ("customer-is-not-another", "customer_keys[0].account", "21:33"),
        ("customer-key-account", "customer_keys[0].key_arns[0]", "21:60"),
        ("customer-key-twice", "customer_keys[0].key_arns[1]", "21:137"),
        ("customer-key-account", "customer_keys[0].key_arns[1]", "21:137"),
        ("customer-names-collide", "customer_keys[1].name", "22:18"),
        ("customer-account-twice", "customer_keys[1].account", "22:33"),
        ("customer-is-not-another", "customer_keys[1].account", "22:33"),
        ("customer-key-account", "customer_keys[1].key_arns[0]", "22:60"),
        ("customer-key-region", "customer_keys[1].key_arns[0]", "22:60"),
        ("key-arn", "customer_keys[1].key_arns[1]", "22:137"),
        ("missing", "customer_keys[2]", "23:11"),
        ("missing", "customer_keys[3]", "24:11"),
        ("account-not-quoted", "customer_keys[3].account", "24:21"),
        ("customer-key-arns-few", "customer_keys[3].key_arns", "24:45"),
        ("unknown-name", "customer_keys[3].more", "24:49"),
    }


def test_customers_are_compared_although_one_is_no_customer_at_all(loaded: Load) -> None:
    codes = [
        code
        for code, _, _ in refused(
            loaded, "acme", "null", '{name: a, account: "444455556666"}', '{name: a, account: "1"}'
        )
    ]
    assert "customer-twice" in codes
    assert codes.count("customer-twice") == 1


def test_rules_that_need_the_region_wait_until_it_is_right(loaded: Load) -> None:
    found = refused(
        loaded,
        f'{{name: acme, account: "444455556666", key_arns: [{KEY}]}}',
        text=RIGHT.replace("region: us-east-1", "region: nowhere", 1),
    )
    assert [code for code, _, _ in found] == ["region-without-pinecone"]


def test_a_wrong_value_of_one_customer_hides_nothing_of_the_others(loaded: Load) -> None:
    elsewhere = KEY.replace("444455556666", "666677778888")
    found = refused(
        loaded,
        f'{{name: a/b, account: "444455556666", key_arns: [{elsewhere}]}}',
        f'{{name: acme, account: "555566667777", key_arns: [{elsewhere}]}}',
        '{name: acme, account: "777788889999"}',
        text=RIGHT.replace("region: us-east-1", "region: nowhere", 1),
    )
    assert [code for code, _, _ in found] == [
        "region-without-pinecone",
        "customer-name",
        "customer-key-account",
        "customer-key-account",
        "customer-twice",
    ]


def test_customers_that_are_no_list_are_told(loaded: Load, tmp_path: Path) -> None:
    text = RIGHT.replace("        administrators: []\n", "        administrators: []\n      customer_keys: acme\n")
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / FILE)
    assert [each.setting for each in caught.value.problems] == ["deployments.search.cmek.customer_keys"]


def test_the_same_customer_may_be_in_two_deployments(tmp_path: Path) -> None:
    content = yaml.safe_load(RIGHT)
    first = content["deployments"]["search"]
    del first["private_link"], first["cmek"]["key"]
    first["cmek"]["customer_keys"] = [{"name": "acme", "account": "444455556666"}]
    second = yaml.safe_load(yaml.safe_dump(first))
    second["cmek"] |= {"role_name": "other", "trust": {"regions": ["us-east-1"], "external_id": "none"}}
    content["deployments"]["second"] = second
    (tmp_path / FILE).write_text(yaml.safe_dump(content))
    assert set(load(tmp_path / FILE).rosters.packings) == {"search", "second"}


def test_very_many_customers_do_not_take_long(loaded: Load) -> None:
    lines = [f'{{name: c{number}, account: "{600000000000 + number}"}}' for number in range(3000)]
    started = time.process_time()
    packing = loaded(*lines).rosters.packings["search"]
    assert len(packing.places) == 3000
    assert time.process_time() - started < 10
