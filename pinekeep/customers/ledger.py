"""The ledger: which customer is in which role, and who has been told so.

It stands beside the configuration file and is kept in version control with it. Without it nobody could know, from
the configuration alone, that a customer who was handed a role must stay in it, or that one has been left out.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pinekeep.customers.packing import Place
from pinekeep.errors import WrongInputError
from pinekeep.facts import aws

VERSION: Final = 1
MAX_BYTES: Final = 4 * 1024 * 1024
_NUMBER: Final = Field(ge=1, le=1000)


class _Entry(BaseModel):
    """One customer, as the file holds it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    role: Annotated[int, _NUMBER]
    policies: Annotated[list[Annotated[int, Field(ge=1, le=2 * aws.MANAGED_POLICIES_PER_ROLE)]], Field(min_length=1)]
    handed_over: bool


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: Annotated[int, Field(ge=VERSION, le=VERSION)]
    deployments: dict[str, dict[str, _Entry]]


@dataclass(frozen=True)
class Resident:
    """One customer in the ledger.

    Attributes:
        account: the customer's AWS account.
        place: the role, and the policies in it.
        handed_over: whether the customer has been told which role to let in.
    """

    account: str
    place: Place
    handed_over: bool


@dataclass(frozen=True)
class Ledger:
    """Everybody who has a place, by deployment and name."""

    residents: Mapping[str, Mapping[str, Resident]] = field(default_factory=dict)

    def of(self, deployment: str) -> Mapping[str, Resident]:
        """Return the customers of a deployment."""
        return self.residents.get(deployment, {})

    def with_deployment(self, deployment: str, residents: Mapping[str, Resident]) -> "Ledger":
        """Return the ledger with these customers in place of the deployment's."""
        return Ledger({**self.residents, deployment: dict(residents)})


def ledger_path(configuration: Path) -> Path:
    """Return where the ledger of a configuration file is: ``pinekeep.customers.json`` for ``pinekeep.yaml``."""
    return configuration.with_suffix(".customers.json")


def read_ledger(path: Path) -> Ledger:
    """Read the ledger; where there is none, nobody has a place yet.

    Raises:
        WrongInputError: the file cannot be read, or is not a ledger. It is never guessed at, and never overwritten.
    """
    hint = "bring it back from version control; without it customers could be moved to roles that they do not let in"
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Ledger()
    except OSError as error:
        raise WrongInputError(f"{path} cannot be read: {error.strerror}", hint=hint) from None
    if len(content) > MAX_BYTES:
        raise WrongInputError(f"{path} is larger than {MAX_BYTES // 1024} KiB", hint=hint)
    try:
        parsed = _File.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongInputError(
            f"{path} is not a ledger of customers: {where + ': ' if where else ''}{first['msg']}", hint=hint
        ) from None
    return Ledger(
        {
            deployment: {
                name: Resident(entry.account, Place(entry.role, tuple(entry.policies)), entry.handed_over)
                for name, entry in entries.items()
            }
            for deployment, entries in parsed.deployments.items()
        }
    )


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Write the ledger, whole or not at all.

    Raises:
        WrongInputError: the folder cannot be written; the file is as it was.
    """
    content = {
        "version": VERSION,
        "deployments": {
            deployment: {
                name: {
                    "account": resident.account,
                    "role": resident.place.role,
                    "policies": list(resident.place.policies),
                    "handed_over": resident.handed_over,
                }
                for name, resident in sorted(residents.items())
            }
            for deployment, residents in sorted(ledger.residents.items())
            if residents
        },
    }
    temporary: Path | None = None
    try:
        with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            json.dump(content, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise WrongInputError(f"{path} cannot be written: {error.strerror}") from None
