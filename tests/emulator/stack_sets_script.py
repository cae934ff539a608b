"""A sequence of calls about a self-managed stack set, which another emulator answers too.

The same calls, the same observations: what is left out are IDs, times and the order of lists.
"""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.emulator.stack_sets_support import by_key, template, values

Clients = Callable[[str, str | None], Any]
"""From a service and an account, None for the administrator's, to a client in us-east-1."""
Observations = dict[str, Any]

NAME: Final = "witness"
REGION: Final = "us-east-1"
FIRST, SECOND, STRANGER = "330000000001", "330000000002", "330000000003"
_ROLE: Final = "AWSCloudFormationStackSet{}Role"
_ENDED: Final = ("SUCCEEDED", "FAILED", "STOPPED")


def play(clients: Clients) -> Observations:
    """Make the calls. Returns what was observed after each step."""
    seen: Observations = {}
    administrator = clients("cloudformation", None)
    _make_roles(clients)

    def run(call: str, **given: Any) -> None:
        answer = getattr(administrator, call)(StackSetName=NAME, **given)
        deadline = time.monotonic() + 20
        while answer.get("OperationId") and time.monotonic() < deadline:
            operation = administrator.describe_stack_set_operation(
                StackSetName=NAME, OperationId=answer["OperationId"]
            )["StackSetOperation"]
            if operation["Status"] in _ENDED:
                return
            time.sleep(0.005)

    def observe(step: str, *accounts: str) -> None:
        """Look at the set, its instances, and the queues of some accounts."""
        described = administrator.describe_stack_set(StackSetName=NAME)["StackSet"]
        instances = administrator.list_stack_instances(StackSetName=NAME)["Summaries"]
        seen[f"{step}: set"] = {
            "Status": described["Status"],
            "PermissionModel": described["PermissionModel"],
            "Parameters": by_key(described["Parameters"]),
            "Tags": {each["Key"]: each["Value"] for each in described["Tags"]},
            "Resources": sorted(json.loads(described["TemplateBody"])["Resources"]),
        }
        seen[f"{step}: instances"] = {
            each["Account"]: [each["Status"], each["StackInstanceStatus"]["DetailedStatus"]] for each in instances
        }
        seen[f"{step}: overrides"] = {each["Account"]: _overrides(administrator, each["Account"]) for each in instances}
        for account in accounts:
            seen[f"{step}: queues of {account}"] = _queues(clients("sqs", account))

    administrator.create_stack_set(
        StackSetName=NAME,
        TemplateBody=template(),
        Parameters=values(Name=f"{NAME}-queue", Kind="plain"),
        Tags=[{"Key": "team", "Value": "search"}],
    )
    observe("created")
    twice = {"StackSetName": f"{NAME}-twice", "TemplateBody": template(), "Parameters": values(Name="twice")}
    administrator.create_stack_set(**twice)
    seen["same name"] = _refusal(lambda: administrator.create_stack_set(**twice))
    run(
        "create_stack_instances",
        Accounts=[FIRST],
        Regions=[REGION],
        ParameterOverrides=values(Kind="gold", Name="gold"),
    )
    run("create_stack_instances", Accounts=[SECOND], Regions=[REGION])
    observe("with instances", FIRST, SECOND)
    run(
        "create_stack_instances",
        Accounts=[FIRST],
        Regions=[REGION],
        ParameterOverrides=values(Kind="silver", Name="silver"),
    )
    observe("made again", FIRST)
    seen["refusals"] = _refusals(administrator)
    run(
        "update_stack_instances",
        Accounts=[SECOND],
        Regions=[REGION],
        ParameterOverrides=values(Kind="gold", Name="second"),
    )
    observe("with an override", SECOND)
    more = {"More": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{NAME}-more"}}}
    run(
        "update_stack_set",
        TemplateBody=template(resources=more),
        Parameters=values(Name=f"{NAME}-queue", Kind="silver"),
        Tags=[{"Key": "team", "Value": "find"}],
        Accounts=[FIRST],
        Regions=[REGION],
    )
    observe("with a new template", FIRST, SECOND)
    operations = administrator.list_stack_set_operations(StackSetName=NAME)["Summaries"]
    seen["operations"] = sorted([each["Action"], each["Status"]] for each in operations)
    seen["not empty"] = _refusal(lambda: administrator.delete_stack_set(StackSetName=NAME))
    run("delete_stack_instances", Accounts=[FIRST], Regions=[REGION], RetainStacks=False)
    observe("with one instance", FIRST)
    run("delete_stack_instances", Accounts=[SECOND], Regions=[REGION], RetainStacks=True)
    observe("without instances", SECOND)
    administrator.delete_stack_set(StackSetName=NAME)
    seen["deleted"] = {
        each["StackSetName"]: each["Status"]
        for each in administrator.list_stack_sets()["Summaries"]
        if each["StackSetName"] == NAME
    }
    return dict(json.loads(json.dumps(seen)))


def _refusals(administrator: Any) -> Observations:
    given: dict[str, Any] = {"StackSetName": NAME, "Regions": [REGION]}
    unit = {"OrganizationalUnitIds": ["ou-abcd-12345678"]}
    return {
        "unknown set": _refusal(lambda: administrator.describe_stack_set(StackSetName="unknown")),
        "unknown instance": _refusal(lambda: administrator.update_stack_instances(Accounts=[STRANGER], **given)),
        "unknown override": _refusal(
            lambda: administrator.update_stack_instances(
                Accounts=[SECOND], ParameterOverrides=values(Other="o"), **given
            )
        ),
        "units": _refusal(lambda: administrator.create_stack_instances(DeploymentTargets=unit, **given)),
    }


def _refusal(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def _overrides(administrator: Any, account: str) -> dict[str, str]:
    asked = {"StackSetName": NAME, "StackInstanceAccount": account, "StackInstanceRegion": REGION}
    return by_key(administrator.describe_stack_instance(**asked)["StackInstance"].get("ParameterOverrides", []))


def _queues(sqs: Any) -> dict[str, str]:
    """The kind of each queue, by its name."""
    urls = sqs.list_queues().get("QueueUrls", [])
    return {url.rpartition("/")[2]: sqs.list_queue_tags(QueueUrl=url).get("Tags", {}).get("kind", "") for url in urls}


def _make_roles(clients: Clients) -> None:
    administrator = clients("sts", None).get_caller_identity()["Account"]
    for account, kind, trusted in (
        (None, "Administration", {"Service": "cloudformation.amazonaws.com"}),
        *((each, "Execution", {"AWS": f"arn:aws:iam::{administrator}:root"}) for each in (FIRST, SECOND)),
    ):
        iam, name = clients("iam", account), _ROLE.format(kind)
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_policy(allow))


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
