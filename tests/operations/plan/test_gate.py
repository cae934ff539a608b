"""What is let through, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.record.handover import Value
from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model.config.models import Cmek
from pinekeep.operations.plan.change_sets import Review
from pinekeep.operations.plan.changes import Action
from pinekeep.operations.plan.classify import classify
from pinekeep.operations.plan.cloudformation import DeployedStack
from pinekeep.operations.plan.gate import require_deployable, to_be_accepted, would_be_refused
from pinekeep.operations.plan.planning import DeploymentPlan, Plan, StackPlan
from pinekeep.operations.plan.render import as_markdown, as_output, as_text, verdict
from pinekeep.operations.plan.state import NEW_ENDPOINT, Endpoints
from pinekeep.operations.plan.subject import Subject
from tests.operations.plan.subjects import (
    CMEK,
    DEPLOYMENT,
    LINK,
    NAME,
    STATE,
    becoming,
    change,
    record,
    serving,
    subject,
)

NOBODY: Any = Clients.__new__(Clients)
SAFE = subject(change("AWS::KMS::Key", Action.MODIFY, "Tags"))
BREAKS = becoming(Value.EXTERNAL_ID, "none")
HANDED_OVER = becoming(Value.EXTERNAL_ID, "none", record=record())
DESTROYS = subject(change("AWS::KMS::Key", Action.REMOVE))


def plan(found: Subject, *, status: str | None = "UPDATE_COMPLETE", would_change: bool = True) -> Plan:
    stack = StackPlan(
        now=DeployedStack(name=CMEK, status=status, template={} if status else None),
        clients=NOBODY,
        changes=found.changes,
        would_change=would_change,
    )
    one = DeploymentPlan(
        name=NAME,
        deployment=DEPLOYMENT,
        stacks=(stack,),
        findings=classify(found),
        record=found.record,
        has_registered_endpoint=bool(found.registered_endpoints),
    )
    return Plan(deployments=(one,), review=Review({}))


def test_what_is_safe_is_let_through() -> None:
    made = plan(SAFE)
    require_deployable(made)
    assert to_be_accepted(made, ()) == []
    assert not would_be_refused(made)
    assert verdict(made) == "deploy asks, and goes ahead with --yes"


def test_what_breaks_pinecone_must_be_accepted_by_name() -> None:
    made = plan(BREAKS)
    require_deployable(made)
    assert [each.name for each in to_be_accepted(made, ())] == [NAME]
    assert to_be_accepted(made, (NAME,)) == []
    assert would_be_refused(made)
    assert str(verdict(made)).endswith(f"given with --accept-breaking: {NAME}")


def test_a_name_that_is_no_deployment_is_refused() -> None:
    with pytest.raises(WrongInputError, match="--accept-breaking serach: no such deployment"):
        to_be_accepted(plan(BREAKS), ("serach",))


def test_what_was_handed_over_is_never_broken() -> None:
    made = plan(HANDED_OVER)
    with pytest.raises(PinekeepError, match="search is not deployed: it was handed over to Pinecone on 2026-11-20"):
        require_deployable(made)
    assert verdict(made) == "deploy refuses: it would break what was handed over to Pinecone"


def test_an_endpoint_in_use_is_never_taken_away_and_the_way_forward_is_told_with_that_of_the_key() -> None:
    made = plan(subject(record=record(), after=serving(NEW_ENDPOINT)))
    with pytest.raises(PinekeepError, match="it would be deleted while it serves the clients") as refused:
        require_deployable(made)
    assert "write another number under `standby`" in str(refused.value.hint)
    assert "pinekeep deploy --only cmek --deployment search" in str(refused.value.hint)


def test_where_no_registered_endpoint_is_live_another_may_be_made_though_the_key_was_handed_over() -> None:
    removed = change("AWS::EC2::VPCEndpoint", Action.REMOVE, stack=LINK)
    unregistered = subject(removed, record=record(endpoint_id="vpce-gone"), gone_endpoints=frozenset({"vpce-gone"}))
    made = plan(unregistered)
    require_deployable(made)
    assert [each.name for each in to_be_accepted(made, ())] == [NAME]


def test_what_aws_would_refuse_nobody_can_accept() -> None:
    taken = [replace(STATE, endpoints=Endpoints(serving=each, name_taken_in="vpc")) for each in ("vpce-1", "vpce-2")]
    made = plan(subject(before=taken[0], after=taken[1]))
    with pytest.raises(PinekeepError, match=r"^search is not deployed: EC2 would refuse it"):
        require_deployable(made)
    assert verdict(made) == "deploy refuses: AWS would roll it back"


def test_a_stack_of_the_endpoint_that_nothing_can_be_deployed_over_does_not_hold_up_the_key() -> None:
    made = plan(subject(), status="ROLLBACK_COMPLETE", would_change=False)
    (one,) = made.deployments
    link = replace(one.stacks[0], now=replace(one.stacks[0].now, name=LINK))
    with pytest.raises(AwsRefusedError) as refused:
        require_deployable(replace(made, deployments=(replace(one, stacks=(link,)),)))
    assert "pinekeep deploy --only cmek --deployment search" in str(refused.value.hint)


def test_what_destroys_is_refused_though_nothing_was_handed_over() -> None:
    made = plan(DESTROYS)
    with pytest.raises(PinekeepError, match="search is not deployed: AWS::KMS::Key Thing"):
        require_deployable(made)
    assert verdict(made) == "deploy refuses, always"


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_nothing_can_be_deployed_over_is_refused_with_its_state(status: str) -> None:
    made = plan(subject(), status=status, would_change=False)
    with pytest.raises(AwsRefusedError, match=f"stack {CMEK} is in state {status}") as refused:
        require_deployable(made)
    assert refused.value.hint
    assert would_be_refused(made)
    assert f"in state {status}, which cannot be deployed over" in as_text(made)
    assert as_output(made).deployments[0].stacks[0].blocked == refused.value.hint


def test_where_nothing_changes_that_is_said_in_one_line() -> None:
    made = plan(subject(), would_change=False)
    assert verdict(made) is None
    (line,) = as_text(made).splitlines()
    assert line.startswith("search (")
    assert line.endswith("): nothing changes")


def test_what_differs_from_the_record_stands_above_all_else() -> None:
    text = as_text(plan(HANDED_OVER))
    lines = text.splitlines()
    assert lines[1].startswith("  handed over to Pinecone on 2026-11-20T10:00:00+00:00 by arn:aws:iam::")
    assert text.index("!!! DIFFERS FROM WHAT PINECONE WAS GIVEN") < text.index("breaks Pinecone\n    the external ID")
    page = as_markdown(plan(HANDED_OVER))
    assert "> **DIFFERS FROM WHAT PINECONE WAS GIVEN**" in page
    assert page.index("[!CAUTION]") < page.index("### Breaks Pinecone")


def test_many_resources_that_are_safe_are_told_in_one_line() -> None:
    many = subject(*(change("AWS::KMS::Key", Action.MODIFY, "Tags") for _ in range(4)))
    assert "    4 times, tags, descriptions or other metadata change: Thing, Thing, Thing, Thing" in as_text(plan(many))
    assert as_markdown(plan(many)).count("Tags changes") == 4


def test_the_json_says_what_the_text_says() -> None:
    said = as_output(plan(HANDED_OVER))
    assert (said.kind, said.would_change, said.refused) == ("breaks_pinecone", True, True)
    (only,) = said.deployments
    assert only.handed_over_at == "2026-11-20T10:00:00+00:00"
    assert [each.rule for each in only.findings] == ["record-differs", "external-id"]


def test_customers_keys_beside_a_key_of_ones_own_are_told_how_the_key_stays() -> None:
    cmek = DEPLOYMENT.cmek
    assert cmek is not None
    settings = cmek.model_dump(exclude_unset=True) | {"customer_keys": [{"name": "acme", "account": "444455556666"}]}
    settings.pop("key", None)
    made = plan(DESTROYS)
    (one,) = made.deployments
    without = replace(one, deployment=DEPLOYMENT.model_copy(update={"cmek": Cmek.model_validate(settings)}))
    with pytest.raises(PinekeepError) as caught:
        require_deployable(replace(made, deployments=(without,)))
    assert "write key: {} beside them" in str(caught.value.hint)
