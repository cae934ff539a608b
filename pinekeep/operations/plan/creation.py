"""Making one change set: the request, and waiting until CloudFormation has computed it.

Source of the request: the one that aws-cdk 2.1148.1 sends for ``deploy --method=prepare-change-set``; a test compares
the two. The only difference: the command line uploads the template to the bootstrap's bucket first, and here it is in
the request, which CloudFormation treats alike.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.process import Looks
from pinekeep.errors import AwsRefusedError
from pinekeep.model.facts import aws
from pinekeep.model.facts.stack_failures import explained
from pinekeep.operations.plan.changes import ChangeSet, parse_change_set
from pinekeep.operations.plan.cloudformation import GONE, DisturbedError, says_no_stack, wait_for

BODY_BYTES_MAX: Final = 51_200
"""The largest template that a request holds. Source: CloudFormation quotas, docs.aws.amazon.com, checked 2026-11-29."""

_CAPABILITIES: Final = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_STACK: Final = "aws:cloudformation:stack"
_ASSETS: Final = "cdk:asset-manifest"
_SECONDS_TO_CREATE: Final = 600.0
_WORKING: Final = ("CREATE_PENDING", "CREATE_IN_PROGRESS")
_INCOMPLETE: Final = "option can return incomplete ChangeSet data"
"""The warning of CloudFormation that it could not show all values; it may leave out whole changes then.

Source: aws-cdk 2.1148.1, which asks a second time for this reason (github.com/aws/aws-cdk-cli/issues/1780)."""


def change_set_request(
    assembly: Path, stack: str, *, is_new: bool, parameters: Collection[str], revert_drift: bool
) -> dict[str, Any] | None:
    """Return the arguments of ``create_change_set`` but for its name, or None if the CDK command line is needed.

    It is needed to publish files, images, and templates that are too large for a request. ``parameters`` are the names
    of those that the stack has now.
    """
    artifacts: dict[str, Any] = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    artifact = artifacts[stack]
    properties = artifact["properties"]
    if artifact["type"] != _STACK or not _is_all_of_it(assembly, artifacts, artifact):
        return None
    body = (assembly / properties["templateFile"]).read_text()
    if len(body.encode()) > BODY_BYTES_MAX:
        return None
    declared: Mapping[str, Any] = json.loads(body).get("Parameters") or {}
    kept: list[str] = [] if is_new else [each for each in declared if each in parameters]
    if any("Default" not in each for name, each in declared.items() if name not in kept):
        return None
    return {
        "StackName": stack,
        "ChangeSetType": "CREATE" if is_new else "UPDATE",
        "TemplateBody": body,
        "Parameters": [{"ParameterKey": each, "UsePreviousValue": True} for each in kept],
        "Capabilities": list(_CAPABILITIES),
        "RoleARN": properties["cloudFormationExecutionRoleArn"].replace("${AWS::Partition}", aws.PARTITION),
        "Tags": [{"Key": key, "Value": value} for key, value in (properties.get("tags") or {}).items()],
        "ImportExistingResources": False,
        "DeploymentConfig": {"Mode": "STANDARD"},
        # CloudFormation takes one or the other.
        **({"DeploymentMode": "REVERT_DRIFT"} if revert_drift else {"IncludeNestedStacks": True}),
    }


def _is_all_of_it(assembly: Path, artifacts: Mapping[str, Any], artifact: Mapping[str, Any]) -> bool:
    """Whether the request covers everything that the stack is deployed from."""
    properties = artifact["properties"]
    if properties.get("parameters") or properties.get("notificationArns") or properties.get("stackName"):
        return False
    if "cloudFormationExecutionRoleArn" not in properties:
        return False
    for name in artifact.get("dependencies") or ():
        if artifacts[name]["type"] != _ASSETS:
            continue
        assets = json.loads((assembly / artifacts[name]["properties"]["file"]).read_text())
        paths = {each["source"].get("path") for each in (assets.get("files") or {}).values()}
        if assets.get("dockerImages") or paths - {properties["templateFile"]}:
            return False
    return True


def create(client: Any, request: Mapping[str, Any], name: str) -> ChangeSet:
    """Make a change set of this name and return what CloudFormation has computed; it may be empty.

    Raises:
        DisturbedError: somebody else has deleted it.
        AwsRefusedError: CloudFormation cannot compute it, or takes too long.
        botocore.exceptions.ClientError: CloudFormation refuses the request.
    """
    token = uuid4().hex
    made = client.create_change_set(
        **request, ChangeSetName=name, ClientToken=f"create{token}", Description=f"Pinekeep change set {token}"
    )
    stack = str(request["StackName"])

    def look() -> tuple[str, ChangeSet] | None:
        found = describe(client, stack, stack=made["StackId"], change_set=made["Id"])
        return None if found[0] in _WORKING else found

    try:
        status, change_set = wait_for(Looks(f"the change set of stack {stack}", seconds=_SECONDS_TO_CREATE), look)
    except TimeoutError:
        raise AwsRefusedError(
            f"CloudFormation has not worked out the change set of stack {stack} in "
            f"{_SECONDS_TO_CREATE / 60:.0f} minutes",
            hint="run it again later; CloudFormation's console shows the change set",
        ) from None
    if status == "FAILED" and not change_set.is_empty:
        raise _failed(client, change_set)
    return change_set


def describe(client: Any, name: str, *, stack: str, change_set: str) -> tuple[str, ChangeSet]:
    """Return a change set's status and content, all pages of it.

    Raises:
        DisturbedError: it, or its stack, no longer exists.
    """
    try:
        answer = _all_pages(client, StackName=stack, ChangeSetName=change_set, IncludePropertyValues=True)
        if _INCOMPLETE in (answer.get("StatusReason") or ""):
            plain = _all_pages(client, StackName=stack, ChangeSetName=change_set)
            answer["Changes"] = _together(answer["Changes"], plain["Changes"])
    except Exception as error:
        if code_of(error) in GONE or says_no_stack(error):
            raise DisturbedError(name) from None
        raise
    status = str(answer.get("Status") or "")
    if status.startswith("DELETE_"):
        raise DisturbedError(name)
    return status, parse_change_set(name, answer)


def _all_pages(client: Any, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.describe_change_set(**arguments)
    changes = list(answer.get("Changes") or [])
    while answer.get("NextToken"):
        answer = client.describe_change_set(**arguments, NextToken=answer["NextToken"])
        changes += answer.get("Changes") or []
    return {**answer, "Changes": changes}


def _together(detailed: Iterable[dict[str, Any]], plain: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes with values, completed by the plain ones."""
    found = {each["ResourceChange"]["LogicalResourceId"]: each for each in detailed if "ResourceChange" in each}
    for each in plain:
        change = each.get("ResourceChange")
        if change is None:
            continue
        known = found.setdefault(change["LogicalResourceId"], each)["ResourceChange"]
        shown = {_place(detail) for detail in known.get("Details") or ()}
        lacking = [detail for detail in change.get("Details") or () if _place(detail) not in shown]
        known["Details"] = [*(known.get("Details") or ()), *lacking]
    return list(found.values())


def _place(detail: Mapping[str, Any]) -> tuple[Any, ...]:
    target = detail.get("Target") or {}
    return target.get("Attribute"), target.get("Name"), target.get("Path"), detail.get("CausingEntity")


def _failed(client: Any, change_set: ChangeSet) -> AwsRefusedError:
    reasons = [change_set.reason or "it does not say why", *_validation_failures(client, change_set)]
    reason = "; ".join(each.rstrip(".") for each in reasons)
    known = explained(reason)
    why = f"{known.means} ({reason})" if known else reason
    return AwsRefusedError(
        f"CloudFormation cannot make the change set of stack {change_set.stack}: {why}",
        hint=known.hint if known else "nothing was changed; CloudFormation's console shows the stack's events",
    )


def _validation_failures(client: Any, change_set: ChangeSet) -> list[str]:
    """Return the failures of CloudFormation's validation, which the reason of the change set does not name."""
    with suppress(Exception):
        found = client.describe_events(ChangeSetName=change_set.name, Filters={"FailedEvents": True})
        return [
            f"{each['LogicalResourceId']}: {each['ValidationStatusReason']}"
            for each in found.get("OperationEvents") or ()
            if each.get("ValidationStatusReason") and each.get("LogicalResourceId")
        ]
    return []
