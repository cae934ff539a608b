import pytest

from pinekeep.model import naming
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


@pytest.mark.parametrize(
    ("field", "name", "check", "region"),
    [
        ("storage_stack", naming.storage_stack("prod"), "storage-stack", "eu-west-1"),
        ("monitoring_stack", naming.monitoring_stack("prod"), "monitoring-stack", "eu-west-1"),
        ("global_monitoring_stack", naming.global_monitoring_stack("prod"), "global-monitoring-stack", "us-east-1"),
    ],
)
def test_the_stacks_of_further_parts_are_looked_at_where_they_are(
    watched: Scene, field: str, name: str, check: str, region: str
) -> None:
    assert watched.finding(check).found == "there is none: it will be created"
    broken = watched.when(**{field: stack(name, "ROLLBACK_COMPLETE")})
    where = " in us-east-1" if region == "us-east-1" else ""
    assert broken.refusal(check) == f"stack {name}{where} is in state ROLLBACK_COMPLETE"
    assert f"--region {region}" in str(broken.finding(check).fix)


def test_a_region_that_receives_the_events_of_global_services_needs_no_second_stack(
    scene: Scene, watched: Scene
) -> None:
    home = watched.configured(region="us-east-1")
    assert home.of("monitoring-stack")
    assert home.of("global-monitoring-stack") == []
    assert scene.of("storage-stack") == scene.of("monitoring-stack") == []


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
