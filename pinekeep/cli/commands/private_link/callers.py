"""``pinekeep private-link callers``: who connects to Pinecone over the internet."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, access_to, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinekeep.account.client.clients import Clients

_DAYS: Final = 14
_DAYS_MAX: Final = 3650
_FILE: Final = click.Path(path_type=Path)


@verb("callers")
@click.option("--host", "hosts", metavar="HOST", multiple=True, help="The public host of an index; resolved here.")
@click.option(
    "--public-address", "addresses", metavar="CIDR", multiple=True, help="A public address or network of that host."
)
@click.option("--endpoint-address", metavar="IP", multiple=True, help="An address of the endpoint.")
@click.option(
    "--flow-logs", "group", metavar="GROUP", help="The CloudWatch log group.  [default: that of the deployment's VPC]"
)
@click.option("--from", "files", type=_FILE, multiple=True, help="A file of flow logs, in place of CloudWatch.")
@click.option("--format", "format_", metavar="FIELDS", help="The fields of the flow logs.  [default: AWS's default]")
@click.option(
    "--days",
    type=click.IntRange(1, _DAYS_MAX),
    default=_DAYS,
    help="How far to look back in CloudWatch.  [default: 14]",
)
@click.option("--audit-logs", type=_FILE, help="A folder with Pinecone's audit logs.")
def command(
    *,
    selection: Selection,
    hosts: tuple[str, ...],
    addresses: tuple[str, ...],
    endpoint_address: tuple[str, ...],
    group: str | None,
    files: tuple[Path, ...],
    format_: str | None,
    days: int,
    audit_logs: Path | None,
) -> int:
    """Show who a restriction to private endpoints would cut off.

    Reads VPC flow logs, from CloudWatch Logs or from files, and lists the callers that connect to the index's public
    addresses, beside those that use the endpoint. With --audit-logs, also lists the principals that are active in
    Pinecone. Changes nothing. Exit code 1: there are callers over the internet.
    """
    from pinekeep.model.facts import pinecone  # noqa: PLC0415
    from pinekeep.operations.connectivity.addresses import vpc_addresses  # noqa: PLC0415
    from pinekeep.operations.connectivity.audit_activity import AuditActivity  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.connectivity.callers import (  # noqa: PLC0415
        Callers,
        callers_output,
        callers_text,
        public_addresses_of,
        public_networks,
    )
    from pinekeep.operations.connectivity.flow_logs import (  # noqa: PLC0415
        FlowLogParser,
        Reading,
        fields_of,
        lines_of_file,
    )

    if group and files:
        raise click.UsageError("--flow-logs and --from exclude each other")
    if files and selection.names:
        raise click.UsageError("--from and --deployment exclude each other")
    with_flows = bool(group or files or hosts or addresses or not audit_logs)
    public = public_networks(addresses)
    for host in hosts:
        public += public_addresses_of(host)
    if with_flows and not public:
        raise WrongInputError(
            "the public addresses of the index's host are needed to find its callers",
            hint="give the host with --host, or its addresses with --public-address",
        )
    endpoint = list(map(str, vpc_addresses(endpoint_address, option="--endpoint-address")))
    fields = fields_of(format_) if format_ else None
    reading, audited = Reading(), Reading()
    activity = None
    if audit_logs is not None:
        activity = AuditActivity(audited)
        activity.read(audit_logs)
    callers = None
    if with_flows:
        interfaces: list[str] = []
        if files:
            # Each file has a format of its own.
            sources = [lines_of_file(path, reading) for path in files]
        else:
            name, clients = _account(selection)
            interfaces, lines = _cloudwatch(name, clients, group, days)
            sources = [lines]
        callers = Callers(public=public, endpoint=endpoint, interfaces=interfaces)
        with spinner("Reading the flow logs"):
            for lines in sources:
                callers.add(FlowLogParser(reading, fields=fields).parse(lines, port=pinecone.PRIVATE_ENDPOINT_PORT))
    output = callers_output(
        callers=callers,
        public=public,
        flow_logs=reading,
        principals=activity.principals if activity else None,
        audit_logs=audited,
    )
    selection.write(output, lambda: write(callers_text(output), verbatim=True))
    return ExitCode.CHECK_FAILED if output.cut_off else ExitCode.FINE


def _account(selection: Selection) -> "tuple[str, Clients]":
    """Return the one deployment with an endpoint that is selected, and the clients of its account."""
    _, selected = selection.read()
    deployments = {name: each for name, each in selected.items() if each.private_link is not None}
    if len(deployments) != 1:
        raise WrongInputError(
            f"the flow logs of one deployment with an endpoint are read, and there are {len(deployments)} here",
            hint=f"add --deployment {next(iter(deployments), 'NAME')}, or give files with --from",
        )
    ((name, deployment),) = deployments.items()
    access = access_to(deployments)
    access.require_accounts(deployments)
    return name, access.clients_for(deployment)


def _cloudwatch(
    name: str, clients: "Clients", group: str | None, days: int
) -> "tuple[list[str], Iterator[tuple[str, str]]]":
    """Return the endpoint's network interfaces, and the records in CloudWatch Logs."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    from pinekeep.account.reads.flow_logs import (  # noqa: PLC0415
        endpoint_interfaces,
        flow_log_lines,
        own_log_group,
    )
    from pinekeep.model.facts import pinecone  # noqa: PLC0415

    interfaces = endpoint_interfaces(name, clients)
    found = group or own_log_group(name, clients)
    since = datetime.now(UTC) - timedelta(days=days)
    return interfaces, flow_log_lines(clients, found, since=since, port=pinecone.PRIVATE_ENDPOINT_PORT)
