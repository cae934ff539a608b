"""Packing: everybody fits, within IAM's quotas, and nobody is moved who has a place."""

import json
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinekeep.errors import WrongInputError
from pinekeep.model.customers.packing import CustomerKeys, Packing, Place, pack, policy_capacity, size
from pinekeep.model.policies.permissions import account_keys_arn, customer_keys_policy

MANAGED_POLICY_MAX = 6144
POLICIES_PER_ROLE = 10


def account_wide(number: int) -> CustomerKeys:
    return CustomerKeys(f"c{number}", (account_keys_arn(f"{number:012d}"),))


def with_keys(number: int, keys: int) -> CustomerKeys:
    return CustomerKeys(
        f"c{number}",
        tuple(f"arn:aws:kms:us-east-1:{number:012d}:key/12345678-1234-4234-8234-{key:012d}" for key in range(keys)),
    )


customers = st.lists(
    st.builds(lambda number, keys: with_keys(number, keys) if keys else account_wide(number),
              st.integers(0, 99_999), st.sampled_from([0, 0, 0, 1, 1, 2, 5, 80])),
    unique_by=lambda each: each.name,
    max_size=120,
)  # fmt: skip


def lengths(packing: Packing, *, describe: bool = False) -> list[int]:
    """The length of each policy as IAM counts it: without white space."""
    return [
        len("".join(json.dumps(customer_keys_policy(resources, describe=describe)).split()))
        for role in packing.roles
        for resources in role.policies
    ]


def resources_of(packing: Packing, name: str) -> set[str]:
    place = packing.places[name]
    return {resource for number in place.policies for resource in packing.roles[place.role - 1].policies[number - 1]}


def require_right(packing: Packing, given_: Sequence[CustomerKeys]) -> None:
    assert all(length <= MANAGED_POLICY_MAX for length in lengths(packing))
    assert all(len(role.policies) <= POLICIES_PER_ROLE for role in packing.roles)
    assert [role.number for role in packing.roles] == list(range(1, len(packing.roles) + 1))
    everything = [resource for role in packing.roles for policy in role.policies for resource in policy]
    assert sorted(everything) == sorted(resource for each in given_ for resource in each.resources)
    for each in given_:
        assert set(each.resources) <= resources_of(packing, each.name)


@given(customers)
def test_everybody_gets_a_place_within_the_quotas(given_: list[CustomerKeys]) -> None:
    require_right(pack(given_), given_)


@given(customers, customers, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_nobody_with_a_place_is_moved_when_others_come_and_go(
    before: list[CustomerKeys], new: list[CustomerKeys], chance: Random
) -> None:
    first = pack(before)
    stay = [each for each in before if chance.random() < 0.7]
    names = {each.name for each in stay}
    after = [*stay, *(each for each in new if each.name not in names)]
    places = {name: place for name, place in first.places.items() if name in names}
    second = pack(after, places=places)
    require_right(second, after)
    assert {name: second.places[name] for name in names} == places


@given(customers)
def test_the_order_of_the_file_changes_nothing_for_those_who_have_a_place(given_: list[CustomerKeys]) -> None:
    first = pack(given_)
    again = pack(list(reversed(given_)), places=first.places)
    assert again.places == first.places


def test_the_room_of_those_who_left_is_filled_first() -> None:
    given_ = [account_wide(number) for number in range(1, 400)]
    first = pack(given_)
    places = {name: place for name, place in first.places.items() if name != "c3"}
    second = pack([*(each for each in given_ if each.name != "c3"), account_wide(999)], places=places)
    assert second.places["c999"] == first.places["c3"] == Place(1, (1,))


def test_a_policy_is_filled_to_the_last_character() -> None:
    room, one = policy_capacity(describe=False), size(account_keys_arn("1" * 12))
    fits = room // one
    assert len(pack([account_wide(number) for number in range(fits)]).roles[0].policies) == 1
    assert len(pack([account_wide(number) for number in range(fits + 1)]).roles[0].policies) == 2
    assert MANAGED_POLICY_MAX - one < lengths(pack([account_wide(number) for number in range(fits)]))[0]


def test_describing_keys_leaves_less_room_and_still_fits() -> None:
    packing = pack([account_wide(number) for number in range(500)], describe=True)
    assert all(length <= MANAGED_POLICY_MAX for length in lengths(packing, describe=True))


def test_over_ten_policies_a_further_role_is_used() -> None:
    given_ = [account_wide(number) for number in range(3000)]
    packing = pack(given_)
    assert [len(role.policies) for role in packing.roles] == [10, 8]
    assert len({name for role in packing.roles for name in role.customers}) == 3000


def test_all_keys_of_a_customer_are_in_one_role() -> None:
    packing = pack([with_keys(1, 500), with_keys(2, 500), with_keys(3, 200)])
    assert [packing.places[f"c{number}"].role for number in (1, 2, 3)] == [1, 2, 1]


def test_more_keys_than_a_role_can_hold_are_refused_with_the_numbers() -> None:
    with pytest.raises(WrongInputError) as caught:
        pack([with_keys(1, 1000)])
    assert caught.value.message == (
        "the keys of customer c1 take 78,000 characters of policy; a role holds 10 managed policies with "
        f"{policy_capacity(describe=False):,} characters each"
    )
    assert "leave key_arns out" in str(caught.value.hint)


def test_keys_that_outgrow_the_customers_role_are_refused_rather_than_moved_to_another() -> None:
    full = [account_wide(number) for number in range(1600)]
    first = pack(full)
    last_of_first_role = first.roles[0].customers[-1]
    grown = [with_keys(int(each.name[1:]), 80) if each.name == last_of_first_role else each for each in full]
    with pytest.raises(WrongInputError, match="role 1, which the customer was given, has no room"):
        pack(grown, places=first.places)


def test_keys_that_outgrow_their_policy_move_within_the_role() -> None:
    given_ = [account_wide(number) for number in range(200)]
    first = pack(given_)
    assert first.places["c0"] == Place(1, (1,))
    second = pack([with_keys(0, 20), *given_[1:]], places=first.places)
    assert second.places["c0"] == Place(1, (2,))
    assert {name: place for name, place in second.places.items() if name != "c0"} == {
        name: place for name, place in first.places.items() if name != "c0"
    }


@given(customers)
def test_the_same_input_gives_the_same_answer(given_: list[CustomerKeys]) -> None:
    assert pack(given_) == pack(list(given_))


def test_a_policy_holds_its_keys_in_the_order_of_the_file_whoever_came_first() -> None:
    first, second, third = with_keys(3, 1), with_keys(1, 2), account_wide(2)
    (role,) = pack([first, second, third]).roles
    assert role.policies == ((*first.resources, *second.resources, *third.resources),)
    places = {third.name: Place(1, (1,)), first.name: Place(1, (1,))}
    (role,) = pack([second, first, third], places=places).roles
    assert role.policies == ((*second.resources, *first.resources, *third.resources),)
