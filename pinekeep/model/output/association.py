"""The output of `private-link associate`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class AssociationOutput(OutputModel):
    """One VPC, and the hosted zone or Route 53 Profile that it is to have."""

    deployment: str
    """The deployment."""
    kind: Literal["hosted-zone", "profile"]
    """What it is to have."""
    resource: str
    """The ID of the hosted zone or the Profile."""
    vpc_id: str
    """The VPC."""
    account: str
    """The VPC's account."""
    region: str
    """The VPC's Region."""
    status: Literal["existing", "needed", "associated", "owner", "refused"]
    """`existing`: associated before. `needed`: not associated yet. `associated`: associated now. `owner`: the owner of
    the VPC's account has to run the commands. `refused`: see `why`."""
    why: str | None
    """Why it is refused; null where it is not."""
    hint: str | None
    """What to do about it."""
    commands: list[str]
    """What the owner of the VPC's account runs."""


class AssociateOutput(OutputModel):
    """What `private-link associate` writes."""

    changed: bool
    """False for a dry run, and where there was nothing to change."""
    associations: list[AssociationOutput]
    """The associations, in the order of the file."""
