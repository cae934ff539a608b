"""Removing instances from a stack set: what stays, what goes, and what is refused."""

import json
from collections.abc import Collection, Iterable, Mapping

import pytest

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.operations.fleet.desired import Part, Place
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.operations import Action
from pinekeep.operations.fleet.removal import Removal, content_of, removal_of, what_stays
from tests.operations.fleet.support import EAST, EU, A, B, C, instance, observed

LINK = json.dumps(
    {
        "Resources": {
            "Logs": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain"},
            "FlowLogRole": {"Type": "AWS::IAM::Role"},
            "Endpoint": {"Type": "AWS::EC2::VPCEndpoint"},
        }
    }
)


def removal(
    now: Observed,
    *accounts: str,
    regions: Collection[str] = (),
    wanted: Collection[Place] = (),
    role_region: str = EAST,
    part: Part = "cmek",
    delete_stacks: bool = False,
) -> Removal:
    def role_regions(places: Iterable[Place]) -> Mapping[Place, str]:
        return dict.fromkeys(places, role_region)

    return removal_of(
        now,
        part=part,
        accounts=accounts,
        regions=regions,
        wanted=wanted,
        role_regions=role_regions,
        units=lambda _: None,
        delete_stacks=delete_stacks,
    )


def test_an_account_leaves_with_its_stack_role_last() -> None:
    found = removal(observed(instance(A, EAST), instance(A, EU), instance(B, EAST)), A)
    (batch,) = found.batches
    assert (batch.action, batch.accounts, batch.regions, batch.retain) == (Action.DELETE, (A,), (EU, EAST), True)
    assert not found.whole
    assert found.deleted == ()
    ((what, why),) = what_stays(found, (A, EAST))
    assert what == f"stack {found.stack_ids[A, EAST]}"
    assert "aws cloudformation delete-stack" in why


def test_all_leave_with_their_stack_set_though_they_are_targets() -> None:
    now = observed(*(instance(each, EAST) for each in (A, B, C)), instance(A, EU))
    found = removal(now, wanted=list(now.instances))
    assert found.whole
    assert sorted((each.accounts, each.regions) for each in found.batches) == [
        (tuple(sorted((B, C))), (EAST,)),
        ((A,), (EU, EAST)),
    ]
    assert {place for each in found.batches for place in each.places} == set(now.instances)


def test_a_target_of_the_file_is_refused() -> None:
    now = observed(instance(A, EAST), instance(B, EAST))
    with pytest.raises(WrongInputError, match=f"{A} in us-east-1 is still in the file"):
        removal(now, A, wanted=[(A, EAST)])
    assert removal(now, B, wanted=[(A, EAST)]).batches


def test_an_inoperable_instance_leaves_though_it_is_a_target() -> None:
    now = observed(instance(A, EAST, status="INOPERABLE"), instance(A, EU))
    assert removal(now, A, regions=[EAST], wanted=[(A, EAST), (A, EU)]).batches[0].retain
    with pytest.raises(WrongInputError, match="still in the file"):
        removal(now, A, regions=[EAST], wanted=[(A, EAST)], delete_stacks=True)


def test_an_account_without_an_instance_is_named() -> None:
    with pytest.raises(WrongInputError, match=f"no instance in account {B}") as error:
        removal(observed(instance(A, EAST)), A, B)
    assert A in str(error.value.hint)
    with pytest.raises(WrongInputError, match="no instance there"):
        removal(observed(instance(A, EAST)), A, regions=[EU])
    with pytest.raises(WrongInputError, match="has no stack set"):
        removal(Observed(), A)


def test_the_role_does_not_leave_before_the_keys() -> None:
    now = observed(instance(A, EAST), instance(A, EU))
    with pytest.raises(WrongInputError, match=f"the role of account {A} is in the stack in us-east-1"):
        removal(now, A, regions=[EAST])
    assert removal(now, A, regions=[EU]).batches
    assert removal(now, A, regions=[EAST], role_region="").batches, "each Region has a role of its own"
    assert removal(observed(instance(A, EAST)), A, regions=[EAST]).batches, "it is the last one"


def test_stacks_are_deleted_only_if_the_template_retains_role_and_key() -> None:
    found = removal(observed(instance(A, EAST)), A, delete_stacks=True)
    assert not found.batches[0].retain
    assert [word for word, _ in what_stays(found, (A, EAST))] == ["role"]
    both = removal(observed(instance(A, EAST), instance(A, EU)), A, delete_stacks=True)
    assert list(what_stays(both, (A, EU))) == [], "its role is in the other Region"
    bare = json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Delete"}}})
    with pytest.raises(PinekeepError, match="would delete AWS::KMS::Key"):
        removal(observed(instance(A, EAST), template=bare), A, delete_stacks=True)
    assert removal(observed(instance(A, EAST), template=bare), A).batches, "the stack stays"


def test_a_stack_with_another_template_is_not_deleted() -> None:
    now = observed(instance(A, EAST, status="OUTDATED"))
    with pytest.raises(PinekeepError, match=f"{A} in us-east-1 is not CURRENT"):
        removal(now, A, delete_stacks=True)
    assert removal(now, A).batches
    never = observed(instance(A, EAST, status="OUTDATED", stack_id=None))
    assert removal(never, A, delete_stacks=True).batches, "there is no stack"


def test_an_endpoint_goes_with_its_stack() -> None:
    found = removal(observed(instance(A, EAST), template=LINK), A, part="private_link", delete_stacks=True)
    assert found.deleted == ("AWS::IAM::Role", "AWS::EC2::VPCEndpoint")


@pytest.mark.parametrize("template", ["Resources:\n  Key: {}", "[]", "{}"])
def test_a_template_that_cannot_be_read_is_not_trusted(template: str) -> None:
    with pytest.raises(PinekeepError, match="nobody can tell"):
        content_of(template)
