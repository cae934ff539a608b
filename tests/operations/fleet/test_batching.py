"""The operations that bring a stack set to what it should be."""

from collections.abc import Collection

import pytest

from pinekeep.errors import PinekeepError
from pinekeep.operations.fleet.batching import batches_of, split_by_units
from pinekeep.operations.fleet.desired import Desired, Place, digest_of
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.operations import Action, Batch, SetContent
from tests.operations.fleet.support import EAST, EU, TEMPLATE, WEST, A, B, C, D, desired, instance, observed, wanted

CONTENT = SetContent(template=TEMPLATE, parameters={}, tags={})


def batches(
    wish: Desired,
    now: Observed,
    *,
    content: SetContent | None = None,
    places: Collection[Place] | None = None,
    unit: str | None = None,
) -> list[Batch]:
    found = batches_of(
        wish,
        now,
        places=wish.instances if places is None else places,
        content=content,
        units=lambda _: unit,
    )
    for each in found:
        assert digest_of(each.id) is not None
        assert {batch for batch in each.after if batch not in {one.id for one in found}} == set()
    return found


def test_new_instances_with_equal_overrides_are_one_operation_the_role_first() -> None:
    both = [wanted(A, EU), wanted(A, EAST)]
    other = wanted(B, EAST)
    found = batches(desired(*both, other), observed())
    assert [(each.action, each.accounts, each.regions) for each in found] == [
        (Action.CREATE, (A,), (EAST, EU)),
        (Action.CREATE, (B,), (EAST,)),
    ]
    assert found[0].overrides == {"ExternalId": f"id-of-{A}"}
    assert digest_of(found[0].id) == both[0].digest


def test_keys_with_other_values_follow_the_role_of_their_account() -> None:
    role, key = wanted(A, EAST, Alias="alias/a"), wanted(A, EU, Alias="alias/b")
    first, second = batches(desired(key, role), observed())
    assert (first.regions, second.regions) == ((EAST,), (EU,))
    assert second.after == {first.id}


def test_a_key_whose_role_is_there_waits_for_nothing() -> None:
    role, key = wanted(A, EAST), wanted(A, EU)
    now = observed(instance(A, EAST), as_desired=[(A, EAST)])
    (only,) = batches(desired(role, key), now, places=[(A, EU)])
    assert (only.regions, only.after) == ((EU,), frozenset())


def test_what_exists_is_updated_and_what_does_not_is_created() -> None:
    now = observed(instance(A, EAST), instance(B, EAST, status="OUTDATED"), as_desired=[(B, EAST)])
    found = batches(desired(wanted(A, EAST), wanted(B, EAST), wanted(C, EAST)), now)
    assert [(each.action, each.accounts) for each in found] == [
        (Action.UPDATE, (A,)),
        (Action.UPDATE, (B,)),
        (Action.CREATE, (C,)),
    ]


def test_a_new_template_is_one_update_of_the_set_for_as_many_as_one_call_covers() -> None:
    wish = desired(
        *(wanted(each, region) for each in (A, B) for region in (EAST, EU)), wanted(C, EAST), wanted(D, EAST)
    )
    now = observed(
        *(instance(*place) for place in wish.instances if place[0] != D),
        as_desired=[place for place in wish.instances if place[0] != D],
    )
    first, *others = batches(wish, now, content=CONTENT)
    assert (first.action, first.accounts, first.regions) == (Action.UPDATE_SET, (B, A)[::-1], (EAST, EU))
    assert first.content is CONTENT
    assert first.overrides is None
    assert [(each.action, each.accounts) for each in others] == [(Action.UPDATE, (C,)), (Action.CREATE, (D,))]
    assert all(first.id in each.after for each in others)


def test_an_instance_whose_values_change_gets_the_new_template_with_them() -> None:
    wish = desired(wanted(A, EAST), wanted(B, EAST))
    now = observed(instance(A, EAST), instance(B, EAST), as_desired=[(A, EAST)])
    first, second = batches(wish, now, content=CONTENT)
    assert first.accounts == (A,)
    assert (second.action, second.accounts) == (Action.UPDATE, (B,))


def test_all_change_their_values_with_the_template() -> None:
    wish = desired(wanted(A, EAST), wanted(B, EAST))
    first, *others = batches(wish, observed(instance(A, EAST), instance(B, EAST)), content=CONTENT)
    assert (first.action, first.accounts) == (Action.UPDATE_SET, (A, B))
    assert [(each.action, each.accounts) for each in others] == [(Action.UPDATE, (A,)), (Action.UPDATE, (B,))]


def test_a_new_parameter_needs_the_template_before_its_value() -> None:
    wish = desired(wanted(A, EAST, New="x"), wanted(B, EAST, New="y"))
    now = observed(instance(A, EAST), instance(B, EAST))
    first, *others = batches(wish, now, content=CONTENT)
    assert (first.action, first.accounts) == (Action.UPDATE_SET, (A, B))
    assert [(each.action, each.accounts) for each in others] == [(Action.UPDATE, (A,)), (Action.UPDATE, (B,))]


def test_what_is_held_back_is_in_no_operation() -> None:
    wish = desired(wanted(A, EAST), wanted(B, EAST))
    now = observed(instance(A, EAST), instance(B, EAST), as_desired=[(A, EAST)])
    (only,) = batches(wish, now, content=CONTENT, places=[(A, EAST)])
    assert (only.action, only.places) == (Action.UPDATE_SET, ((A, EAST),))


def test_a_template_cannot_change_if_all_are_held_back() -> None:
    now = observed(instance(A, EAST))
    with pytest.raises(PinekeepError, match="none of its instances may be updated"):
        batches(desired(wanted(A, EAST), wanted(B, EAST)), now, content=CONTENT, places=[(B, EAST)])


def test_a_set_without_instances_changes_by_itself() -> None:
    first, second = batches(desired(wanted(A, EAST)), observed(), content=CONTENT)
    assert (first.action, first.accounts, first.regions) == (Action.UPDATE_SET, (), ())
    assert second.after == {first.id}


def test_accounts_are_addressed_through_the_unit_of_their_instances() -> None:
    now = observed(instance(A, EAST, unit="ou-ab12-11111111"))
    update, create = batches(desired(wanted(A, EAST), wanted(B, EAST)), now, unit="r-ab12")
    assert (update.units, create.units) == (("ou-ab12-11111111",), ("r-ab12",))


def test_an_operation_has_at_most_fifty_units() -> None:
    accounts = tuple(f"{300000000000 + number}" for number in range(120))
    whole = Batch(
        id="pinekeep-0123456789ab-00000000",
        action=Action.UPDATE_SET,
        accounts=accounts,
        regions=(WEST,),
        content=CONTENT,
    )
    found = list(split_by_units(whole, lambda account: f"ou-ab12-{account}"))
    assert [len(each.units) for each in found] == [50, 50, 20]
    assert sorted(account for each in found for account in each.accounts) == list(accounts)
    assert len({each.id for each in found}) == 3
    assert [each.content is not None for each in found] == [True, False, False]
    assert [each.action for each in found] == [Action.UPDATE_SET, Action.UPDATE, Action.UPDATE]
    assert found[1].after == found[2].after == {found[0].id}
