"""What CloudFormation is asked for: the change set that the CDK command line would ask for. Pure but for reading files.

Source: the request that aws-cdk 2.1148.1 sends for ``deploy --method=prepare-change-set``; a test holds the two against
each other. The one difference is where the template is: the command line puts it into the bootstrap's bucket first, and
here it is in the request, which CloudFormation treats alike.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from pinekeep.model.facts import aws

BODY_BYTES_MAX: Final = 51_200
"""The largest template that a request holds. Source: CloudFormation quotas, docs.aws.amazon.com, checked 2026-11-29."""

_CAPABILITIES: Final = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_STACK: Final = "aws:cloudformation:stack"
_ASSETS: Final = "cdk:asset-manifest"


def change_set_request(
    assembly: Path, stack: str, *, is_new: bool, parameters: Collection[str], revert_drift: bool
) -> dict[str, Any] | None:
    """Return the arguments of ``create_change_set`` but for its names, or None where the CDK command line is needed.

    It is needed to publish files and images, and templates that are too large for a request.

    Args:
        is_new: whether nothing was ever deployed to the stack.
        parameters: the names of the parameters that the stack has now.
        revert_drift: whether to undo what was changed behind the stack's back, too.
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
        "RoleARN": _resolved(properties["cloudFormationExecutionRoleArn"]),
        "Tags": [{"Key": key, "Value": value} for key, value in (properties.get("tags") or {}).items()],
        "ImportExistingResources": False,
        "DeploymentConfig": {"Mode": "STANDARD"},
        # CloudFormation takes one or the other.
        **({"DeploymentMode": "REVERT_DRIFT"} if revert_drift else {"IncludeNestedStacks": True}),
    }


def _is_all_of_it(assembly: Path, artifacts: Mapping[str, Any], artifact: Mapping[str, Any]) -> bool:
    """Whether the template is all that a stack is made from, and nothing is set that the request would lack."""
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


def _resolved(arn: str) -> str:
    return arn.replace("${AWS::Partition}", aws.PARTITION)
