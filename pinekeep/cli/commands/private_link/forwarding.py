"""``pinekeep private-link forwarding``: Pinecone's private names on DNS servers outside AWS."""

from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, access_to, log, spinner, verb, write
from pinekeep.errors import WrongInputError

if TYPE_CHECKING:
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
    help="An address of the Route 53 Resolver inbound endpoint; with `dns: none`, of the endpoint itself.",
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
    from pinekeep.operations.connectivity.forwarding import (  # noqa: PLC0415
        Server,
        endpoint_name,
        forwarding_output,
        forwarding_text,
        inbound_addresses,
        vpc_addresses,
    )

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
    own = {name: each for name, each in deployments.items() if _answers_itself(each)}
    if target and not own:
        raise WrongInputError(
            "--target goes with `dns: none`; in every other mode the servers forward to a Resolver inbound endpoint",
            hint="give the addresses of the inbound endpoint with --address instead",
        )
    targets = {name: endpoint_name(target) for name in own} if target else _live_targets(configuration, own)
    found = []
    for name, each in deployments.items():
        warnings: list[str] = []
        if name in own:
            checked = vpc_addresses(addresses)
        else:
            checked, warnings = inbound_addresses(addresses)
        found.append(
            forwarding_output(
                name=name,
                zone=private_zone_of(each),
                servers=[Server(each) for each in servers or _SERVERS],
                addresses=checked,
                target=targets.get(name),
                warnings=warnings,
            )
        )
    for each in found:
        for warning in each.warnings:
            log(f"warning: {each.name}: {warning}")
    output = ForwardingOutput(deployments=found)
    selection.write(output, lambda: write("\n\n".join(map(forwarding_text, found)), verbatim=True))


def _answers_itself(deployment: "Deployment") -> bool:
    """Return whether the clients' DNS servers have to answer the zone themselves."""
    return deployment.private_link is not None and deployment.private_link.dns == "none"


def _live_targets(configuration: "Configuration", deployments: "dict[str, Deployment]") -> dict[str, str]:
    """Return the endpoints' DNS names from the stacks' outputs. Raises WrongInputError where a stack has none."""
    if not deployments:
        return {}
    from pinekeep.model.config.derived import only_part  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.naming import Output  # noqa: PLC0415
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415

    parts = only_part(deployments, "private_link")
    deployer = Deployer(configuration=configuration, deployments=parts, access=access_to(parts), tell=log)
    with spinner("Reading the endpoint's stack"):
        outputs = deployer.outputs()
    for name, found in outputs.items():
        if Output.VPC_ENDPOINT_DNS_NAME not in found:
            raise WrongInputError(
                f"{name}: the endpoint is not deployed, so its DNS name is not known",
                hint="run `pinekeep deploy` first, or give the name with --target",
            )
    return {name: found[Output.VPC_ENDPOINT_DNS_NAME] for name, found in outputs.items()}
