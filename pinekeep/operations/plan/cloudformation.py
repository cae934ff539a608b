"""Stacks as CloudFormation describes them, and waiting for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of, message_of
from pinekeep.account.process import Looks
from pinekeep.errors import AwsRefusedError
from pinekeep.model.facts import stack_status

REVIEW: Final = "REVIEW_IN_PROGRESS"
"""The state of a stack for which a change set was made, and to which nothing was ever deployed."""
GONE: Final = frozenset({"ChangeSetNotFound", "ChangeSetNotFoundException"})
"""The error codes for a change set that does not exist."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 3.0
T = TypeVar("T")


class DisturbedError(AwsRefusedError):
    """Somebody else is changing a stack, so what was read of it no longer holds.

    ``region``: where the stack is, if that is not the deployment's Region.
    """

    def __init__(self, stack: str, *, region: str | None = None) -> None:
        where, option = (f" in {region}", f" --region {region}") if region else ("", "")
        super().__init__(
            f"someone else is changing stack {stack}{where}: it changed while it was read",
            hint=f"nothing was changed here; wait until they are done, then run it again: "
            f"aws cloudformation describe-stacks --stack-name {stack}{option}",
        )


@dataclass(frozen=True, kw_only=True)
class Version:
    """The version of a stack, with the time when an update last began. Making a change set does not alter it.

    The ID is the stack's ARN; another stack of the same name has another.
    """

    stack_id: str
    status: str
    updated: object = None

    @classmethod
    def of(cls, stack: Mapping[str, Any]) -> "Version":
        """Return the version of a stack from what DescribeStacks answers."""
        return cls(
            stack_id=str(stack["StackId"]), status=str(stack["StackStatus"]), updated=stack.get("LastUpdatedTime")
        )


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """A stack as it is; the template is the one deployed last. None stands for what does not exist.

    ``region``: where it is, if that is not the deployment's Region.
    """

    name: str
    region: str | None = None
    status: str | None = None
    protected: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)
    template: Mapping[str, Any] | None = None
    version: Version | None = None
    parameters: frozenset[str] = frozenset()

    @property
    def remedy(self) -> str | None:
        """What to do before it can be deployed over; None if it can be."""
        return stack_status.remedy(self.status, name=self.name, region=self.region)

    @property
    def place(self) -> str:
        """Its name, with its Region if that is not the deployment's."""
        return f"{self.name} in {self.region}" if self.region else self.name

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever deployed to it."""
        return self.status in (None, REVIEW)


@dataclass(frozen=True, kw_only=True)
class Target(DeployedStack):
    """A stack to make a change set for; the clients act as the bootstrap's role for deployments."""

    clients: Clients


def says_no_stack(error: Exception) -> bool:
    """Tell whether CloudFormation says that the stack does not exist."""
    return code_of(error) == "ValidationError" and "does not exist" in message_of(error)


def describe_stack(client: Any, stack: str) -> dict[str, Any] | None:
    """Return what DescribeStacks answers for a name or ARN; None if there is no such stack, or it is deleted."""
    try:
        found: dict[str, Any] = client.describe_stacks(StackName=stack)["Stacks"][0]
    except Exception as error:
        if says_no_stack(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def outputs_of(stack: Mapping[str, Any]) -> dict[str, str]:
    """Return the outputs of a stack from what DescribeStacks answers."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or []}


def wait_for(looks: Looks, look: Callable[[], T | None]) -> T:
    """Return the first answer of ``look`` that is not None, with growing pauses between the calls.

    Raises:
        TimeoutError: nothing has happened for too long.
    """
    pause = FIRST_PAUSE
    while (found := look()) is None:
        looks.pause(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    return found
