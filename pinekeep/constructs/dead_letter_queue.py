"""A queue for notifications that could not be delivered."""

from typing import Any, Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from pinekeep.constructs.acknowledgments import acknowledge
from pinekeep.constructs.props import Props
from pinekeep.model.policies.notifications import queue_policy

_DAYS_MAX: Final = 14
"""The longest that Amazon SQS keeps a message."""
_SECONDS_A_DAY: Final = 86_400


class DeadLetterQueue(Construct):
    """A queue for what rules and topics of the account could not deliver.

    Amazon SQS encrypts it with a key of its own, so that the loss of a topic's key loses no notification.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        retention_days: how long a message is kept, in days.

    Attributes:
        resource: the queue.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(self, scope: Construct, construct_id: str, *, retention_days: int = _DAYS_MAX) -> None:
        props = Props(scope, construct_id)
        if not 1 <= retention_days <= _DAYS_MAX:
            props.refuse(
                f"retention_days: Amazon SQS keeps a message for 1 to {_DAYS_MAX} days, got {retention_days}",
                f"give retention_days={_DAYS_MAX}",
            )
        super().__init__(scope, construct_id)
        self.resource = sqs.CfnQueue(
            self,
            "Resource",
            message_retention_period=retention_days * _SECONDS_A_DAY,
            sqs_managed_sse_enabled=True,
        )
        self.resource.apply_removal_policy(RemovalPolicy.DESTROY)
        stack = Stack.of(self)
        policy: Any = queue_policy(queue_arn=self.queue_arn, account=stack.account, region=stack.region)
        sqs.CfnQueuePolicy(self, "Policy", queues=[self.resource.ref], policy_document=policy)
        acknowledge(self)

    @property
    def queue_arn(self) -> str:
        """The queue's ARN, as a reference."""
        return self.resource.attr_arn

    @property
    def queue_name(self) -> str:
        """The queue's name, as a reference."""
        return self.resource.attr_queue_name
