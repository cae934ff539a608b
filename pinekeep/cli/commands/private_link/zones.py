"""``pinekeep private-link zones``: the Availability Zones for the endpoint."""

from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, access_to, log, spinner, verb, write
from pinekeep.errors import WrongInputError

if TYPE_CHECKING:
    from pinekeep.model.config import Configuration, Deployment
    from pinekeep.model.output.zones import ZonesDeploymentOutput


@verb("zones")
@click.option("--write", "to_file", is_flag=True, help="Write the zone IDs of a new VPC into the configuration file.")
def command(selection: Selection, to_file: bool) -> None:
    """Show the Availability Zones that Pinecone's service offers.

    For each deployment with an endpoint: the zones by ID and by their name in your account, the subnets of the existing
    VPC in them, whether connections must be accepted, and the IP address types. With --write, the zones of a new VPC
    are written into the file by ID, because names differ between accounts. That is refused once the VPC is deployed:
    its subnets would be replaced.
    """
    from pinekeep.model.config.private_link import NewVpc  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.zones import ZonesOutput  # noqa: PLC0415
    from pinekeep.operations.connectivity.zones import offered_zones, zones_text  # noqa: PLC0415

    configuration, selected = selection.read(only="private_link")
    deployments = {name: each for name, each in selected.items() if each.private_link is not None}
    if not deployments:
        raise WrongInputError(
            "no deployment here has a private endpoint, so there are no zones to choose",
            hint="add private_link to a deployment, or select another one with --deployment",
        )
    access = access_to(deployments)
    access.require_accounts(deployments)
    with spinner("Reading the endpoint service"):
        found = [offered_zones(name, each, access.clients_for(each)) for name, each in deployments.items()]
    if to_file:
        new = {
            name: each
            for name, each in deployments.items()
            if each.private_link is not None and isinstance(each.private_link.vpc, NewVpc)
        }
        if not new:
            raise WrongInputError(
                "--write is for a new VPC, and no deployment here has one",
                hint="name subnets of the existing VPC in these zones under private_link.vpc.subnet_ids",
            )
        _require_not_deployed(configuration, new)
        found = _written(configuration, new, found)
    output = ZonesOutput(deployments=found)
    selection.write(output, lambda: write("\n\n".join(map(zones_text, found)), verbatim=True))


def _require_not_deployed(configuration: "Configuration", deployments: "dict[str, Deployment]") -> None:
    """Refuse to change the zones of a VPC that is deployed."""
    from pinekeep.operations.connectivity.zones import is_deployed  # noqa: PLC0415 - imports pydantic

    access = access_to(deployments)
    for name, each in deployments.items():
        if is_deployed(name, access.clients_for(each)):
            raise WrongInputError(
                f"{name} is deployed: other zones would replace the subnets of its VPC, and with them the endpoint",
                hint=f"leave availability_zones in {configuration.path} as it is",
            )


def _written(
    configuration: "Configuration", deployments: "dict[str, Deployment]", found: "list[ZonesDeploymentOutput]"
) -> "list[ZonesDeploymentOutput]":
    """Write the zones into the file, and return what was found with them."""
    from pinekeep.model.config.private_link import NewVpc  # noqa: PLC0415
    from pinekeep.operations.connectivity.zones import write_zones, zones_for  # noqa: PLC0415

    chosen: dict[str, list[str]] = {}
    for each in found:
        link = deployments[each.name].private_link if each.name in deployments else None
        if link is not None and isinstance(link.vpc, NewVpc):
            chosen[each.name] = zones_for(each.name, link.vpc.availability_zones, each.zones)
    changed = write_zones(configuration, chosen)
    log(f"wrote {configuration.path}" if changed else f"{configuration.path} has these zones already")
    return [each.model_copy(update={"written": chosen.get(each.name)}) for each in found]
