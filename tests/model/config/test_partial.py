"""A configuration of which some values are wrong: what is right is there, and the rest says that it is unknown."""

from typing import Any

import pytest

from pinekeep.model.config.models import Cmek, Deployment, Trust
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError, Wrong, partial
from pinekeep.model.config.problems import Path

TRUST = {"regions": ["us-east-1"], "external_id": "none"}
CUSTOMERS = [{"name": "acme", "account": "444455556666"}, {"name": "globex", "account": "555566667777"}]
DEPLOYMENT: dict[str, Any] = {
    "account": "111122223333",
    "region": "us-east-1",
    "tags": {"team": "search", "stage": "prod"},
    "cmek": {"trust": TRUST, "customer_keys": CUSTOMERS},
}


def read(*wrong: Path, path: Path = ()) -> Deployment:
    return partial(Deployment, DEPLOYMENT, Wrong(wrong), path)


def test_where_nothing_is_wrong_everything_is_there() -> None:
    found = read()
    assert (found.account, found.region, found.tags) == ("111122223333", "us-east-1", DEPLOYMENT["tags"])
    assert found.cmek is not None
    assert [(each.name, each.account) for each in found.cmek.customer_keys] == [
        ("acme", "444455556666"),
        ("globex", "555566667777"),
    ]
    assert found.cmek.trust.regions == ["us-east-1"]


def test_an_entry_of_a_mapping_that_is_wrong_is_unknown_and_the_others_are_there() -> None:
    tags = read(("tags", "team")).tags
    assert tags["team"] is UNKNOWN
    assert tags["stage"] == "prod"


def test_a_value_in_a_list_of_settings_that_is_wrong_is_unknown_alone() -> None:
    cmek = read(("cmek", "customer_keys", 1, "name")).cmek
    assert cmek is not None
    first, second = cmek.customer_keys
    assert (first.name, second.account) == ("acme", "555566667777")
    assert second.name is UNKNOWN


def test_what_stands_in_the_file_is_looked_for_where_it_stands() -> None:
    place: Path = ("deployments", "search")
    assert read((*place, "region"), path=place).region is UNKNOWN
    assert read(("region",), path=place).region == "us-east-1"


def test_a_whole_that_is_wrong_is_unknown() -> None:
    place: Path = ("deployments", "search")
    assert read(place, path=place) is UNKNOWN
    assert partial(Deployment, "text", Wrong([]), place) is UNKNOWN


def test_a_text_of_which_something_below_is_wrong_is_unknown() -> None:
    found = partial(Trust, {"regions": "some", "external_id": "none"}, Wrong([("regions", "list")]))
    assert found.regions is UNKNOWN
    assert found.external_id == "none"


def test_what_is_set_is_told_from_what_is_left_out() -> None:
    assert partial(Cmek, {"trust": TRUST, "key": {}, "customer_keys": CUSTOMERS}, Wrong([])).has_own_key
    assert not partial(Cmek, {"trust": TRUST, "customer_keys": CUSTOMERS}, Wrong([])).has_own_key


def test_a_wrong_name_makes_no_value_wrong() -> None:
    wrong = Wrong([("deployments", "a b", "[key]"), ("deployments", "x", "account")])
    assert wrong.values == {("deployments", "x", "account")}
    assert not wrong.below(("deployments", "a b"))
    assert all(wrong.below(("deployments", "x", "account")[:length]) for length in range(4))


def test_what_is_unknown_is_passed_on_but_not_looked_at() -> None:
    assert UNKNOWN.cmek.trust is UNKNOWN
    with pytest.raises(UnknownValueError):
        bool(UNKNOWN.cmek)
    with pytest.raises(AttributeError, match="__wrapped__"):
        _ = UNKNOWN.__wrapped__
