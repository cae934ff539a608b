"""The client check inside the endpoint's VPC, by a Lambda function that is removed again.

Everything is named after the deployment, so that a later run finds and removes what an interrupted one left.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.answers import outputs_of
from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import DEPLOYMENT_TAG, Output
from pinekeep.model.output.connectivity import PrivateLinkCheckOutput
from pinekeep.operations.connectivity.script import script

RUNTIME: Final = "python3.13"
_MODULE: Final = "pinekeep_client_check"
_HANDLER: Final = f"""\
import {_MODULE} as check


def handler(event, context):
    return check.check(check.Options(host=event["host"], endpoint=event["endpoint"], timeout="2")).as_json()
"""
_FUNCTION_SECONDS: Final = 18
"""Below the time in which a client must receive an answer, so that no call is repeated."""
_ROLE_SECONDS: Final = 90
_ACTIVE_SECONDS: Final = 300
_PAUSE: Final = 3.0
_POLICY: Final = "network-interfaces"
_INTERFACE_ACTIONS: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
"""Those of AWSLambdaVPCAccessExecutionRole, without its permissions for logs: no log group is left behind."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the probe runs. ``own_group``: the endpoint's security group if the stack made it."""

    vpc_id: str
    subnet_ids: tuple[str, ...]
    own_group: str | None
    dns_name: str | None


def place_of(name: str, clients: Clients) -> Place:
    """Return the place of a deployed endpoint. Two calls.

    Raises WrongInputError if it is not deployed; AwsRefusedError if AWS refuses a call.
    """
    missing = WrongInputError(f"{name}: the endpoint is not deployed", hint=f"pinekeep deploy --deployment {name}")
    with refusals_told():
        try:
            stack = clients.client("cloudformation").describe_stacks(StackName=naming.private_link_stack(name))
        except Exception as error:
            if code_of(error) == "ValidationError":
                raise missing from None
            raise
        outputs = outputs_of(stack["Stacks"][0])
        endpoint_id = outputs.get(Output.VPC_ENDPOINT_ID)
        if not endpoint_id:
            raise missing
        asked = [{"Name": "vpc-endpoint-id", "Values": [endpoint_id]}]
        found = clients.client("ec2").describe_vpc_endpoints(Filters=asked)["VpcEndpoints"]
    if not found:
        raise missing
    entries = found[0].get("DnsEntries") or [{}]
    return Place(
        vpc_id=found[0]["VpcId"],
        subnet_ids=tuple(found[0]["SubnetIds"]),
        own_group=outputs.get(Output.SECURITY_GROUP_ID),
        dns_name=entries[0].get("DnsName"),
    )


class Probe:
    """A function in the endpoint's VPC with its role and security group. ``pause`` waits for some seconds."""

    def __init__(
        self,
        name: str,
        deployment: Deployment,
        place: Place,
        clients: Clients,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = naming.probe_name(name)
        self._deployment = deployment
        self._place = place
        self._pause = pause
        self._tags = {DEPLOYMENT_TAG: name, "Name": self.name}
        self._lambda = clients.client("lambda")
        self._iam = clients.client("iam")
        self._ec2 = clients.client("ec2")

    def run(self, host: str) -> PrivateLinkCheckOutput:
        """Make the function, check the way to a host, and return the result. The caller removes the probe.

        ``host``: the private or public name of the index. Raises AwsRefusedError if AWS refuses a call; PinekeepError
        if the function does not start or fails.
        """
        with refusals_told():
            group = self._make_group()
            role = self._make_role()
            self._make_function(role, group)
            self._wait_until_active()
            endpoint = [self._place.dns_name] if self._place.dns_name else []
            payload = json.dumps({"host": host, "endpoint": endpoint}).encode()
            answer = self._lambda.invoke(FunctionName=self.name, Payload=payload)
            result = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise PinekeepError("the check in the VPC failed before it had a result", hint="run the probe again")
        return PrivateLinkCheckOutput.model_validate_json(result)

    def remove(self) -> list[str]:
        """Remove what this run or an earlier one made, in reverse order; return what could not be removed yet.

        Lambda deletes the network interfaces with the function's role, so the role stays as long as the security group
        is in use. Raises AwsRefusedError if AWS refuses a call; the other steps are then tried as well.
        """
        errors: list[AwsRefusedError] = []
        self._tried(errors, lambda: self._lambda.delete_function(FunctionName=self.name), "ResourceNotFoundException")
        group = self._tried(errors, self._find_group)
        if group:
            if self._place.own_group:
                rule = self._rule(group)
                self._tried(
                    errors,
                    lambda: self._ec2.revoke_security_group_ingress(**rule),
                    "InvalidPermission.NotFound",
                    "InvalidGroup.NotFound",
                )
            if self._tried(errors, lambda: self._delete_group(group)) is False:
                if errors:
                    raise errors[0]
                return [f"security group {group}", f"role {self.name}"]
        if not errors:
            policy = {"RoleName": self.name, "PolicyName": _POLICY}
            self._tried(errors, lambda: self._iam.delete_role_policy(**policy), "NoSuchEntity", "NoSuchEntityException")
            gone = ("NoSuchEntity", "NoSuchEntityException")
            self._tried(errors, lambda: self._iam.delete_role(RoleName=self.name), *gone)
        if errors:
            raise errors[0]
        return []

    # --- Making ---

    def _make_group(self) -> str:
        group = self._find_group()
        if group is None:
            tags = [{"Key": key, "Value": value} for key, value in self._tags.items()]
            group = self._ec2.create_security_group(
                GroupName=self.name,
                Description="Temporary: pinekeep private-link probe",
                VpcId=self._place.vpc_id,
                TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
            )["GroupId"]
        if self._place.own_group:
            try:
                self._ec2.authorize_security_group_ingress(**self._rule(group))
            except Exception as error:
                if code_of(error) != "InvalidPermission.Duplicate":
                    raise
        return str(group)

    def _make_role(self) -> str:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
        boundary = self._deployment.permissions_boundary
        more = {"PermissionsBoundary": boundary} if boundary else {}
        path = self._deployment.iam_path
        arn = f"arn:aws:iam::{self._deployment.account}:role{path}{self.name}"
        try:
            self._iam.create_role(
                RoleName=self.name,
                Path=path,
                AssumeRolePolicyDocument=json.dumps(trust),
                Tags=[{"Key": key, "Value": value} for key, value in self._tags.items()],
                **more,
            )
        except Exception as error:
            if code_of(error) not in ("EntityAlreadyExists", "EntityAlreadyExistsException"):
                raise
        allowed = {"Effect": "Allow", "Action": list(_INTERFACE_ACTIONS), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self._iam.put_role_policy(RoleName=self.name, PolicyName=_POLICY, PolicyDocument=document)
        return arn

    def _make_function(self, role: str, group: str) -> None:
        left = _ROLE_SECONDS
        while True:
            try:
                self._lambda.create_function(
                    FunctionName=self.name,
                    Runtime=RUNTIME,
                    Handler="probe.handler",
                    Role=role,
                    Code={"ZipFile": archive()},
                    Timeout=_FUNCTION_SECONDS,
                    MemorySize=256,
                    VpcConfig={"SubnetIds": list(self._place.subnet_ids), "SecurityGroupIds": [group]},
                    Tags=self._tags,
                )
            except Exception as error:
                # IAM takes some seconds until Lambda can assume a new role.
                if code_of(error) != "InvalidParameterValueException" or left <= 0:
                    raise
                left -= _PAUSE
                self._pause(_PAUSE)
            else:
                return

    def _wait_until_active(self) -> None:
        left = _ACTIVE_SECONDS
        while True:
            found = self._lambda.get_function_configuration(FunctionName=self.name)
            state = found.get("State", "Active")
            if state == "Active":
                return
            if state != "Pending" or left <= 0:
                why = found.get("StateReason") or f"it is {state}"
                raise PinekeepError(f"Lambda did not start the function {self.name}: {why}", hint="run the probe again")
            left -= _PAUSE
            self._pause(_PAUSE)

    # --- Security groups, removal ---

    def _find_group(self) -> str | None:
        wanted = {"group-name": self.name, "vpc-id": self._place.vpc_id, "tag:Name": self.name}
        asked = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
        found = self._ec2.describe_security_groups(Filters=asked)["SecurityGroups"]
        return str(found[0]["GroupId"]) if found else None

    def _rule(self, group: str) -> dict[str, Any]:
        port = pinecone.PRIVATE_ENDPOINT_PORT
        pair = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": group}]}
        return {"GroupId": self._place.own_group, "IpPermissions": [pair]}

    def _delete_group(self, group: str) -> bool:
        """Return whether the group is gone; it is not while a network interface has it."""
        try:
            self._ec2.delete_security_group(GroupId=group)
        except Exception as error:
            if code_of(error) == "DependencyViolation":
                return False
            if code_of(error) != "InvalidGroup.NotFound":
                raise
        return True

    @staticmethod
    def _tried(errors: list[AwsRefusedError], step: Callable[[], Any], *absent: str) -> Any:
        try:
            with refusals_told():
                try:
                    return step()
                except Exception as error:
                    if code_of(error) in absent:
                        return None
                    raise
        except AwsRefusedError as error:
            errors.append(error)
            return None


def archive() -> bytes:
    """Return the function's code: the client check, and the handler that runs it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for file, text in ((f"{_MODULE}.py", script()), ("probe.py", _HANDLER)):
            entry = zipfile.ZipInfo(file, date_time=(2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            made.writestr(entry, text)
    return buffer.getvalue()
