"""An organization of an embedded AWS with many accounts, in one request.

The calls of Organizations do the same with three requests an account: an invitation, its acceptance and a move.
"""

import json
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

from pinekeep.emulator.control import OK, App, ask, body_of, reply
from pinekeep.emulator.errors import LocalAwsError

PATH: Final = "/_pinekeep/organization"
ROOT: Final = ""
"""The name of the root among the units."""

Units = Mapping[str, Sequence[str]]
"""Accounts by unit. A unit is named by its path, such as ``prod/search``; those above it come before it."""


def organize(port: int, *, management: str, units: Units) -> dict[str, str]:
    """Add units and accounts to the organization of an account, which is made if need be.

    Returns the IDs of the units of the request and of the root by name. Raises LocalAwsError for an account that is in
    an organization, and for a unit below an unknown one.
    """
    asked = json.dumps({"management": management, "units": {name: list(each) for name, each in units.items()}})
    status, said = ask(port, "POST", PATH, asked)
    if status != OK:
        raise LocalAwsError(f"the embedded AWS did not make the organization: {said.decode(errors='replace')}")
    return dict(json.loads(said))


def with_organizations(app: App) -> App:
    """Return the ASGI application with the path that makes organizations."""

    async def wrapped(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope.get("path") != PATH:
            await app(scope, receive, send)
            return
        from pinekeep.emulator.extensions.json_services import RefusedError  # noqa: PLC0415 - imports ministack
        from pinekeep.emulator.extensions.organizations.making import make_organization  # noqa: PLC0415

        asked = json.loads(await body_of(receive))
        try:
            made = make_organization(asked["management"], asked["units"])
        except RefusedError as error:
            await reply(send, 400, error.message.encode())
        else:
            await reply(send, OK, json.dumps(made).encode())

    return wrapped
