"""Setting the stack policy: only where something is missing, and never over what somebody else wrote."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pinekeep.account.client.clients import Clients
from pinekeep.errors import AwsRefusedError
from pinekeep.model.policies.stack import stack_policy
from pinekeep.operations.deployment.execution import ensure_stack_policy

STACK = "Pinekeep-search-prod-Cmek"


class Session:
    """Gives one prepared client."""

    def __init__(self) -> None:
        self.made = boto3.client(
            "cloudformation", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.stub = Stubber(self.made)
        self.stub.activate()

    def client(self, *_: Any, **__: Any) -> Any:
        return self.made


@pytest.fixture
def session() -> Session:
    return Session()


def answers(session: Session, policy: dict[str, Any] | None) -> None:
    body = {} if policy is None else {"StackPolicyBody": json.dumps(policy)}
    session.stub.add_response("get_stack_policy", body, {"StackName": STACK})


def wants(session: Session, policy: dict[str, Any]) -> None:
    session.stub.add_response("set_stack_policy", {}, {"StackName": STACK, "StackPolicyBody": json.dumps(policy)})


def test_a_stack_without_a_policy_is_given_one(session: Session) -> None:
    answers(session, None)
    wants(session, stack_policy())
    assert ensure_stack_policy(Clients(session, "us-east-1"), STACK) is True
    session.stub.assert_no_pending_responses()


def test_a_stack_that_has_it_is_left_alone(session: Session) -> None:
    answers(session, stack_policy())
    assert ensure_stack_policy(Clients(session, "us-east-1"), STACK) is False


def test_another_policy_is_added_to(session: Session) -> None:
    theirs = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}
    answers(session, theirs)
    wants(session, stack_policy(theirs))
    assert ensure_stack_policy(Clients(session, "us-east-1"), STACK) is True
    session.stub.assert_no_pending_responses()


def test_a_refusal_is_told(session: Session) -> None:
    answers(session, None)
    session.stub.add_client_error("set_stack_policy", "AccessDenied", "not authorized")
    with pytest.raises(AwsRefusedError, match="AWS does not allow SetStackPolicy"):
        ensure_stack_policy(Clients(session, "us-east-1"), STACK)
