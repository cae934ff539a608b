"""The output of the commands of `monitoring`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class PathOutput(OutputModel):
    """One path of the notifications."""

    path: Literal["topic", "events", "global", "alarm", "slack"]
    """Its name."""
    title: str
    """What was sent."""
    status: Literal["arrived", "missing", "skipped"]
    """`arrived`: seen at the topic. `missing`: not seen in time, or refused. `skipped`: see `detail`."""
    seconds: float | None
    """How long it took; null where it did not arrive."""
    detail: str | None
    """What else there is to say."""
    fix: str | None
    """What to do where it did not arrive."""


class SubscriberOutput(OutputModel):
    """A subscriber of a topic. Whether it received the messages cannot be seen from here."""

    protocol: str
    """`email`, `https`, `sqs` …; `slack` for Amazon Q Developer in chat applications."""
    endpoint: str
    """Its address."""
    status: Literal["confirmed", "pending"]
    """`pending`: nobody has confirmed the subscription, so it receives nothing."""
    detail: str
    """Where to look for the messages."""


class DeliveryTestOutput(OutputModel):
    """The test of one deployment."""

    deployment: str
    """Its name."""
    mark: str
    """What the messages of this test contain."""
    paths: list[PathOutput]
    """The paths, in the order in which they were tested."""
    subscribers: list[SubscriberOutput]
    """Who is subscribed to the topics."""
    left: list[str]
    """What could not be removed."""


class MonitoringTestOutput(OutputModel):
    """What `monitoring test` writes."""

    passed: bool
    """Whether every path that was not skipped arrived, and nothing was left."""
    deployments: list[DeliveryTestOutput]
    """The deployments with `monitoring`."""


class FencePolicyOutput(OutputModel):
    """One service control policy."""

    file: str
    """The file."""
    characters: int
    """Its length. AWS Organizations takes 5,120."""
    deployments: list[str]
    """The deployments whose keys and roles it protects."""


class FenceHookOutput(OutputModel):
    """The Guard Hook of one Region."""

    region: str
    """The Region."""
    rules: str
    """The file with the rules."""
    template: str
    """The file with the CloudFormation template of the Hook."""
    deployments: list[str]
    """The deployments whose stacks it protects."""


class FenceAccountOutput(OutputModel):
    """The files of one account."""

    account: str
    """The account."""
    policies: list[FencePolicyOutput]
    """The service control policies. All of them are attached."""
    hooks: list[FenceHookOutput]
    """The Guard Hooks, by Region."""


class FenceDeploymentOutput(OutputModel):
    """What is protected of one deployment."""

    deployment: str
    """Its name."""
    key: str | None
    """The new key's alias or the adopted key's ARN; null without a key in the account."""
    roles: list[str]
    """The ARNs of the roles that Pinecone assumes."""
    administrators: list[str]
    """Who is exempt; empty means nobody."""
    minimum_waiting_days: int
    """The shortest waiting period of a key deletion, in days, for everyone."""


class MonitoringFenceOutput(OutputModel):
    """What `monitoring fence` writes."""

    readme: str
    """The page that explains the files."""
    accounts: list[FenceAccountOutput]
    """The files, by account."""
    deployments: list[FenceDeploymentOutput]
    """The deployments with `monitoring.fence`."""
