"""Whose account the credentials are of, asked of AWS only where no other answer tells."""

from collections.abc import Callable
from threading import Lock

from pinekeep.account.credentials.identity import Caller, require_account
from pinekeep.account.credentials.shared import credentials_key
from pinekeep.model.config import Deployment


class Accounts:
    """Sees that the credentials are of the deployments' accounts. Safe in threads.

    Args:
        ask: asks AWS whose the credentials of a deployment are; called once at most for the same ones.
    """

    def __init__(self, ask: Callable[[Deployment], Caller]) -> None:
        self._ask = ask
        self._callers: dict[tuple[str | None, str | None, str], Caller] = {}
        self._lock = Lock()

    def require(self, name: str, deployment: Deployment, *, seen: str | None) -> None:
        """See that the credentials are of a deployment's account.

        Args:
            name: the deployment's name.
            deployment: its settings.
            seen: the account that an answer of AWS told, which is that of the credentials; None where none did.

        Raises:
            WrongAccountError: they are of another.
            AwsRefusedError: AWS cannot be asked.
        """
        if seen == deployment.account:
            return
        key = credentials_key(deployment)
        with self._lock:
            if key not in self._callers:
                self._callers[key] = self._ask(deployment)
        require_account(self._callers[key], deployment, name=name)
