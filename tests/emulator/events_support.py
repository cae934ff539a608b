"""A trail, rules and queues of an account of the embedded AWS, for tests of its events."""

import json
from collections.abc import Callable
from typing import Any

from pinekeep.emulator.server import EmbeddedAws

Document = dict[str, Any]
ACCOUNT = "444455556666"
ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def allow(service: str, action: str, resource: str = "*") -> str:
    """A policy of a queue or topic that admits a service."""
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Events:
    """Events of an account: rules to queues, and what has arrived."""

    def __init__(self, aws: EmbeddedAws, unique: Callable[[str], str]) -> None:
        self._aws = aws
        self.unique = unique

    def client(self, service: str, region: str = "us-east-1") -> Any:
        return self._aws.session(ACCOUNT, region=region).client(service)

    def log(self) -> None:
        """Have a trail record the calls of all Regions, once."""
        trails = self.client("cloudtrail")
        if not trails.list_trails()["Trails"]:
            self.client("s3").create_bucket(Bucket="trail-444455556666")
            trails.create_trail(Name="all", S3BucketName="trail-444455556666", IsMultiRegionTrail=True)
            trails.start_logging(Name="all")

    def queue(self, service: str = "events", region: str = "us-east-1") -> tuple[str, str]:
        """The URL and ARN of a new queue that admits a service."""
        sqs = self.client("sqs", region)
        name = self.unique("queue")
        url = sqs.create_queue(QueueName=name, Attributes={"Policy": allow(service, "sqs:SendMessage")})["QueueUrl"]
        return url, f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"

    def rule(
        self, pattern: Document, target: str, *, region: str = "us-east-1", state: str = "ENABLED", **more: Any
    ) -> str:
        events = self.client("events", region)
        name = self.unique("rule")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), State=state)
        events.put_targets(Rule=name, Targets=[{"Id": "one", "Arn": target, **more}])
        return name

    def heard(self, pattern: Document, *, region: str = "us-east-1", state: str = "ENABLED") -> Callable[[], list[Any]]:
        """Return a function that returns what a new rule has received since."""
        url, arn = self.queue(region=region)
        self.rule(pattern, arn, region=region, state=state)
        return lambda: self.received(url, region)

    def received(self, url: str, region: str = "us-east-1") -> list[Any]:
        """The bodies in a queue, which are removed from it."""
        sqs = self.client("sqs", region)
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        messages = found.get("Messages", [])
        for each in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return [{**json.loads(each["Body"]), **_attributes(each)} for each in messages]


def _attributes(message: Document) -> Document:
    given = message.get("MessageAttributes") or {}
    return {"attributes": {key: each["StringValue"] for key, each in given.items()}} if given else {}
