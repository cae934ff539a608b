"""The features of AWS that the pinned emulator lacks and this project uses, one function each.

Each function patches the emulator in its own process, before the first request. They use private code of
exactly one version: see `pinekeep.emulator.version`.
"""

from collections.abc import Mapping

from pinekeep.emulator.services import EndpointService
from pinekeep.emulator.version import check_version


def install_all(*, endpoint_services: Mapping[str, EndpointService]) -> None:
    """Apply every extension, in order. Raises LocalAwsError, before any patch, for another version of ministack."""
    check_version()
    # Imported after the check: another version need not even have what these modules import.
    from pinekeep.emulator.extensions import catalogue, offers  # noqa: PLC0415

    offers.services.update(endpoint_services)
    for extension in catalogue.EXTENSIONS:
        extension()
