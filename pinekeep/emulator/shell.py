"""The variables that a shell sets and unsets to use the servers on this machine. Pure."""

import shlex
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

_SETTINGS = """
AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_ROLE_ARN
AWS_ROLE_SESSION_NAME AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
AWS_USE_FIPS_ENDPOINT AWS_USE_DUALSTACK_ENDPOINT AWS_IGNORE_CONFIGURED_ENDPOINT_URLS CDK_DEFAULT_ACCOUNT
CDK_DEFAULT_REGION HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
"""
SETTINGS = tuple(_SETTINGS.split())
"""Variables that lead a client to another address or identity, whatever else is set."""
ENDPOINT = "AWS_ENDPOINT_URL"
KEPT_PREFIXES = ("AWS_", "CDK_")


def interfering(environment: Mapping[str, str], *, sets: Iterable[str]) -> list[str]:
    """Return the variables to unset, in a fixed order: known ones and single services' endpoints, except ``sets``."""
    single = sorted(name for name in environment if name.startswith(f"{ENDPOINT}_"))
    return [name for name in (*SETTINGS, *single) if name not in set(sets)]


def left_behind(environment: Mapping[str, str], *, was: Mapping[str, str], address: str) -> list[str]:
    """Return the variables of a start (``was``) that a stop unsets.

    A variable with another value is kept, unless ``address`` names the variable of a server on this machine.
    """
    ours = is_here(environment.get(address, ""))
    return [name for name, value in was.items() if ours or environment.get(name) in (None, value)]


def lines(*, sets: Mapping[str, str], unsets: Iterable[str]) -> list[str]:
    """Return the lines for a POSIX shell."""
    names = list(unsets)
    return [
        *([f"unset {' '.join(names)}"] if names else []),
        *(f"export {name}={shlex.quote(value)}" for name, value in sets.items()),
    ]


def is_here(address: str) -> bool:
    """Tell whether a URL is on this machine."""
    return (urlsplit(address).hostname or "") in {"127.0.0.1", "localhost", "::1"}
