"""Whose credentials these are."""

from dataclasses import dataclass

from pinekeep.aws.clients import Clients
from pinekeep.aws.refusals import refusals_told
from pinekeep.errors import AwsRefusedError


@dataclass(frozen=True)
class Caller:
    """Whoever the credentials belong to.

    Attributes:
        account: the AWS account, 12 digits.
        arn: the user, role session or root user.
    """

    account: str
    arn: str

    @property
    def is_root(self) -> bool:
        """Whether it is the account's root user."""
        return self.arn.endswith(":root")


def who_am_i(clients: Clients) -> Caller:
    """Return whose credentials the clients use. One call, which needs no permission.

    Raises:
        AwsRefusedError: there are no credentials, they are not valid, or AWS cannot be reached.
    """
    with refusals_told():
        answer = clients.client("sts").get_caller_identity()
    return Caller(account=answer["Account"], arn=answer["Arn"])


def require_account(caller: Caller, *, account: str, deployment: str) -> None:
    """See that the credentials are of a deployment's account.

    Args:
        caller: whose credentials they are.
        account: the account of the deployment.
        deployment: its name.

    Raises:
        AwsRefusedError: they are of another account.
    """
    if caller.account != account:
        raise AwsRefusedError(
            f"deployment {deployment} needs calls to account {account}, but the current credentials are for "
            f"{caller.account} ({caller.arn})",
            hint=f"use credentials of account {account}, for example with AWS_PROFILE",
        )
