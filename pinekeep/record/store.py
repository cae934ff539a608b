"""The record of what was handed over: one parameter for each deployment, in the deployment's account and Region."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pinekeep import naming
from pinekeep.aws.clients import Clients
from pinekeep.errors import PinekeepError
from pinekeep.record.handed import UNCHANGEABLE, Difference, HandedOver, Value
from pinekeep.record.parameter import Stored, read_parameter, write_parameter

VERSION: Final = 1
_FIELDS: Final = {
    Value.ROLE_ARN: "role_arn",
    Value.KEY_ARN: "key_arn",
    Value.EXTERNAL_ID: "external_id",
    Value.ENDPOINT_ID: "endpoint_id",
}
Text = Annotated[str, Field(min_length=1, max_length=2048)]


class _Document(BaseModel):
    """The record, as the parameter holds it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: Literal[1]
    deployment: Text
    role_arn: Text | None = None
    key_arn: Text | None = None
    external_id: Text | None = None
    endpoint_id: Text | None = None
    recorded_at: Text
    recorded_by: Text


@dataclass(frozen=True)
class Record:
    """What was handed over for one deployment, when and by whom.

    Attributes:
        deployment: the deployment's name.
        handed_over: what Pinecone was given.
        recorded_at: when that was noted, in UTC, as ISO 8601.
        recorded_by: who noted it: the ARN of the caller.
        stored: the parameter that it was read from or written to; None for one that is not kept yet.
    """

    deployment: str
    handed_over: HandedOver
    recorded_at: str
    recorded_by: str
    stored: Stored | None = None

    def text(self) -> str:
        """Return the record as its parameter holds it."""
        values = {_FIELDS[value]: given for value, given in self.handed_over.values.items()}
        document = _Document(
            version=VERSION,
            deployment=self.deployment,
            recorded_at=self.recorded_at,
            recorded_by=self.recorded_by,
            **values,
        )
        return json.dumps(document.model_dump(exclude_none=True), indent=1)


def record_name(deployment: str) -> str:
    """Return the name of the parameter that holds a deployment's record."""
    return naming.record_parameter(deployment)


def parse_record(deployment: str, stored: Stored) -> Record:
    """Return the record that a parameter holds.

    Raises:
        PinekeepError: it is no record, or not this deployment's. It is never guessed at, and never overwritten.
    """
    name = record_name(deployment)
    hint = (
        f"earlier versions are kept: aws ssm get-parameter-history --name {name}; put a right one back with "
        f"aws ssm put-parameter --overwrite, or use the version of pinekeep that wrote it"
    )
    try:
        document = _Document.model_validate_json(stored.text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise PinekeepError(
            f"parameter {name} is not a record of what was handed over: {where + ': ' if where else ''}{first['msg']}",
            hint=hint,
        ) from None
    if document.deployment != deployment:
        raise PinekeepError(f"parameter {name} is the record of deployment {document.deployment}", hint=hint)
    values = {value: given for value, field in _FIELDS.items() if (given := getattr(document, field)) is not None}
    return Record(deployment, HandedOver(values), document.recorded_at, document.recorded_by, stored)


def read_record(clients: Clients, deployment: str) -> Record | None:
    """Return a deployment's record, or None where nothing was recorded. One call.

    Args:
        clients: of the deployment's account and Region.
        deployment: its name.

    Raises:
        AwsRefusedError: AWS refuses to tell.
        PinekeepError: what is there is no record.
    """
    stored = read_parameter(clients, record_name(deployment))
    return None if stored is None else parse_record(deployment, stored)


def now_in_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def next_record(
    deployment: str,
    handed_over: HandedOver,
    *,
    before: Record | None,
    by: str,
    endpoint_registered_anew: bool = False,
    clock: Callable[[], datetime] = now_in_utc,
) -> Record:
    """Return the record that follows. Changes nothing.

    What Pinecone keeps for good is never written over: a value that differs is refused. What is new is added; where
    nothing is new, the record of before is returned.

    Args:
        deployment: the deployment's name.
        handed_over: what Pinecone is given now.
        before: the record that there is.
        by: the ARN of whoever notes it.
        endpoint_registered_anew: whether another endpoint was registered with Pinecone in place of the recorded one.
        clock: tells the time.

    Raises:
        PinekeepError: a value differs from the one that was handed over.
    """
    old = before.handed_over if before else HandedOver()
    differing = [each for each in old.differences(old.with_those_of(handed_over)) if each.now is not None]
    refused = [each for each in differing if each.value in UNCHANGEABLE or not endpoint_registered_anew]
    if refused:
        raise _refusal(deployment, refused)
    merged = old.with_those_of(handed_over)
    if before is not None and merged == old:
        return before
    at = clock().astimezone(UTC).replace(microsecond=0).isoformat()
    return Record(deployment, merged, at, by, before.stored if before else None)


def _refusal(deployment: str, found: list[Difference]) -> PinekeepError:
    told = "; ".join(map(str, found))
    if any(each.value in UNCHANGEABLE for each in found):
        return PinekeepError(
            f"{deployment}: {told}",
            hint="Pinecone keeps what it was given and would lose the data; bring the old value back (`pinekeep plan` "
            "tells what differs), and record nothing until it is so",
        )
    return PinekeepError(
        f"{deployment}: {told}",
        hint="register the new endpoint in Pinecone, then record it with --endpoint-registered-anew",
    )


def write_record(clients: Clients, record: Record) -> Record:
    """Keep a record that :func:`next_record` made.

    Args:
        clients: of the deployment's account and Region.
        record: what to keep; ``stored`` is what was read before.

    Raises:
        AwsRefusedError: AWS refuses, or somebody else has recorded something in between.
    """
    name = record_name(record.deployment)
    stored = write_parameter(clients, name, record.text(), after=record.stored, deployment=record.deployment)
    return replace(record, stored=stored)
