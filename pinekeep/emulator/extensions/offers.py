"""The endpoint services that the embedded AWS offers, in one table."""

import re
from typing import Final

from ministack.core.responses import get_region
from ministack.services import ec2

from pinekeep.emulator.services import EndpointService

THIRD_PARTY: Final = re.compile(r"^com\.amazonaws\.vpce\.(?P<region>[a-z0-9-]+)\.(?P<id>vpce-svc-[0-9a-f]{8,17})$")

services: dict[str, EndpointService] = {}  # by service name


def is_third_party(name: str) -> bool:
    """Tell whether a service name is that of a third party's endpoint service."""
    return THIRD_PARTY.match(name) is not None


def service_of(name: str, region: str) -> EndpointService | None:
    """Return the service of a name, hosted in a Region; None for a third party's that cannot be used from here."""
    service = services.get(name, EndpointService())
    matched = THIRD_PARTY.match(name)
    if matched and (matched["region"] != region or get_region() not in (region, *service.regions)):
        return None
    return service


def name_of(service_id: str) -> str | None:
    """Return the service name of a third party's service ID, as far as it is in the table or has endpoints."""
    known = [*services, *(endpoint["ServiceName"] for endpoint in ec2._vpc_endpoints._data.values())]
    return next((name for name in known if name.endswith(f".{service_id}")), None)
