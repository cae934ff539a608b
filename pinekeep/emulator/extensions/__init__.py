"""What the pinned emulator lacks of the AWS that this project deploys to, one extension a function.

Each one patches the emulator in its own process, before it answers anything. They are written
against private internals of exactly one version: see `pinekeep.emulator.version`.
"""

from collections.abc import Mapping

from pinekeep.emulator.version import check_version


def install_all(*, endpoint_services: Mapping[str, str]) -> None:
    """Apply every extension, in order.

    In: third-party endpoint services with their private DNS names.
    Raises: LocalAwsError, before anything is patched, when ministack is not the pinned version.
    """
    check_version()
    # Imported after the check: another version need not even have what these modules import.
    from pinekeep.emulator.extensions import catalogue  # noqa: PLC0415

    for extension in catalogue.EXTENSIONS:
        extension()
    for extension_of_services in catalogue.ENDPOINT_EXTENSIONS:
        extension_of_services(endpoint_services)
