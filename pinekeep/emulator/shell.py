"""What a shell is told to set and to unset, so that every client talks to the servers on this machine. Pure."""

import shlex
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

SETTINGS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "CDK_DEFAULT_ACCOUNT",
    "CDK_DEFAULT_REGION",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
)
"""Variables with which a client would go elsewhere, or as somebody else, whatever else is set."""
ENDPOINT = "AWS_ENDPOINT_URL"
KEPT_PREFIXES = ("AWS_", "CDK_")


def interfering(environment: Mapping[str, str], *, sets: Iterable[str]) -> list[str]:
    """The variables to unset beside those that are set: the known ones, and endpoints of single services.

    In: the shell's environment, and the names that are set. Out: names, in a fixed order.
    """
    single = sorted(name for name in environment if name.startswith(f"{ENDPOINT}_"))
    return [name for name in (*SETTINGS, *single) if name not in set(sets)]


def left_behind(environment: Mapping[str, str], *, was: Mapping[str, str], address: str) -> list[str]:
    """The variables that a start has set and a stop is to take away.

    In: the shell's environment, what the start sets, and the variable with the server's address. Out: names. Where
    the shell has another value by now, it is somebody else's and left alone, unless its address is on this machine.
    """
    ours = is_here(environment.get(address, ""))
    return [name for name, value in was.items() if ours or environment.get(name) in (None, value)]


def lines(*, sets: Mapping[str, str], unsets: Iterable[str]) -> list[str]:
    """The lines for a shell of the Bourne family."""
    names = list(unsets)
    return [
        *([f"unset {' '.join(names)}"] if names else []),
        *(f"export {name}={shlex.quote(value)}" for name, value in sets.items()),
    ]


def is_here(address: str) -> bool:
    """Whether an address is on this machine."""
    return (urlsplit(address).hostname or "") in {"127.0.0.1", "localhost", "::1"}
