"""Whose account the credentials are of, asked of AWS only where no other answer tells."""

from collections.abc import Callable
from threading import Lock

from pinekeep.aws.identity import Caller, require_account


class Accounts:
    """Sees that the credentials are of the deployments' accounts. Safe in threads.

    Args:
        ask: asks AWS whose credentials they are; called once at most.
    """

    def __init__(self, ask: Callable[[], Caller]) -> None:
        self._ask = ask
        self._caller: Caller | None = None
        self._lock = Lock()

    def require(self, *, account: str, deployment: str, seen: str | None) -> None:
        """See that the credentials are of a deployment's account.

        Args:
            account: the deployment's account.
            deployment: its name.
            seen: the account that an answer of AWS told, which is that of the credentials; None where none did.

        Raises:
            AwsRefusedError: they are of another, or AWS cannot be asked.
        """
        if seen == account:
            return
        with self._lock:
            self._caller = self._caller or self._ask()
        require_account(self._caller, account=account, deployment=deployment)
