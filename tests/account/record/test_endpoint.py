"""The endpoint in the record: registered, on standby, retired."""

from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.record.endpoint import gone_endpoints, registered, retired
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.errors import PinekeepError

KEY = {Value.KEY_ARN: "key"}


def handed(*endpoints: str, old: tuple[str, ...] = ()) -> HandedOver:
    values = {**KEY, **({Value.ENDPOINT_ID: endpoints[0]} if endpoints else {})}
    return HandedOver(values, standby_endpoints=endpoints[1:], retired_endpoints=old)


def test_an_endpoint_is_registered_and_the_rest_of_the_record_stays() -> None:
    assert registered("prod", handed(), serving="a", standby=None) == handed("a")
    assert registered("prod", handed("a"), serving="a", standby=None) == handed("a")
    assert registered("prod", handed("a"), serving=None, standby=None) == handed("a")


def test_one_on_standby_is_registered_beside_it_then_takes_over_then_the_old_one_is_retired() -> None:
    both = registered("prod", handed("a"), serving="a", standby="b")
    assert both == handed("a", "b")
    moved = registered("prod", both, serving="b", standby="a")
    assert moved == handed("b", "a")
    assert registered("prod", moved, serving="b", standby=None, gone={"a"}) == handed("b", old=("a",))


def test_in_place_of_one_that_is_gone_another_is_registered_without_a_word() -> None:
    assert registered("prod", handed("a"), serving="b", standby=None, gone={"a"}) == handed("b", old=("a",))


def test_in_place_of_one_that_is_live_another_is_registered_only_when_somebody_says_so() -> None:
    with pytest.raises(PinekeepError, match="given the endpoint ID a, which is still live; the stack has b") as caught:
        registered("prod", handed("a"), serving="b", standby=None)
    assert "--endpoint-registered-anew --deployment prod" in str(caught.value.hint)
    assert registered("prod", handed("a"), serving="b", standby=None, replaced=True) == handed("b", old=("a",))


def test_a_retired_endpoint_that_is_registered_again_is_retired_no_more() -> None:
    assert registered("prod", handed(old=("a", "z")), serving="a", standby=None) == handed("a", old=("z",))


def test_all_endpoints_are_retired_and_the_rest_of_the_record_stays() -> None:
    assert retired(handed("a", "b", old=("z", "a"))) == handed(old=("z", "a", "b"))
    assert retired(handed(old=("z",))) == handed(old=("z",))


def test_a_record_keeps_the_newest_of_many_retired_endpoints() -> None:
    found = retired(handed("new", old=tuple(map(str, range(80)))))
    assert len(found.retired_endpoints) == 50
    assert found.retired_endpoints[-1] == "new"


class Ec2:
    """Answers with endpoints in each state. Stands in for a session, too."""

    def __init__(self, **states: str) -> None:
        self.states = states
        self.calls = 0

    def client(self, *_: Any, **__: Any) -> Any:
        return self

    def describe_vpc_endpoints(self, *, Filters: Any) -> Any:  # noqa: N803
        self.calls += 1
        (wanted,) = Filters
        assert wanted["Name"] == "vpc-endpoint-id"
        return {
            "VpcEndpoints": [
                {"VpcEndpointId": each, "State": state}
                for each, state in self.states.items()
                if each in wanted["Values"]
            ]
        }


def test_an_endpoint_is_gone_where_ec2_does_not_know_it_or_it_does_not_come_back() -> None:
    ec2 = Ec2(a="available", b="Deleting", c="rejected", d="PendingAcceptance", e="failed", f="expired")
    clients = Clients(ec2, "us-east-1")
    assert gone_endpoints(clients, {*"abcdefg"}) == frozenset("bcefg")
    assert gone_endpoints(clients, ()) == frozenset()
    assert ec2.calls == 1
