"""The stacks of the rules, the topic, the alarms and the dashboard."""

from typing import Any

from aws_cdk import CfnWaitConditionHandle, Stack
from constructs import Construct

from pinekeep.model.config.models import Deployment


class MonitoringStack(Stack):
    """The rules, the topic, the alarms and the dashboard of a deployment with ``monitoring``, in its Region.

    ``stack``: the props of every stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, deployment: Deployment, **stack: Any) -> None:
        if deployment.monitoring is None:
            raise ValueError(f"deployment {name} has no monitoring")
        super().__init__(scope, construct_id, description=f"Watches what Pinecone depends on ({name})", **stack)
        CfnWaitConditionHandle(self, "Placeholder")


class GlobalMonitoringStack(Stack):
    """The rules in us-east-1 that forward the events of global services to the deployment's Region.

    ``stack``: the props of every stack.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, deployment: Deployment, **stack: Any) -> None:
        if deployment.monitoring is None:
            raise ValueError(f"deployment {name} has no monitoring")
        super().__init__(scope, construct_id, description=f"Forwards events of global services ({name})", **stack)
        CfnWaitConditionHandle(self, "Placeholder")
