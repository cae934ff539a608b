"""Reads of VPC flow logs in CloudWatch Logs, and of what tells the endpoint's traffic in them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.answers import outputs_of, physical_ids, says_absent
from pinekeep.account.reads.calls import call
from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.naming import Output

SKIPPED: Final = "SKIPDATA"
"""The status of a record that stands for those that AWS left out."""


def own_log_group(name: str, clients: Clients) -> str:
    """Return the log group of the flow logs of a deployment's own VPC. One call.

    Raises:
        WrongInputError: it has none.
        AwsRefusedError: AWS refuses the call.
    """
    hint = "name the log group of the VPC's flow logs with --flow-logs, or files with --from"
    with refusals_told():
        try:
            found = call(clients, "cloudformation:DescribeStackResources", StackName=naming.private_link_stack(name))
        except Exception as error:
            if code_of(error) != "ValidationError":
                raise
            raise WrongInputError(f"{name}: the endpoint is not deployed", hint=hint) from None
    groups = physical_ids(found["StackResources"], "AWS::Logs::LogGroup")
    if not groups:
        raise WrongInputError(f"{name}: the deployment's stack has no flow logs; its VPC existed before", hint=hint)
    return groups[0]


def endpoint_interfaces(name: str, clients: Clients) -> list[str]:
    """Return the IDs of the network interfaces of a deployment's endpoints; none where it has none. Two calls."""
    with refusals_told():
        try:
            stack = call(clients, "cloudformation:DescribeStacks", StackName=naming.private_link_stack(name))
        except Exception as error:
            if code_of(error) != "ValidationError":
                raise
            return []
        outputs = outputs_of(stack["Stacks"][0])
        known = {outputs.get(each) for each in (Output.VPC_ENDPOINT_ID, Output.STANDBY_VPC_ENDPOINT_ID)} - {None}
        if not known:
            return []
        wanted = [{"Name": "vpc-endpoint-id", "Values": sorted(map(str, known))}]
        found = call(clients, "ec2:DescribeVpcEndpoints", Filters=wanted)
    return [interface for each in found["VpcEndpoints"] for interface in each.get("NetworkInterfaceIds") or []]


def flow_log_lines(clients: Clients, group: str, *, since: datetime, port: int) -> Iterator[tuple[str, str]]:
    """Yield the records of a log group that name a port, each with its place. One call for each page.

    Records of status ``SKIPDATA`` follow, at most one page of them.

    Raises:
        WrongInputError: there is no such log group.
        AwsRefusedError: AWS refuses a call.
    """
    yield from _matching(clients, group, str(port), since=since)
    yield from _matching(clients, group, SKIPPED, since=since, pages=1)


def _matching(
    clients: Clients, group: str, pattern: str, *, since: datetime, pages: int | None = None
) -> Iterator[tuple[str, str]]:
    arguments: dict[str, Any] = {
        "logGroupName": group,
        "filterPattern": pattern,
        "startTime": int(since.timestamp() * 1000),
    }
    while pages is None or pages > 0:
        with refusals_told():
            try:
                page = call(clients, "logs:FilterLogEvents", **arguments)
            except Exception as error:
                if not says_absent(error) and code_of(error) != "ResourceNotFoundException":
                    raise
                raise WrongInputError(
                    f"there is no log group {group} in {clients.region}",
                    hint="`aws logs describe-log-groups` lists the log groups",
                ) from None
        for event in page["events"]:
            yield f"{group}/{event.get('logStreamName', '')}", event["message"]
        token = page.get("nextToken")
        if not token or token == arguments.get("nextToken"):
            return
        arguments["nextToken"] = token
        pages = None if pages is None else pages - 1
