"""What CloudFormation needs for one type of resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinekeep.decisions.privileges.grant import Grant


@dataclass(frozen=True, kw_only=True)
class ResourceKind:
    """One type of resource in the templates.

    Together, what is granted and what is left out are the permissions that CloudFormation's registry lists for the
    handlers of the type; a test holds them against it.

    Attributes:
        name: the type, as in ``AWS::KMS::Key``.
        grants: what CloudFormation is allowed.
        left_out: what the registry lists besides, each with the reason why the templates do not need it.
    """

    name: str
    grants: tuple[Grant, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
