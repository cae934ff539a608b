"""The output of `private-link zones`."""

from pinekeep.model.output import OutputModel


class ZoneOutput(OutputModel):
    """An Availability Zone that the endpoint service offers."""

    id: str
    """The zone's ID, the same in every account."""
    name: str | None
    """Its name in this account; null if this account does not have the zone."""
    subnet_ids: list[str]
    """The subnets of the existing VPC in the zone."""


class ZonesDeploymentOutput(OutputModel):
    """The endpoint service of one deployment, as its account sees it."""

    name: str
    """The deployment's name."""
    service_name: str
    """The name of the endpoint service."""
    service_region: str
    """The Region that hosts it."""
    zones: list[ZoneOutput]
    """The zones that it offers."""
    acceptance_required: bool
    """Whether each connection must be accepted."""
    ip_address_types: list[str]
    """The IP address types that it supports."""
    written: list[str] | None
    """With `--write`: the zone IDs in the file now; null if nothing was to be written."""


class ZonesOutput(OutputModel):
    """What `private-link zones` writes."""

    deployments: list[ZonesDeploymentOutput]
    """The deployments with an endpoint."""
