"""Packing at its edges: the last character, the last policy, the last role."""

import random

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.customers.packing import CustomerKeys, Place, pack, policy_capacity

ROOM = 6144 - len(
    '{"Version":"2012-10-17","Statement":[{"Sid":"UseKeysOfCustomers","Effect":"Allow",'
    '"Action":["kms:Encrypt","kms:Decrypt"],"Resource":[]}]}'
)
SEPARATORS = 3


def customer(name: str, *sizes: int) -> CustomerKeys:
    """Return a customer whose resources take this much of a policy."""
    return CustomerKeys(name, tuple(chr(97 + index) * (size - SEPARATORS) for index, size in enumerate(sizes)))


def test_a_policy_holds_what_iam_leaves_beside_the_empty_policy() -> None:
    assert policy_capacity(describe=False) == ROOM
    assert policy_capacity(describe=True) == ROOM - len(',"kms:DescribeKey"')


def test_keys_that_fill_a_policy_exactly_are_not_split() -> None:
    assert pack([customer("a", 1000, ROOM - 1000)]).places["a"] == Place(1, (1,))
    assert pack([customer("a", 1000, ROOM - 999)]).places["a"] == Place(1, (1, 2))
    assert pack([customer("a", 1000, ROOM - 1000)], describe=True).places["a"] == Place(1, (1, 2))


def test_the_last_of_the_room_is_used() -> None:
    assert pack([customer("a", ROOM - 50), customer("b", 50)]).places["b"] == Place(1, (1,))
    assert pack([customer("a", ROOM - 50), customer("b", 51)]).places["b"] == Place(1, (2,))


def test_who_fills_a_policy_exactly_stays_in_it() -> None:
    assert pack([customer("a", ROOM)], places={"a": Place(1, (2,))}).places["a"] == Place(1, (2,))


def test_a_customer_may_fill_a_whole_role_and_no_more() -> None:
    assert pack([customer("a", ROOM, ROOM)], policies_per_role=2).places["a"] == Place(1, (1, 2))
    with pytest.raises(WrongInputError) as caught:
        pack([customer("a", ROOM, ROOM, ROOM)], policies_per_role=2)
    assert caught.value.hint == "leave key_arns out, which takes one entry for the whole account"


def test_each_role_knows_its_own_customers() -> None:
    packing = pack([customer(name, ROOM) for name in "abc"], policies_per_role=1)
    assert [(role.number, role.customers) for role in packing.roles] == [(1, ("a",)), (2, ("b",)), (3, ("c",))]


def test_a_place_beyond_the_quota_is_left_for_one_in_the_same_role() -> None:
    packing = pack([customer("a", 100)], places={"a": Place(1, (15,))})
    assert packing.places["a"] == Place(1, (1,))
    assert len(packing.roles[0].policies) == 1


def test_a_place_that_cannot_be_is_refused() -> None:
    with pytest.raises(WrongInputError, match="role 0"):
        pack([customer("a", 100)], places={"a": Place(0, (1,))})


def test_who_outgrows_a_full_role_is_refused_with_a_way_out() -> None:
    places = {name: Place(1, (1,)) for name in "ab"}
    with pytest.raises(WrongInputError) as caught:
        pack([customer("a", ROOM // 2), customer("b", ROOM // 2 + 2)], places=places, policies_per_role=1)
    assert caught.value.hint == "leave key_arns out, which takes one entry for the whole account, or remove keys"


@pytest.mark.parametrize("seed", range(6))
def test_everybody_fits_and_stays_when_others_come_and_go(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - which customers come and go is no secret

    def some(prefix: str) -> list[CustomerKeys]:
        sizes = [[chance.randint(60, ROOM // 2) for _ in range(chance.choice([1, 1, 1, 2, 4]))] for _ in range(12)]
        return [customer(f"{prefix}{number}", *each) for number, each in enumerate(sizes)]

    before = some("old")
    first = pack(before, policies_per_role=3)
    stay = chance.sample(before, 8)
    places = {each.name: first.places[each.name] for each in stay}
    after = [*stay, *some("new")]
    second = pack(after, places=places, policies_per_role=3)
    assert {name: second.places[name] for name in places} == places
    for packing, given in ((first, before), (second, after)):
        assert all(len(role.policies) <= 3 for role in packing.roles)
        held = [policy for role in packing.roles for policy in role.policies]
        assert all(sum(len(each) + SEPARATORS for each in policy) <= ROOM for policy in held)
        for each in given:
            place = packing.places[each.name]
            role = packing.roles[place.role - 1]
            assert each.name in role.customers
            found = [resource for number in place.policies for resource in role.policies[number - 1]]
            assert set(each.resources) <= set(found)
