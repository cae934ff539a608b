"""The account behind the credentials of each deployment, and what deployments with the same credentials share."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.identity import Caller, require_account
from pinekeep.model.config import Deployment

ClientsFor = Callable[[Deployment], Clients]
Given = TypeVar("Given")
Made = TypeVar("Made")


def once_for_each(make: Callable[[Given], Made], key: Callable[[Given], Hashable]) -> Callable[[Given], Made]:
    """Return the same function, called once for each key; other keys do not wait. Thread-safe."""
    made: dict[Hashable, Made] = {}
    locks: dict[Hashable, Lock] = {}
    lock = Lock()

    def get(given: Given) -> Made:
        known_by = key(given)
        with lock:
            mine = locks.setdefault(known_by, Lock())
        with mine:
            if known_by not in made:
                made[known_by] = make(given)
            return made[known_by]

    return get


def credentials_key(deployment: Deployment) -> tuple[str | None, str | None, str]:
    """Return what identifies a deployment's credentials: the profile, the role and the account."""
    return deployment.profile, deployment.assume_role, deployment.account


def shared(clients_for: ClientsFor) -> ClientsFor:
    """Return the same function, called once for each set of credentials and Region. Thread-safe."""
    return once_for_each(clients_for, lambda each: (*credentials_key(each), each.region))


class Accounts:
    """Checks that the credentials belong to the deployments' accounts. Thread-safe.

    ``ask`` asks AWS whose the credentials of a deployment are; called at most once for each set of credentials.
    """

    def __init__(self, ask: Callable[[Deployment], Caller]) -> None:
        self._caller = once_for_each(ask, credentials_key)

    def require(self, name: str, deployment: Deployment, *, seen: str | None) -> None:
        """Require credentials of a deployment's account.

        ``seen``: the account that a response named; None where none did, and AWS is asked. Raises WrongAccountError if
        the credentials belong to another account; AwsRefusedError if AWS cannot be reached.
        """
        if seen != deployment.account:
            require_account(self._caller(deployment), deployment, name=name)
