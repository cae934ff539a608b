"""The pinned version of ministack. The extensions patch private code, which another version may change silently."""

from importlib import metadata
from typing import Final

from pinekeep.emulator.errors import LocalAwsError

PINNED_VERSION = "1.5.33"
_INSTALL: Final = f"pip install ministack=={PINNED_VERSION}"


def check_version(*, installed: str | None = None) -> None:
    """Require the pinned version of ministack, by default as installed. Raises LocalAwsError for any other."""
    if installed is None:
        try:
            installed = metadata.version("ministack")
        except metadata.PackageNotFoundError as error:
            raise LocalAwsError("ministack, the embedded AWS, is not installed", hint=_INSTALL) from error
    if installed != PINNED_VERSION:
        raise LocalAwsError(
            f"the embedded AWS needs ministack {PINNED_VERSION}, but {installed} is installed",
            hint=_INSTALL,
        )
