"""The identity behind credentials."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import AwsRefusedError

if TYPE_CHECKING:
    from pinekeep.model.config import Deployment


class WrongAccountError(AwsRefusedError):
    """The credentials belong to another account than the deployment."""


@dataclass(frozen=True)
class Caller:
    """The identity of credentials.

    ``arn``: the user, role session or root user. ``by_bootstrap``: whether it is a role of the CDK bootstrap, which
    gives another account read access.
    """

    account: str
    arn: str
    by_bootstrap: bool = False

    @property
    def is_root(self) -> bool:
        """Whether it is the account's root user."""
        return self.arn.endswith(":root")


def who_am_i(clients: Clients) -> Caller:
    """Return the identity of the clients' credentials. One call, which needs no permission.

    Raises AwsRefusedError if there are no credentials, they are not valid, or AWS cannot be reached.
    """
    with refusals_told():
        answer = clients.client("sts").get_caller_identity()
    return Caller(account=answer["Account"], arn=answer["Arn"])


def require_account(caller: Caller, deployment: "Deployment", *, name: str | None = None) -> None:
    """Require credentials of a deployment's account. Raises WrongAccountError if they belong to another account."""
    if caller.account == deployment.account:
        return
    which = f"profile {deployment.profile} is" if deployment.profile else "the current credentials are"
    raise WrongAccountError(
        f"{f'deployment {name}' if name else 'a deployment'} needs calls to account {deployment.account}, but {which} "
        f"for {caller.account} ({caller.arn})",
        hint=credentials_hint(deployment, name=name),
    )


def credentials_hint(deployment: "Deployment", *, name: str | None = None) -> str:
    """Return how to get credentials of a deployment's account."""
    account, named = deployment.account, f"deployment {name}" if name else "the deployment"
    if deployment.profile:
        return f"set profile in {named} of the file to a profile of account {account}"
    again = f", and run again with --deployment {name}" if name else ""
    return (
        f"set profile or assume_role in {named} of the file, or use credentials of account {account}, for example "
        f"with AWS_PROFILE{again}"
    )
