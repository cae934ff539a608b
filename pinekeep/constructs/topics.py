"""The name of an SNS topic, from its ARN."""

from aws_cdk import ArnFormat, Stack
from constructs import IConstruct

from pinekeep.constructs.props import is_token


def topic_name(scope: IConstruct, topic_arn: str) -> str:
    """Return a topic's name; as a reference where the ARN is one."""
    if is_token(topic_arn):
        return Stack.of(scope).split_arn(topic_arn, ArnFormat.NO_RESOURCE_NAME).resource
    return topic_arn.rpartition(":")[2]
