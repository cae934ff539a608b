"""Clients for the accounts of a fleet, by a role in each that the administrator's credentials assume."""

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.delegated import DelegatedClients
from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.accounts import once_for_each
from pinekeep.account.credentials.sessions import ROLE_SESSION_NAME, clients_of_nobody
from pinekeep.errors import AwsRefusedError
from pinekeep.model.arns import role_arn
from pinekeep.model.config.fleet.targets import Target

_RENEWED_AFTER: Final = 45 * 60.0
"""Seconds. A role's session lasts an hour unless more is asked for, which the role may refuse."""


class TargetAccounts:
    """The accounts of a fleet's targets. Thread-safe.

    ``administrator``: clients that may assume the role. ``role_name``: of the role in each account. ``fix``: what to do
    where it cannot be assumed. ``clock``: seconds that only grow.
    """

    def __init__(
        self, administrator: Clients, role_name: str, *, fix: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._administrator = administrator
        self._role_name = role_name
        self._fix = fix
        self._clock = clock
        self._delegated = DelegatedClients(clients_of_nobody)
        self._credentials: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self._lock_of = once_for_each(_lock, str)

    def clients_for(self, target: Target) -> Clients:
        """Return the clients of a target's account and Region. Raises AwsRefusedError if the role is not assumed."""
        with self._lock_of(target.account):
            expires, credentials = self._credentials.get(target.account, (0.0, {}))
            if not credentials or self._clock() >= expires:
                credentials = self._assume(target.account)
                self._credentials[target.account] = (self._clock() + _RENEWED_AFTER, credentials)
        return self._delegated.of(target.region, credentials)

    def _assume(self, account: str) -> Mapping[str, Any]:
        arn = role_arn(account=account, role_name=self._role_name)
        with refusals_told():
            try:
                answer = self._administrator.client("sts").assume_role(RoleArn=arn, RoleSessionName=ROLE_SESSION_NAME)
            except Exception as error:
                if code_of(error) not in DENIED:
                    raise
                raise AwsRefusedError(f"the role {arn} cannot be assumed", hint=self._fix) from None
        credentials: Mapping[str, Any] = answer["Credentials"]
        return credentials


def _lock(_: str) -> Lock:
    return Lock()
