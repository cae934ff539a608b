"""The ledger: which customer is in which role, and who has been told so.

It stands beside the configuration file and is kept in version control with it. Without it nobody could know, from
the configuration alone, that a customer who was handed a role must stay in it, that the role has had another name,
or that a customer or one of its keys has been left out.

The file's first version told only whether a customer was handed over, not with which role and keys. It is still
read; what it does not tell is unknown until the ledger is written the next time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pinekeep.errors import WrongInputError
from pinekeep.model.customers.packing import Place
from pinekeep.model.customers.residents import Given, Ledger, Resident, ledger_path
from pinekeep.model.facts import aws
from pinekeep.model.sidecar import read_sidecar, require_names_once, write_sidecar

__all__ = ["Given", "Ledger", "Resident", "ledger_path", "read_ledger", "write_ledger"]

VERSION: Final = 2
MAX_BYTES: Final = 16 * 1024 * 1024
"""Several times what a configuration file of the largest size can bring about."""
_NUMBER: Final = Field(ge=1, le=1000)


class _Model(BaseModel):
    """What all parts of the file share. Built when there is a ledger to read, and not before."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class _Given(_Model):
    """What a customer was given, as the file holds it."""

    role_arn: Annotated[str, Field(min_length=1)] | None
    keys: Annotated[list[str], Field(min_length=1)] | None


class _Entry(_Model):
    """What every version of the file holds of a customer."""

    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    role: Annotated[int, _NUMBER]
    policies: Annotated[list[Annotated[int, Field(ge=1, le=2 * aws.MANAGED_POLICIES_PER_ROLE)]], Field(min_length=1)]


class _FirstEntry(_Entry):
    """One customer, as the first version of the file holds it."""

    handed_over: bool

    def given(self) -> Given | None:
        return Given() if self.handed_over else None


class _SecondEntry(_Entry):
    """One customer, as the file holds it."""

    handed_over: _Given | None

    def given(self) -> Given | None:
        made = self.handed_over
        return None if made is None else Given(made.role_arn, None if made.keys is None else tuple(made.keys))


class _Version(BaseModel):
    """The version of a file of any version."""

    model_config = ConfigDict(strict=True, defer_build=True)

    version: Annotated[int, Field(ge=1)]


class _First(_Model):
    """The whole file, in its first version."""

    version: int
    deployments: dict[str, dict[str, _FirstEntry]]


class _Second(_Model):
    """The whole file."""

    version: int
    deployments: dict[str, dict[str, _SecondEntry]]


def read_ledger(path: Path) -> Ledger:
    """Read the ledger; without a file, nobody has a place yet. Raises WrongInputError if it is damaged."""
    hint = "bring it back from version control; without it customers could be moved to roles that they do not allow"
    content = read_sidecar(path, max_bytes=MAX_BYTES, hint=hint)
    if content is None:
        return Ledger()
    try:
        version = _Version.model_validate_json(content).version
        if version > VERSION:
            raise WrongInputError(
                f"{path} is a ledger of version {version}, and this Pinekeep reads versions up to {VERSION}",
                hint="use the Pinekeep that wrote it, or a later one",
            )
        parsed = (_First if version < VERSION else _Second).model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongInputError(
            f"{path} is not a ledger of customers: {where + ': ' if where else ''}{first['msg']}", hint=hint
        ) from None
    require_names_once(path, content, hint=hint)
    return Ledger({deployment: _residents(entries.items()) for deployment, entries in parsed.deployments.items()})


def _residents(entries: Iterable[tuple[str, _FirstEntry | _SecondEntry]]) -> dict[str, Resident]:
    return {
        name: Resident(entry.account, Place(entry.role, tuple(entry.policies)), entry.given())
        for name, entry in entries
    }


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Write the ledger in its latest version, atomically. Raises WrongInputError if the folder cannot be written."""
    content = {
        "version": VERSION,
        "deployments": {
            deployment: {name: _as_entry(resident) for name, resident in sorted(residents.items())}
            for deployment, residents in sorted(ledger.residents.items())
            if residents
        },
    }
    write_sidecar(path, content)


def _as_entry(resident: Resident) -> dict[str, object]:
    given = resident.given
    return {
        "account": resident.account,
        "role": resident.place.role,
        "policies": list(resident.place.policies),
        "handed_over": None
        if given is None
        else {"role_arn": given.role_arn, "keys": None if given.keys is None else list(given.keys)},
    }
