"""Audit logs and monitoring in the demonstration: files that nobody alters, and a message about a disabled key."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.process import scratch_folder
from pinekeep.account.reads.audit_files import BucketStore
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.audit.queries import QUERIES
from pinekeep.model.config import Deployment
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.config.storage import AuditLogs, NewBucket, ObjectLock
from pinekeep.model.facts.pinecone import AUDIT_TEST_OBJECT, STORAGE_ACCOUNT
from pinekeep.model.naming import Output
from pinekeep.operations.audit.local import local_files
from pinekeep.operations.audit.querying import run_query
from pinekeep.operations.demonstration.actors import require_refusal
from pinekeep.operations.demonstration.steps import Steps, SurpriseError

_TRAIL: Final = "demonstration"
_QUEUE: Final = "on-call"
_QUERY: Final = "who-deleted-index"
_DENIED: Final = "AccessDenied"
_EVENT: Final[Mapping[str, Any]] = {
    "id": "5f0c2f6e-8a44-4a0e-9f57-0c1d6a3b7e21",
    "organization_id": "demonstration",
    "organization_name": "Demonstration",
    "client": {"userAgent": "console"},
    "actor": {
        "principal_id": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
        "principal_name": "someone@example.com",
        "principal_type": "user",
    },
    "event": {
        "time": "2026-11-30T09:30:00Z",
        "action": "delete",
        "resource_type": "index",
        "resource_id": "products",
        "outcome": {"result": "success"},
    },
}
"""An audit event in the form that Pinecone documents."""


def with_watch(name: str, deployment: Deployment) -> Deployment:
    """Return the deployment with audit logs in a locked bucket and monitoring, for an example that has none."""
    lock = ObjectLock(mode="compliance", days=1, i_understand="irreversible")
    bucket = NewBucket(name=f"{name}-{deployment.account}-audit-logs", lock=lock)
    return deployment.model_copy(update={"audit_logs": AuditLogs(bucket=bucket), "monitoring": Monitoring()})


@dataclass(frozen=True, kw_only=True)
class WatchDemonstration:
    """Shows the audit logs and the monitoring of a deployment that has both."""

    embedded: EmbeddedAws
    steps: Steps
    deployment: Deployment
    clients: Clients
    outputs: Mapping[str, str]

    def show(self) -> None:
        """Show all of it. Raises SurpriseError if a file can be altered, or no message arrives."""
        self._show_audit_logs()
        self._show_message()

    def _show_audit_logs(self) -> None:
        bucket = self.outputs[Output.AUDIT_BUCKET]
        key = "2026-11-30T09-30.json"
        with self.steps.step("as Pinecone's account for S3, write audit logs") as seen:
            s3 = self._as_pinecone()
            s3.put_object(Bucket=bucket, Key=AUDIT_TEST_OBJECT, Body=b"")
            version = s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(_EVENT).encode())["VersionId"]
            seen.append(f"{key} in {bucket}")
        owner = self.clients.client("s3")
        one = {"Bucket": bucket, "Key": key}
        for what, call in (
            ("Pinecone reads an audit log", partial(s3.get_object, **one)),
            ("the account's root user deletes an audit log", partial(owner.delete_object, **one, VersionId=version)),
            ("the account's root user writes an audit log", partial(owner.put_object, **one, Body=b"{}")),
        ):
            with self.steps.step(f"refused: {what}") as seen:
                seen.append(require_refusal(call, _DENIED))
        with self.steps.step(f"`pinekeep audit query {_QUERY}`") as seen:
            seen.append(self._asked(bucket))

    def _asked(self, bucket: str) -> str:
        """Run a saved query over the bucket and return its only row. Raises SurpriseError for any other result."""
        with scratch_folder() as folder:
            objects, work = folder / "objects", folder / "work"
            objects.mkdir()
            work.mkdir()
            files = local_files(BucketStore(self.clients, bucket, ""), objects, place=bucket)
            query = QUERIES[_QUERY]
            rows = run_query(query, files, work, values=query.values({})).rows
        shown = [", ".join(str(value) for value in row if value is not None) for row in rows]
        if len(shown) != 1 or str(_EVENT["actor"]["principal_name"]) not in shown[0]:
            raise SurpriseError(f"{len(shown)} rows instead of one: {'; '.join(shown)}")
        return shown[0]

    def _as_pinecone(self) -> Any:
        sts = self.embedded.session(STORAGE_ACCOUNT).client("sts")
        role = sts.assume_role(RoleArn=self.outputs[Output.AUDIT_ROLE_ARN], RoleSessionName=_TRAIL)
        session = self.embedded.session(credentials=role["Credentials"], region=self.deployment.region)
        return session.client("s3")

    def _show_message(self) -> None:
        read = self._subscribe()
        kms, key = self.clients.client("kms"), self.outputs[Output.KEY_ARN]
        with self.steps.step("somebody disables the key: a message arrives") as seen:
            kms.disable_key(KeyId=key)
            found = [each for each in read() if key in each]
            if len(found) != 1:
                raise SurpriseError(f"{len(found)} messages have arrived instead of one")
            seen.append(found[0].splitlines()[0].strip('"'))
        with self.steps.step("enable it again"):
            kms.enable_key(KeyId=key)

    def _subscribe(self) -> Callable[[], Sequence[str]]:
        """Subscribe a queue to the topic; return a function that returns the messages in it."""
        sqs, topic = self.clients.client("sqs"), self.outputs[Output.MONITORING_TOPIC_ARN]
        arn = f"{topic.replace(':sns:', ':sqs:').rpartition(':')[0]}:{_QUEUE}"
        sender = {"Service": "sns.amazonaws.com"}
        statement = {"Effect": "Allow", "Principal": sender, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        url = sqs.create_queue(QueueName=_QUEUE, Attributes={"Policy": policy})["QueueUrl"]
        self.clients.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

        def read() -> list[str]:
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            return [json.loads(each["Body"])["Message"] for each in found]

        return read


def begin_trail(clients: Clients) -> None:
    """Have a trail record the account's API calls: without one, EventBridge receives none."""
    bucket = f"{_TRAIL}-trail"
    clients.client("s3").create_bucket(Bucket=bucket)
    trails = clients.client("cloudtrail")
    trails.create_trail(Name=_TRAIL, S3BucketName=bucket, IsMultiRegionTrail=True)
    trails.start_logging(Name=_TRAIL)
