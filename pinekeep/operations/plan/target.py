"""A stack to make a change set for, as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients

REVIEW: Final = "REVIEW_IN_PROGRESS"
"""The state of a stack that a change set was made for, and that nothing was ever deployed to."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """Which stack it is, and how far its life has come. Making a change set changes none of it.

    Attributes:
        stack_id: the stack's ARN; another stack of the same name has another.
        updated: when an update last began; None where none did.
    """

    stack_id: str
    status: str
    updated: object = None

    @classmethod
    def of(cls, stack: Mapping[str, Any]) -> "Version":
        """Return the version of a stack as DescribeStacks tells of it."""
        return cls(
            stack_id=str(stack["StackId"]), status=str(stack["StackStatus"]), updated=stack.get("LastUpdatedTime")
        )


@dataclass(frozen=True, kw_only=True)
class Target:
    """A stack to make a change set for.

    Attributes:
        status: CloudFormation's word for its state, or None where there is no such stack.
        version: what was read of it before; None where nothing was ever deployed to it.
        parameters: the names of the parameters that it has.
    """

    stack: str
    status: str | None
    protected: bool
    clients: Clients
    version: Version | None = None
    parameters: frozenset[str] = frozenset()

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever deployed to it."""
        return self.status is None or self.status == REVIEW
