"""A deployment with audit logs and monitoring on the embedded AWS, and the queue of somebody who is notified."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.config import load
from pinekeep.model.facts.pinecone import STORAGE_ACCOUNT
from pinekeep.operations.demonstration.actors import Caller
from pinekeep.operations.synthesis.assembly import synthesize

ACCOUNT, REGION, GLOBAL = "444455556666", "eu-west-1", "us-east-1"
NAME, BUCKET, TRAIL_BUCKET, LOG_GROUP = "watched", "watched-audit-logs", "watched-trail", "watched-calls"
PINECONE, EXTERNAL_ID = "740000000002", "6d1f0b7e-52c9-4e0d-9a3f-1c7b8a2e4d55"
CONFIGURATION = f"""\
version: 1
pinecone_account: "{PINECONE}"
deployments:
  {NAME}:
    account: "{ACCOUNT}"
    region: {REGION}
    cmek:
      trust:
        regions: [us-east-1]
        external_id: {EXTERNAL_ID}
    audit_logs:
      bucket:
        name: {BUCKET}
        lock: {{mode: compliance, days: 1, i_understand: irreversible}}
      prefix: logs
    monitoring:
      denied_use: metric-filter
      trail_log_group: {LOG_GROUP}
"""
STACKS = {"Cmek": REGION, "Storage": REGION, "Monitoring": REGION, "MonitoringGlobal": GLOBAL}
"""The stacks of the deployment, in the order of their creation, with their Regions."""


class Watched:
    """The deployment, with a trail that records the account's calls.

    Attributes:
        file: its configuration file.
        outputs: the outputs of all its stacks.
    """

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self._aws = aws
        self.outputs: dict[str, str] = {}
        self.file = folder / "pinekeep.yaml"
        self.file.write_text(CONFIGURATION)
        configuration = load(self.file)
        synthesize(configuration, configuration.content.deployments, folder=folder / "templates")
        self._begin_trail()
        root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        self._administrator = self._create_role("watched-administrator", root, action="*")
        for stack, region in STACKS.items():
            name = f"Pinekeep-{NAME}-{stack}"
            self.outputs |= self._create(name, region, folder / "templates" / f"{name}.template.json")
        self._queue = self._subscribe()
        self.messages()  # the subscription itself is a change of the topic

    def client(self, service: str, *, region: str = REGION) -> Any:
        """Return a client of the account's root user."""
        return self._aws.session(ACCOUNT, region=region).client(service)

    def pinecone(self, service: str) -> Any:
        """Return a client of the audit role, assumed from Pinecone's S3 account."""
        sts = self._aws.session(STORAGE_ACCOUNT, region=REGION).client("sts")
        role = sts.assume_role(RoleArn=self.outputs["AuditRoleArn"], RoleSessionName="pinecone")
        return self._aws.session(credentials=role["Credentials"], region=REGION).client(service)

    def pinecone_with_the_key(self) -> Any:
        """Return a KMS client of the role that Pinecone assumes to use the key."""
        caller = Caller(aws=self._aws, account=PINECONE, role_name="pinecone_cmek_access_us-east-1")
        role = caller.assume_role(self.outputs["RoleArn"], external_id=EXTERNAL_ID)
        return self._aws.session(credentials=role, region=REGION).client("kms")

    def administrator(self, service: str) -> Any:
        """Return a client of a role that may do everything."""
        arn = self._administrator
        role = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="administrator")
        return self._aws.session(credentials=role["Credentials"], region=REGION).client(service)

    def messages(self) -> list[str]:
        """Return the messages that have been sent since they were last read."""
        return [json.loads(body)["Message"] for body in self._read(self._queue)]

    def dead_letters(self) -> list[Any]:
        """Return the events that could not be delivered since they were last read."""
        sqs = self.client("sqs")
        urls = [each for each in sqs.list_queues()["QueueUrls"] if f"Pinekeep-{NAME}" in each]
        return [json.loads(body) for url in urls for body in self._read(url)]

    def _read(self, url: str) -> list[str]:
        sqs = self.client("sqs")
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for each in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in found]

    def _begin_trail(self) -> None:
        self.client("s3", region=GLOBAL).create_bucket(Bucket=TRAIL_BUCKET)
        self.client("logs").create_log_group(logGroupName=LOG_GROUP)
        group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{LOG_GROUP}:*"
        role = self._create_role(
            "watched-trail", {"Service": "cloudtrail.amazonaws.com"}, action="logs:PutLogEvents", resource=group
        )
        trails = self.client("cloudtrail")
        trails.create_trail(
            Name="all",
            S3BucketName=TRAIL_BUCKET,
            IsMultiRegionTrail=True,
            CloudWatchLogsLogGroupArn=group,
            CloudWatchLogsRoleArn=role,
        )
        trails.start_logging(Name="all")
        for region in (REGION, GLOBAL):
            name = "/cdk-bootstrap/hnb659fds/version"
            self.client("ssm", region=region).put_parameter(Name=name, Value="30", Type="String")

    def _create_role(self, name: str, principal: Mapping[str, str], *, action: str, resource: str = "*") -> str:
        iam = self.client("iam")
        trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
        may = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(may))
        return str(made["Arn"])

    def _create(self, name: str, region: str, template: Path) -> Mapping[str, str]:
        # That of the rules is larger than a request to CloudFormation may be.
        self.client("s3", region=GLOBAL).put_object(Bucket=TRAIL_BUCKET, Key=name, Body=template.read_bytes())
        cloudformation = self.client("cloudformation", region=region)
        cloudformation.create_stack(
            StackName=name,
            TemplateURL=f"https://s3.{GLOBAL}.amazonaws.com/{TRAIL_BUCKET}/{name}",
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        while (stack := cloudformation.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"].endswith(
            "PROGRESS"
        ):
            time.sleep(0.02)
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        failed = [each["ResourceStatusReason"] for each in events if each["ResourceStatus"].endswith("FAILED")]
        assert stack["StackStatus"] == "CREATE_COMPLETE", (name, failed)
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def _subscribe(self) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        made = self.client("sqs").create_queue(QueueName="on-call", Attributes={"Policy": policy})
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:on-call"
        topic = self.outputs["MonitoringTopicArn"]
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        return str(made["QueueUrl"])
