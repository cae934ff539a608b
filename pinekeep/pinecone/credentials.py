"""Credentials and addresses for Pinecone: a service account, the hosts and the proxies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from pinekeep.account.client.proxies import proxy_for
from pinekeep.errors import WrongInputError
from pinekeep.model.facts import pinecone_api as api
from pinekeep.pinecone.redaction import Secret

HINT: Final = (
    f"set {api.CLIENT_ID_VARIABLE} and {api.CLIENT_SECRET_VARIABLE}; the Pinecone console creates a service account "
    f"under {api.ADD_SERVICE_ACCOUNT.page}"
)


@dataclass(frozen=True)
class Connection:
    """The addresses of Pinecone and the proxies on the way.

    Attributes:
        api_url: the Admin API and the control plane.
        proxy_url: the proxy for ``api_url``, which may include a password.
        token_proxy_url: the proxy for ``token_url``: ``NO_PROXY`` may exclude one of the two hosts alone.
    """

    api_url: str = api.API_HOST
    token_url: str = api.LOGIN_HOST + api.TOKEN_PATH
    proxy_url: str | None = field(default=None, repr=False)
    token_proxy_url: str | None = field(default=None, repr=False)

    @classmethod
    def of_the_environment(cls, environment: Mapping[str, str]) -> "Connection":
        """Return the addresses of the environment variables.

        An address on this machine replaces both of Pinecone's hosts, for the stand-in. Raises WrongInputError if the
        address would send secrets unencrypted, or a variable has an invalid proxy.
        """
        api_url = environment.get(api.CONTROLLER_HOST_VARIABLE, "").strip().rstrip("/") or api.API_HOST
        if "://" not in api_url:
            api_url = f"https://{api_url}"
        local = is_local(api_url)
        if not (api_url.startswith("https://") or local):
            raise WrongInputError(
                f"{api.CONTROLLER_HOST_VARIABLE} is {api_url}, which would send secrets in the clear",
                hint="write https://, or leave it unset for Pinecone's own address",
            )
        token_url = (api_url if local else api.LOGIN_HOST) + api.TOKEN_PATH
        # The SDK is given connections of its own making, which look at no variable themselves.
        return cls(
            api_url=api_url,
            token_url=token_url,
            proxy_url=proxy_for(api_url, environment),
            token_proxy_url=proxy_for(token_url, environment),
        )


@dataclass(frozen=True)
class ServiceAccount:
    """A service account of a Pinecone organization. Its ``client_id`` is no secret."""

    client_id: str
    client_secret: Secret
    connection: Connection = field(default_factory=Connection)

    @classmethod
    def of_the_environment(cls, environment: Mapping[str, str]) -> "ServiceAccount":
        """Return the service account of the environment variables, the only source of its secret.

        Raises WrongInputError if they are not set, or the host must not receive a secret.
        """
        given = {
            name: environment.get(name, "").strip() for name in (api.CLIENT_ID_VARIABLE, api.CLIENT_SECRET_VARIABLE)
        }
        if missing := [name for name, value in given.items() if not value]:
            raise WrongInputError(f"no Pinecone service account: {' and '.join(missing)} not set", hint=HINT)
        return cls(
            client_id=given[api.CLIENT_ID_VARIABLE],
            client_secret=Secret(given[api.CLIENT_SECRET_VARIABLE]),
            connection=Connection.of_the_environment(environment),
        )


def is_local(url: str) -> bool:
    """Tell whether a URL is on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
