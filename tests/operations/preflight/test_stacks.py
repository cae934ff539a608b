import pytest

from pinekeep.model.facts import stack_status
from tests.operations.preflight.conftest import LINK_STACK, STACK, Scene, stack

STATES_IN_THE_WAY = (
    *stack_status.REMEDIES,
    "CREATE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "A_STATE_OF_NEXT_YEAR",
)


@pytest.mark.parametrize("status", STATES_IN_THE_WAY)
@pytest.mark.parametrize(
    ("field", "name", "check"),
    [("cmek_stack", STACK, "cmek-stack"), ("private_link_stack", LINK_STACK, "private-link-stack")],
)
def test_a_state_that_cannot_be_deployed_over_stands_in_the_way_with_what_to_do(
    scene: Scene, status: str, field: str, name: str, check: str
) -> None:
    broken = scene.when(**{field: stack(name, status)})
    assert broken.refusal(check) == f"stack {name} is in state {status}"
    assert broken.finding(check).fix == stack_status.remedy(status, name=name, region="us-east-1")


def test_somebody_at_work_is_waited_for(scene: Scene) -> None:
    busy = scene.when(cmek_stack=stack(STACK, "UPDATE_IN_PROGRESS"))
    assert "someone is changing it; wait" in str(busy.finding("cmek-stack").fix)


def test_a_stack_that_nothing_was_deployed_to_is_noted_and_nobody_is_blamed(scene: Scene) -> None:
    found = scene.when(cmek_stack=stack(STACK, "REVIEW_IN_PROGRESS", tags=[])).note("cmek-stack")
    assert scene.when(cmek_stack=stack(STACK, "REVIEW_IN_PROGRESS", tags=[])).of("role-name")
    assert found == (
        f"stack {STACK} is in state REVIEW_IN_PROGRESS: nothing was ever deployed to it; a change set was made for it, "
        "by hand or by a `pinekeep plan` or `cdk diff` that was killed"
    )


@pytest.mark.parametrize("status", sorted(stack_status.COMPLETE))
def test_the_deployments_own_stack_is_updated(scene: Scene, status: str) -> None:
    found = scene.when(cmek_stack=stack(STACK, status)).finding("cmek-stack")
    assert (found.status, found.found) == ("ok", f"{status}: it will be updated")


@pytest.mark.parametrize(
    ("tags", "whose"),
    [
        ([], "lacks the tag pinekeep:deployment"),
        ([{"Key": "pinekeep:deployment", "Value": "other"}], "is tagged as deployment other's"),
    ],
)
def test_a_stack_of_somebody_else_is_never_deployed_over(scene: Scene, tags: object, whose: str) -> None:
    taken = scene.when(private_link_stack=stack(LINK_STACK, "CREATE_COMPLETE", tags=tags))
    assert taken.refusal("private-link-stack") == (
        f"stack {LINK_STACK} exists already and {whose}, so it was not created from this deployment"
    )
