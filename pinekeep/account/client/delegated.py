"""Clients for many accounts at once: one for each service and Region, signed with the credentials of each account.

Creating a client takes longer than the calls of one account, and each client has connections of its own. Here the
accounts share both. botocore signs a request with the credentials in its context (``request_credentials``), where there
are any; a test holds that it does.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from threading import Lock
from types import MethodType
from typing import Any, Final

from pinekeep.account.client.clients import Clients

NOBODY: Final = "NOT-A-KEY"
"""The key of the shared clients themselves. A request that no account signs is refused, not made as somebody else."""


class DelegatedClients:
    """Returns the clients of any account, which share those of ``clients_for``: called once for each Region."""

    def __init__(self, clients_for: Callable[[str], Clients]) -> None:
        self._clients_for = clients_for
        self._regions: dict[str, Clients] = {}
        self._shared: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    def of(self, region: str, credentials: Mapping[str, Any]) -> Clients:
        """Return the clients of a Region that sign with ``Credentials`` of AssumeRole. Thread-safe."""
        from botocore.credentials import Credentials  # noqa: PLC0415 - slow to import

        keys = (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
        return _AccountClients(self, region, Credentials(*keys))

    def shared(self, region: str, service: str) -> Any:
        """Return the client of a service that the accounts share."""
        with self._lock:
            if region not in self._regions:
                self._regions[region] = self._clients_for(region)
            found = self._regions[region].client(service)
            if (region, service) not in self._shared:
                _without_user_agents(found)
                self._shared[region, service] = found
            return found


class _AccountClients(Clients):
    """The clients of one account."""

    def __init__(self, delegated: DelegatedClients, region: str, credentials: Any) -> None:
        self.region = region
        self._delegated = delegated
        self._credentials = credentials

    def in_region(self, region: str) -> Clients:
        """Return the clients of the same account in another Region."""
        return self if region == self.region else _AccountClients(self._delegated, region, self._credentials)

    def client(self, service: str) -> Any:
        """Return the client of a service by its boto3 name."""
        return signed_with(self._delegated.shared(self.region, service), self._credentials)

    def credentials(self) -> Any:
        """Return botocore's credentials."""
        return self._credentials


def signed_with(client: Any, credentials: Any) -> Any:
    """Return a client like another one, with its connections, whose requests are signed with other credentials.

    ``client``: of botocore; another object is returned as it is.
    """
    from botocore.client import BaseClient  # noqa: PLC0415 - slow to import

    if not isinstance(client, BaseClient):
        return client
    # Without __init__, which is what takes long. The methods of the class call _convert_to_request_dict of the object.
    made = object.__new__(type(client))
    vars(made).update(vars(client))
    convert: Any = getattr(client, "_convert_to_request_dict")  # noqa: B009 - private
    vars(made)["_convert_to_request_dict"] = MethodType(partial(_with_credentials, convert, credentials), made)
    return made


def _with_credentials(convert: Any, credentials: Any, made: Any, *arguments: Any, **named: Any) -> Any:
    context = named["context"]
    context["signing"] = {**context.get("signing", {}), "request_credentials": credentials}
    request = convert(*arguments, **named, set_user_agent_header=False)
    # botocore composes the same text for each request, which takes a quarter of a call.
    request["headers"]["User-Agent"] = _user_agent(made._user_agent_creator)
    return request


def _without_user_agents(client: Any) -> None:
    """Keep botocore from composing the header a second time, when a request was made."""
    creator = getattr(client, "_user_agent_creator", None)
    if creator is not None:
        event = f"request-created.{client.meta.service_model.service_id.hyphenize()}"
        client.meta.events.unregister(event, creator.rebuild_and_replace_user_agent_handler)


@cache
def _user_agent(creator: Any) -> str:
    return str(creator.to_string())
