"""What CloudFormation says no to once a change set runs: prepared answers, for what the embedded AWS cannot refuse."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.operations.deployment.execution import execute
from pinekeep.operations.plan.change_sets import Review
from pinekeep.operations.plan.changes import ChangeSet
from pinekeep.operations.plan.cloudformation import DeployedStack
from pinekeep.operations.plan.planning import DeploymentPlan, Plan, StackPlan
from tests.faults.fault import Fault

STACK = "Pinekeep-prod-Cmek"
STACK_ID = f"arn:aws:cloudformation:us-east-1:111122223333:stack/{STACK}/1"
CMEK = {"trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}}
DEPLOYMENT = Deployment.model_validate({"account": "111122223333", "region": "us-east-1", "cmek": CMEK})


class Failing:
    """A CloudFormation in which one resource fails, or nothing is even begun. Session and client at once.

    Attributes:
        executed: whether a change set was executed.
    """

    def __init__(self, *, resource: str = "", said: str = "", status: str = "REVIEW_IN_PROGRESS") -> None:
        self._event = {
            "EventId": "1",
            "LogicalResourceId": resource,
            "ResourceType": "AWS::KMS::Key",
            "ResourceStatus": "CREATE_FAILED",
            "ResourceStatusReason": said,
        }
        self._status = status
        self.refusal: ClientError | None = None
        self.executed = False

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name == "cloudformation"
        return self

    def update_termination_protection(self, **_: Any) -> None:
        pass

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE" if self.executed else self._status}]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        return {"StackEvents": [self._event] if self.executed else []}

    def execute_change_set(self, **_: Any) -> None:
        if self.refusal:
            raise self.refusal
        self.executed = True


def deploy(aws: Failing) -> str:
    """Carry out the plan of a first deployment, which must be refused; give what the user reads."""
    clients = Clients(aws, "us-east-1")
    stack = StackPlan(now=DeployedStack(name=STACK), clients=clients, would_change=True)
    change_set = ChangeSet(stack=STACK, name="arn:change-set", stack_id=STACK_ID, executable=True)
    plan = Plan(
        deployments=(DeploymentPlan(name="prod", deployment=DEPLOYMENT, stacks=(stack,), findings=(), record=None),),
        review=Review({STACK: change_set}),
    )
    told: list[str] = []
    access = Access.of(Source(environment=dict, clients_for=lambda _: clients))
    with pytest.raises(AwsRefusedError) as caught:
        execute(plan, access=access, tell=told.append)
    return "\n".join([*told, f"error: {caught.value.message}", f"hint: {caught.value.hint}"])


@pytest.mark.fault(
    "KMS does not see the role yet that was made a moment ago",
    sees="KMS refuses the key policy, because it names a role or user that KMS does not see…run it again",
    safe="The first deployment is undone and leaves nothing; deploy again.",
)
def test_a_role_that_kms_does_not_see_yet_is_told(fault: Fault) -> None:
    said = "Policy contains a statement with one or more invalid principals. (Service: Kms, Status Code: 400)"
    fault.require_seen(deploy(Failing(resource="EncryptionKey", said=said)))


@pytest.mark.fault(
    "the trust policy names a role that does not exist in Pinecone's account",
    sees="IAM refuses the trust policy, because it names a role that does not exist…take regions out",
    safe="Nothing was made. Name the regions in which Pinecone has its role; the account number may be wrong, too.",
)
def test_a_trusted_role_that_does_not_exist_is_told(fault: Fault) -> None:
    said = 'Invalid principal in policy: "AWS":"arn:aws:iam::740000000001:role/pinecone_cmek_access_eu-central-1"'
    fault.require_seen(deploy(Failing(resource="PineconeRole", said=said)))


@pytest.mark.fault(
    "a key policy would lock everyone out",
    sees="KMS refuses the key policy, because nobody could change it any more",
    safe="KMS keeps the policy that it has. The account root keeps the key in every policy that is made here.",
)
def test_a_key_policy_that_would_lock_out_is_told(fault: Fault) -> None:
    said = "The new key policy will not allow you to update the key policy in the future. (Service: Kms)"
    fault.require_seen(deploy(Failing(resource="EncryptionKey", said=said)))


@pytest.mark.fault(
    "two people deploy at once: the other was quicker",
    sees="somebody else has changed stack Pinekeep-prod-Cmek since its change set was made",
    safe="Nothing was changed here. Only what was shown is ever executed; look at the plan again.",
)
def test_a_change_set_that_has_become_obsolete_is_not_executed(fault: Fault) -> None:
    aws = Failing()
    answer = {"Error": {"Code": "InvalidChangeSetStatus", "Message": "cannot be executed in its current status"}}
    aws.refusal = ClientError(answer, "ExecuteChangeSet")
    fault.require_seen(deploy(aws))
    assert not aws.executed


@pytest.mark.fault(
    "two people deploy at once: the other is still at it",
    sees="stack Pinekeep-prod-Cmek has come into state UPDATE_IN_PROGRESS in the meantime",
    safe="Nothing was changed here; wait until they are done.",
)
def test_a_stack_that_somebody_began_to_change_is_left_alone(fault: Fault) -> None:
    aws = Failing(status="UPDATE_IN_PROGRESS")
    fault.require_seen(deploy(aws))
    assert not aws.executed


@pytest.mark.fault(
    "CloudFormation says nothing any more of a stack that it changes",
    sees="CloudFormation has reported nothing about stack Pinekeep-prod-Cmek for … minutes",
    safe="It goes on by itself; what was made stays. Once the stack has ended, deploy again.",
)
def test_a_stack_that_never_ends_is_given_up(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Failing):
        def describe_stacks(self, **_: Any) -> dict[str, Any]:
            return {"Stacks": [{"StackStatus": "UPDATE_IN_PROGRESS" if self.executed else "REVIEW_IN_PROGRESS"}]}

        def describe_stack_events(self, **_: Any) -> dict[str, Any]:
            return {"StackEvents": []}

    monkeypatch.setattr("pinekeep.operations.deployment.execution.SECONDS_OF_SILENCE", 0.3)
    fault.require_seen(deploy(Silent()))
