"""The proxy for a URL, from environment variables. Pure."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # pyrefly: ignore[missing-module-attribute] # not in typeshed

from pinekeep.errors import WrongInputError

SCHEMES: Final = ("http", "https")
"""Supported proxy schemes. SOCKS needs another package in every SDK."""
_HINT: Final = (
    "write it as http://HOST:PORT, or unset it; NO_PROXY names the hosts that are reached without a proxy, "
    "such as pinecone.io,amazonaws.com"
)


def proxy_for(url: str, environment: Mapping[str, str], *, all_proxy: bool = True) -> str | None:
    """Return the proxy for a URL, which may contain a password; None where there is none.

    ``url``: the URL; ``NO_PROXY`` applies to its host alone. ``all_proxy``: whether ``ALL_PROXY`` applies. Raises
    WrongInputError if the variable does not name a usable proxy.
    """
    parts = urlsplit(url)
    bypass = next((environment[name] for name in ("no_proxy", "NO_PROXY") if environment.get(name)), "")
    if proxy_bypass_environment(parts.netloc, {"no": bypass}):
        return None
    for variable in _variables(parts.scheme, all_proxy=all_proxy):
        if found := environment.get(variable, "").strip():
            return _usable(variable, found if "://" in found else f"http://{found}")
    return None


def _variables(scheme: str, *, all_proxy: bool) -> list[str]:
    # `HTTP_PROXY` in capitals may come from a request's header where this runs behind a web server.
    names = [f"{scheme}_proxy"] if scheme == "http" else [f"{scheme}_proxy", f"{scheme.upper()}_PROXY"]
    return [*names, "all_proxy", "ALL_PROXY"] if all_proxy else names


def _usable(variable: str, proxy: str) -> str:
    """Return the proxy's URL if it can be used. Messages leave it out: it may contain a password."""
    parts = urlsplit(proxy)
    scheme = parts.scheme.lower()
    if scheme.startswith("socks"):
        raise WrongInputError(f"{variable} names a SOCKS proxy, which is not supported", hint=_HINT)
    if scheme not in SCHEMES:
        raise WrongInputError(f"{variable} names a proxy with the scheme {scheme}, which is not supported", hint=_HINT)
    try:
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise WrongInputError(f"{variable} has no host, or a port that is not a number from 1 to 65535", hint=_HINT)
    return proxy
