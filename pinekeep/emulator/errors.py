"""The error of the emulator."""

from pinekeep.errors import AwsRefusedError


class LocalAwsError(AwsRefusedError):
    """The embedded AWS cannot do what was requested."""
