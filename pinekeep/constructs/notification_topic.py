"""The SNS topic of notifications."""

import hashlib
from collections.abc import Sequence
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from pinekeep.constructs.props import Props
from pinekeep.constructs.topics import topic_name
from pinekeep.model.facts import aws
from pinekeep.model.policies.notifications import topic_key_policy, topic_policy


class NotificationTopic(Construct):
    """An SNS topic, encrypted with a KMS key, that rules and alarms of the account publish to.

    Subscriptions by e-mail and HTTPS must be confirmed by their recipients.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        existing_topic_arn: the ARN of an existing topic to use instead of a new one. Its policy and its encryption
            are yours.
        kms_key_arn: the ARN of an existing key for the new topic. Its policy must let ``events.amazonaws.com`` and
            ``cloudwatch.amazonaws.com`` use it. Default: a new key.
        emails: the e-mail addresses that are notified.
        https: the HTTPS addresses that are notified.
        dead_letter_queue_arn: the ARN of a :class:`~pinekeep.constructs.DeadLetterQueue`, for what these addresses do
            not take.
        display_name: the sender's name in e-mails.

    Attributes:
        topic_arn: the topic's ARN.
        key_arn: the ARN of the key that encrypts it; None for an existing topic.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        existing_topic_arn: str | None = None,
        kms_key_arn: str | None = None,
        emails: Sequence[str] = (),
        https: Sequence[str] = (),
        dead_letter_queue_arn: str | None = None,
        display_name: str = "Pinekeep",
    ) -> None:
        props = Props(scope, construct_id)
        if existing_topic_arn is not None and kms_key_arn is not None:
            props.refuse("kms_key_arn: an existing topic has its own encryption", "leave kms_key_arn out")
        super().__init__(scope, construct_id)
        self.key_arn = kms_key_arn
        self.topic_arn = self._new_topic(display_name) if existing_topic_arn is None else existing_topic_arn
        for protocol, addresses in (("email", emails), ("https", https)):
            for address in addresses:
                # Named by its address: a recipient who is added or removed makes no other confirm again.
                mark = hashlib.sha256(address.encode()).hexdigest()[:8]
                sns.CfnSubscription(
                    self,
                    f"{protocol.capitalize()}{mark}",
                    topic_arn=self.topic_arn,
                    protocol=protocol,
                    endpoint=address,
                    redrive_policy={"deadLetterTargetArn": dead_letter_queue_arn} if dead_letter_queue_arn else None,
                )

    @property
    def topic_name(self) -> str:
        """The topic's name; of a new one, as a reference."""
        return topic_name(self, self.topic_arn)

    def _new_topic(self, display_name: str) -> str:
        stack = Stack.of(self)
        if self.key_arn is None:
            key = kms.CfnKey(
                self,
                "Key",
                description="Encrypts notifications. Pinecone does not use it.",
                key_policy=topic_key_policy(account=stack.account),
                enable_key_rotation=True,
                pending_window_in_days=aws.DELETION_WINDOW_DAYS_MIN,
            )
            key.apply_removal_policy(RemovalPolicy.DESTROY)
            self.key_arn = key.attr_arn
        topic = sns.CfnTopic(self, "Resource", display_name=display_name, kms_master_key_id=self.key_arn)
        policy: Any = topic_policy(topic_arn=topic.ref, account=stack.account, region=stack.region)
        sns.CfnTopicPolicy(self, "Policy", topics=[topic.ref], policy_document=policy)
        return topic.ref
