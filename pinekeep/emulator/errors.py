"""The one error that the embedded AWS raises on purpose."""

from pinekeep.errors import AwsRefusedError


class LocalAwsError(AwsRefusedError):
    """The embedded AWS could not do what was asked."""
