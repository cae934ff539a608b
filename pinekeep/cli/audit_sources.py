"""The files that the commands of ``pinekeep audit`` read: those at ``--from``, or those of a deployment."""

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, access_to
from pinekeep.errors import WrongInputError
from pinekeep.model.words import shown

if TYPE_CHECKING:
    from pinekeep.account.client.clients import Clients
    from pinekeep.operations.audit.stores import Store

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_ANY_REGION: Final = "us-east-1"
"""S3 answers there where another Region's bucket is, and the SDK follows."""

from_option: Final = click.option(
    "--from",
    "place",
    metavar="PLACE",
    help="A file, a folder, or s3://BUCKET/PREFIX.  [default: the bucket of the deployment]",
)


def moment(option: str, text: str | None) -> datetime | None:
    """Return a time that was given: a date, a date and time (UTC unless it has a zone), or an age such as ``12h``.

    Raises WrongInputError if it is none.
    """
    if text is None:
        return None
    try:
        if text[-1:] in _UNITS and text[:-1].isascii() and text[:-1].isdecimal():
            return datetime.now(UTC) - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found.astimezone(UTC)  # an offset may lead out of the years that there are
    except (ValueError, OverflowError):
        raise WrongInputError(
            f"{option}: {shown(text)} is no time", hint="write 2026-11-30, 2026-11-30T14:00Z, or an age: 90m, 12h, 7d"
        ) from None
    return found


def source(selection: Selection, place: str | None) -> "tuple[str, Store]":
    """Return the files to read, with the name of their place. Raises WrongInputError if there is none, or not one."""
    from pinekeep.operations.audit.stores import store_at  # noqa: PLC0415 - imports pydantic

    if place is not None:
        if selection.names:
            raise click.UsageError("--from and --deployment exclude each other")
        return place, store_at(place, _own_clients)
    _, selected = selection.read()
    with_logs = {name: each for name, each in selected.items() if each.audit_logs is not None}
    if len(with_logs) != 1:
        raise WrongInputError(
            f"the audit logs of one deployment are read, and {len(with_logs)} deployments here have audit_logs",
            hint=f"add --deployment {next(iter(with_logs), 'NAME')}, or give a folder or a bucket with --from",
        )
    ((_, deployment),) = with_logs.items()
    assert deployment.audit_logs is not None  # noqa: S101 - selected above
    access = access_to(with_logs)
    access.require_accounts(with_logs)
    found = f"s3://{deployment.audit_logs.location}"
    return found, store_at(found, lambda: access.clients_for(deployment))


def _own_clients() -> "Clients":
    from pinekeep.account.credentials.source import source_of_the_user  # noqa: PLC0415

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _ANY_REGION
    return source_of_the_user(None, region).clients_for(region)
