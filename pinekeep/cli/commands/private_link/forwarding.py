"""``pinekeep private-link forwarding``: Pinecone's private names on DNS servers outside AWS."""

from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, access_to, log, spinner, verb, write
from pinekeep.errors import WrongInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinekeep.model.config import Configuration, Deployment

_SERVERS: Final = ("bind", "unbound", "windows", "dnsmasq", "coredns")


@verb("forwarding")
@click.option(
    "--server", "servers", type=click.Choice(_SERVERS), multiple=True, help="A DNS server.  [default: all of them]"
)
@click.option(
    "--address",
    "addresses",
    metavar="IP",
    multiple=True,
    help="An address of the Route 53 Resolver inbound endpoint; with `dns: none`, of the endpoint itself.  "
    "[default with `dns: resolver-inbound`: those of the deployed one]",
)
@click.option("--target", metavar="NAME", help="With `dns: none`: the endpoint's DNS name.  [default: from the stack]")
def command(selection: Selection, servers: tuple[str, ...], addresses: tuple[str, ...], target: str | None) -> None:
    """Print the configuration of DNS servers outside AWS.

    For BIND, Unbound, Windows DNS, dnsmasq and CoreDNS: the rule that forwards Pinecone's private names to a Route 53
    Resolver inbound endpoint, given by its addresses. With `dns: none`: the record that leads these names to the
    endpoint. Changes nothing.
    """
    from pinekeep.model.config.models import private_zone_of  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.forwarding import ForwardingOutput  # noqa: PLC0415
    from pinekeep.operations.connectivity.addresses import (  # noqa: PLC0415
        endpoint_name,
        inbound_addresses,
        vpc_addresses,
    )
    from pinekeep.operations.connectivity.forwarding import Server, forwarding_output, forwarding_text  # noqa: PLC0415

    configuration, selected = selection.read()
    deployments = {name: each for name, each in selected.items() if each.private_link is not None}
    if not deployments:
        raise WrongInputError(
            "no deployment here has a private endpoint, so there is no name to resolve",
            hint="add private_link to a deployment, or select another one with --deployment",
        )
    if len(deployments) > 1 and (addresses or target):
        raise WrongInputError(
            f"--address and --target belong to one deployment, and there are {len(deployments)}: "
            f"{', '.join(deployments)}",
            hint=f"add --deployment {next(iter(deployments))}",
        )
    own = {name: each for name, each in deployments.items() if _mode(each) == "none"}
    if target and not own:
        raise WrongInputError(
            "--target goes with `dns: none`; in every other mode the servers forward to a Resolver inbound endpoint",
            hint="give the addresses of the inbound endpoint with --address instead",
        )
    asked = {
        name: each
        for name, each in deployments.items()
        if (name in own and not target) or (_mode(each) == "resolver-inbound" and not addresses)
    }
    live = _live_values(configuration, asked) if asked else {}
    found = []
    for name, each in deployments.items():
        warnings: list[str] = []
        leads_to = None
        if name in own:
            leads_to = endpoint_name(target or live[name][0])
            checked = vpc_addresses(addresses)
        else:
            checked, warnings = inbound_addresses(live.get(name, addresses))
        found.append(
            forwarding_output(
                name=name,
                zone=private_zone_of(each),
                servers=[Server(each) for each in servers or _SERVERS],
                addresses=checked,
                target=leads_to,
                warnings=warnings,
            )
        )
    for each in found:
        for warning in each.warnings:
            log(f"warning: {each.name}: {warning}")
    output = ForwardingOutput(deployments=found)
    selection.write(output, lambda: write("\n\n".join(map(forwarding_text, found)), verbatim=True))


def _mode(deployment: "Deployment") -> str | None:
    return deployment.private_link.dns if deployment.private_link else None


def _live_values(configuration: "Configuration", deployments: "dict[str, Deployment]") -> "dict[str, Sequence[str]]":
    """Return what is read of each deployment: the endpoint's DNS name, or the inbound endpoint's addresses."""
    from pinekeep.account.reads.resolvers import inbound_addresses  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.config.derived import only_part  # noqa: PLC0415
    from pinekeep.model.naming import Output  # noqa: PLC0415
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415

    parts = only_part(deployments, "private_link")
    access = access_to(parts)
    deployer = Deployer(configuration=configuration, deployments=parts, access=access, tell=log)
    with spinner("Reading the endpoint's stack"):
        outputs = deployer.outputs()
        found: dict[str, Sequence[str]] = {}
        for name, each in parts.items():
            if _mode(each) == "none":
                found[name] = [_output(name, outputs, Output.VPC_ENDPOINT_DNS_NAME, option="--target")]
            else:
                resolver = _output(name, outputs, Output.RESOLVER_ENDPOINT_ID, option="--address")
                found[name] = inbound_addresses(access.clients_for(each), resolver)
        return found


def _output(name: str, outputs: dict[str, dict[str, str]], output: str, *, option: str) -> str:
    """Return an output of a deployment's stack. Raises WrongInputError where it has none."""
    found = outputs[name].get(output)
    if not found:
        raise WrongInputError(
            f"{name}: the endpoint is not deployed with the DNS mode of the file, so the stack has no {output}",
            hint=f"run `pinekeep deploy` first, or use {option}",
        )
    return found
