"""The output of `private-link probe`."""

from pinekeep.model.output import OutputModel
from pinekeep.model.output.connectivity import PrivateLinkCheckOutput


class ProbeOutput(OutputModel):
    """What `private-link probe` writes."""

    name: str
    """The deployment's name."""
    check: PrivateLinkCheckOutput | None
    """The result of the check in the VPC; null with `--remove`."""
    remaining: list[str]
    """What could not be removed yet; `private-link probe --remove` removes it later."""
