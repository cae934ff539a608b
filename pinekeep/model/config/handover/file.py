"""The handover file beside the configuration: the values that Pinecone was given, for use without credentials.

The record in the account is authoritative. This file is a digest of it, without secrets: enough to refuse a changed
configuration before templates are made.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pinekeep.errors import WrongInputError
from pinekeep.model.facts import aws
from pinekeep.model.policies.trust import Regions
from pinekeep.model.sidecar import read_sidecar, require_names_once, write_sidecar
from pinekeep.model.values.names import DeploymentName
from pinekeep.model.values.trust import NO_EXTERNAL_ID

_ALGORITHM: Final = "sha256"
VERSION: Final = 1
MAX_BYTES: Final = 4 * 1024 * 1024
"""Several times the size for the largest configuration file."""
HINT: Final = (
    "bring it back from version control, or remove it and recreate it from the records in the accounts: "
    "`pinekeep handoff --record`"
)
_Account = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
_Region = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z0-9]+)+$", max_length=64)]
_Time = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$", max_length=40)]


Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Handover:
    """The values that Pinecone was given for one deployment, and that cannot change.

    Attributes:
        key_arn: the ARN of the key; None with customers' keys alone.
        key_adopted: whether the key was adopted, so that the stack would create another without ``adopt``.
        external_id: the digest of the external ID, from :func:`digest`; None if unknown.
        pinecone_account: the Pinecone account that the role trusts; None if unknown.
        regions: the Pinecone regions that the role trusts; None if unknown.
        recorded_at: when it was recorded in the account, in UTC, as ISO 8601.
    """

    account: str
    region: str
    role_arn: str
    key_arn: str | None = None
    key_adopted: bool = False
    external_id: str | None = None
    pinecone_account: str | None = None
    regions: Regions | None = None
    recorded_at: str


def digest(external_id: str) -> str:
    """Return the SHA-256 digest of an external ID, or the word ``none`` for none."""
    if external_id == NO_EXTERNAL_ID:
        return NO_EXTERNAL_ID
    return f"{_ALGORITHM}:{hashlib.sha256(external_id.encode()).hexdigest()}"


def handover_path(configuration: Path) -> Path:
    """Return the path of the handover file: ``pinekeep.handed-over.json`` for ``pinekeep.yaml``."""
    return configuration.with_suffix(".handed-over.json")


class HandoverEntry(BaseModel):
    """What was handed over once, as a file holds it."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    role_arn: Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:role/[!-~]{1,576}$")]
    key_arn: (
        Annotated[str, Field(pattern=rf"^arn:[a-z-]+:kms:[a-z0-9-]{{1,64}}:[0-9]{{12}}:key/{aws.KEY_ID_PATTERN}$")]
        | None
    )
    key_adopted: bool
    external_id: Annotated[str, Field(pattern=r"^(none|sha256:[0-9a-f]{64})$")] | None
    pinecone_account: _Account | None
    pinecone_regions: Literal["all"] | Annotated[list[_Region], Field(min_length=1, max_length=200)] | None
    recorded_at: _Time

    def in_place(self, account: str, region: str) -> Handover:
        """Return the handover that it is in an account and Region."""
        regions = self.pinecone_regions
        return Handover(
            account=account,
            region=region,
            role_arn=self.role_arn,
            key_arn=self.key_arn,
            key_adopted=self.key_adopted,
            external_id=self.external_id,
            pinecone_account=self.pinecone_account,
            regions=tuple(sorted(set(regions))) if isinstance(regions, list) else regions,
            recorded_at=self.recorded_at,
        )


class _Entry(HandoverEntry):
    """One deployment, as the file holds it."""

    account: _Account
    region: _Region


class _Version(BaseModel):
    """The version of a file of any version."""

    model_config = ConfigDict(strict=True, defer_build=True)

    version: Annotated[int, Field(ge=1)]


class _Document(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    version: int
    deployments: dict[DeploymentName, _Entry]


def read_handovers(path: Path) -> dict[str, Handover]:
    """Return the handovers by deployment; none without a file. Raises WrongInputError if it is damaged."""
    parsed = read_document(path, _Document, version=VERSION, max_bytes=MAX_BYTES, hint=HINT)
    if parsed is None:
        return {}
    return {name: entry.in_place(entry.account, entry.region) for name, entry in parsed.deployments.items()}


def read_document(path: Path, kind: type[Document], *, version: int, max_bytes: int, hint: str) -> Document | None:
    """Return a file of handovers, or None without a file. Raises WrongInputError if it is damaged."""
    content = read_sidecar(path, max_bytes=max_bytes, hint=hint)
    if content is None:
        return None
    try:
        written = _Version.model_validate_json(content).version
        if written > version:
            raise WrongInputError(
                f"{path} is of version {written}, and this Pinekeep reads version {version}",
                hint="use the Pinekeep that wrote it, or a later one",
            )
        parsed = kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        # A name may hold anything, a control character too.
        place = f"{where if where.isprintable() else ascii(where)}: " if where else ""
        raise WrongInputError(
            f"{path} does not say what was handed over to Pinecone: {place}{first['msg']}", hint=hint
        ) from None
    require_names_once(path, content, hint=hint)
    return parsed


def write_handovers(path: Path, handovers: Mapping[str, Handover]) -> None:
    """Write the file atomically; same content, same bytes. Raises WrongInputError if the folder cannot be written."""
    write_sidecar(
        path, {"version": VERSION, "deployments": {name: _as_entry(each) for name, each in sorted(handovers.items())}}
    )


def _as_entry(handover: Handover) -> dict[str, object]:
    return {"account": handover.account, "region": handover.region, **lasting_of(handover)}


def lasting_of(handover: Handover) -> dict[str, object]:
    """Return what was handed over as a file holds it, without its account and Region."""
    regions = handover.regions
    return {
        "role_arn": handover.role_arn,
        "key_arn": handover.key_arn,
        "key_adopted": handover.key_adopted,
        "external_id": handover.external_id,
        "pinecone_account": handover.pinecone_account,
        "pinecone_regions": sorted(regions) if isinstance(regions, tuple) else regions,
        "recorded_at": handover.recorded_at,
    }
