"""A fleet of endpoints."""

from typing import Any

import pytest

from bench.right_aws import RightAws
from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import Instance
from pinekeep.model import naming
from pinekeep.model.config.fleet.targets import Target
from pinekeep.operations.fleet.verification.engine import Job, by_account, verify_accounts
from pinekeep.operations.fleet.verification.results import TargetResult
from tests.account.fake_aws import deployment

NAME = "search"


class Aws(RightAws):
    """An AWS with an endpoint, whose stack the stack set has named."""

    stack: str = "arn:aws:cloudformation:us-east-1:111122223333:stack/StackSet-x/1"
    changes: dict[str, Any] = {}  # noqa: RUF012 - a test sets it

    def answer_assume_role(self, **_: Any) -> Any:
        return {"Credentials": {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}}

    def answer_describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - AWS's name
        assert StackName == self.stack
        return super().answer_describe_stacks(naming.private_link_stack(NAME))

    def answer_describe_vpc_endpoints(self, Filters: list[Any], **_: Any) -> Any:  # noqa: N803 - AWS's name
        found = super().answer_describe_vpc_endpoints(Filters)
        for each in found["VpcEndpoints"]:
            each.update(self.changes)
        return found


def verify(aws: Aws) -> TargetResult:
    whole = aws.deployments[NAME]
    link = whole.model_copy(update={"cmek": None})
    target = Target(account=link.account, region=link.region, deployment=link)
    instance = Instance(account=link.account, region=link.region, stack_id=aws.stack)
    job = Job(
        name=NAME,
        pinecone_account=None,
        role_name="PinekeepFleetVerification",
        part="private_link",
        stack_set=naming.private_link_stack(NAME),
        instances={instance.place: instance},
        administrator=lambda: Clients(aws, "us-east-1"),
        delegated=lambda region: Clients(aws, region),
    )
    (found,) = verify_accounts(job, by_account([target]))
    return found


@pytest.fixture
def aws() -> Aws:
    return Aws({NAME: deployment()})


def test_an_endpoint_is_read_from_the_stack_of_the_stack_set(aws: Aws) -> None:
    found = verify(aws)
    assert found.passes, [each for each in found.findings if not each.passes]
    assert found.observations["shape"] == "endpoint"
    assert found.observations["endpoint_id"] == f"vpce-{NAME}"
    assert found.observations["security_groups"] == f"sg-{NAME}"
    assert not {call for call, _ in aws.calls} & {"get_role", "describe_key", "lookup_events"}


def test_an_endpoint_that_waits_for_acceptance_fails(aws: Aws) -> None:
    aws.changes = {"State": "pendingAcceptance"}
    found = verify(aws)
    assert found.status == "failed"
    assert found.observations["endpoint_state"] == "pendingAcceptance"
    told = [each.fix for each in found.findings if each.status == "failed"]
    assert not [each for each in told if each and "--deployment" in each]
