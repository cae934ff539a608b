"""The record of a handover: one parameter for each deployment, and a copy of it in another hierarchy.

Both are in the deployment's account and Region. Where one is missing the other is used, and the loss is reported: a
deleted record must not look like a deployment that was never handed over.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pinekeep.account.client.clients import Clients
from pinekeep.account.record.endpoint import registered
from pinekeep.account.record.handover import UNCHANGEABLE, HandedOver, Terms, Value
from pinekeep.account.record.parameter import Stored, read_parameters, write_parameter
from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from pinekeep.model.policies.trust import Regions

VERSION: Final = 2
_FIELDS: Final = {
    Value.ROLE_ARN: "role_arn",
    Value.KEY_ARN: "key_arn",
    Value.EXTERNAL_ID: "external_id",
    Value.ENDPOINT_ID: "endpoint_id",
}
Text = Annotated[str, Field(min_length=1, max_length=2048)]
Texts = Annotated[list[Text], Field(max_length=100)]


class _Document(BaseModel):
    """The record, as a parameter holds it. Version 1 had the four values alone, and no copy."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: Literal[1, 2]
    deployment: Text
    revision: Annotated[int, Field(ge=1)] = 1
    role_arn: Text | None = None
    key_arn: Text | None = None
    external_id: Text | None = None
    pinecone_account: Text | None = None
    regions: Literal["all"] | Texts | None = None
    alias: Text | None = None
    endpoint_id: Text | None = None
    standby_endpoint_ids: Texts = []
    retired_endpoint_ids: Texts = []
    vpc_id: Text | None = None
    private_zone: Text | None = None
    recorded_at: Text
    recorded_by: Text


@dataclass(frozen=True)
class Record:
    """What was handed over for one deployment, when and by whom.

    Attributes:
        recorded_at: the time, in UTC, as ISO 8601.
        stored: the parameter that it was read from or written to; None where there is none.
        copy: the parameter that holds the copy; None where there is none.
        damage: what is wrong with the parameter or its copy, in a sentence; None where both agree.
    """

    deployment: str
    handed_over: HandedOver
    recorded_at: str
    recorded_by: str
    stored: Stored | None = None
    copy: Stored | None = None
    revision: int = 1
    damage: str | None = None

    def text(self) -> str:
        """Return the record as its parameters hold it."""
        handed = self.handed_over
        terms = handed.terms
        document = _Document(
            version=VERSION,
            deployment=self.deployment,
            revision=self.revision,
            **{_FIELDS[value]: given for value, given in handed.values.items()},
            pinecone_account=terms.pinecone_account,
            regions=list(terms.regions) if isinstance(terms.regions, tuple) else terms.regions,
            alias=terms.alias,
            standby_endpoint_ids=list(handed.standby_endpoints),
            retired_endpoint_ids=list(handed.retired_endpoints),
            vpc_id=terms.vpc_id,
            private_zone=terms.private_zone,
            recorded_at=self.recorded_at,
            recorded_by=self.recorded_by,
        )
        found = document.model_dump(exclude_none=True)
        return json.dumps({name: value for name, value in found.items() if value != []}, indent=1)


def _names(deployment: str) -> tuple[str, str]:
    """Return the names of the parameters that hold a deployment's record and its copy."""
    return naming.record_parameter(deployment), naming.record_copy_parameter(deployment)


# --- Reading ---


def parse_record(deployment: str, parameters: Mapping[str, Stored]) -> Record | None:
    """Return the record that a parameter and its copy hold; None where both are missing.

    ``parameters``: the existing parameters, by name; others are ignored. Raises PinekeepError if one of them is
    invalid, or belongs to another deployment. It is never overwritten.
    """
    main, copy = _names(deployment)
    there = {name: parameters[name] for name in (main, copy) if name in parameters}
    if not there:
        return None
    documents = {name: _parsed(deployment, name, stored) for name, stored in there.items()}
    # Of two that differ the newer one counts. A write that was cut short leaves the copy behind.
    newest = max(documents, key=lambda name: (documents[name].revision, name == main))
    return replace(
        _record(documents[newest]), stored=there.get(main), copy=there.get(copy), damage=_damage(deployment, documents)
    )


def _damage(deployment: str, documents: Mapping[str, _Document]) -> str | None:
    main, copy = _names(deployment)
    if main not in documents:
        return f"parameter {main} is gone; its copy {copy} still says what Pinecone was given"
    if copy not in documents:
        if documents[main].version == 1:
            return None
        return f"parameter {copy}, the copy of the record {main}, is gone"
    if documents[main] != documents[copy]:
        return f"parameter {main} and its copy {copy} differ"
    return None


def _parsed(deployment: str, name: str, stored: Stored) -> _Document:
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
    return document


def _record(document: _Document) -> Record:
    regions: Regions | None = (
        tuple(sorted(document.regions)) if isinstance(document.regions, list) else document.regions
    )
    handed_over = HandedOver(
        {value: given for value, field in _FIELDS.items() if (given := getattr(document, field)) is not None},
        Terms(
            pinecone_account=document.pinecone_account,
            regions=regions,
            alias=document.alias,
            vpc_id=document.vpc_id,
            private_zone=document.private_zone,
        ),
        tuple(document.standby_endpoint_ids),
        tuple(document.retired_endpoint_ids),
    )
    return Record(
        document.deployment, handed_over, document.recorded_at, document.recorded_by, revision=document.revision
    )


def read_record(clients: Clients, deployment: str) -> Record | None:
    """Return a deployment's record, or None. One call. Raises PinekeepError if the parameter holds no record."""
    return parse_record(deployment, read_parameters(clients, _names(deployment)))


# --- What comes next ---


def now_in_utc() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def next_record(
    deployment: str,
    handed_over: HandedOver,
    *,
    before: Record | None,
    by: str,
    endpoint_registered_anew: bool = False,
    gone: Collection[str] = (),
    clock: Callable[[], datetime] = now_in_utc,
) -> Record:
    """Return the record that follows. Changes nothing.

    What Pinecone keeps permanently is never overwritten: a differing value is refused. New values are added; where
    nothing is new, the previous record is returned. ``endpoint_registered_anew``: whether another endpoint was
    registered with Pinecone in place of a recorded one that still exists. ``gone``: recorded endpoints that no longer
    exist; another one replaces them without confirmation. Raises PinekeepError if a value differs from the one that was
    handed over.
    """
    old = before.handed_over if before else HandedOver()
    differing = [each for each in old.differences(old.with_those_of(handed_over)) if each.now is not None]
    refused = [each for each in differing if each.value in UNCHANGEABLE]
    if refused:
        raise PinekeepError(f"{deployment}: {'; '.join(map(str, refused))}", hint=_FOR_GOOD)
    known, trusted = old.terms.pinecone_account, handed_over.terms.pinecone_account
    if known is not None and trusted not in (None, known):
        raise PinekeepError(
            f"{deployment}: the role was handed over for Pinecone's account {known}; it trusts account {trusted} now",
            hint=_FOR_GOOD,
        )
    followed = registered(
        deployment,
        old,
        serving=handed_over.get(Value.ENDPOINT_ID),
        standby=next(iter(handed_over.standby_endpoints), None),
        gone=gone,
        replaced=endpoint_registered_anew,
    )
    return changed_record(deployment, followed.with_those_of(handed_over), before=before, by=by, clock=clock)


def changed_record(
    deployment: str,
    handed_over: HandedOver,
    *,
    before: Record | None,
    by: str,
    clock: Callable[[], datetime] = now_in_utc,
) -> Record:
    """Return the record with other content; the previous record where it is the same."""
    if before is not None and handed_over == before.handed_over:
        return before
    at = clock().astimezone(UTC).replace(microsecond=0).isoformat()
    if before is None:
        return Record(deployment, handed_over, at, by)
    return replace(
        before, handed_over=handed_over, recorded_at=at, recorded_by=by, revision=before.revision + 1, damage=None
    )


_FOR_GOOD: Final = (
    "Pinecone keeps what it was given and would lose the data; bring the old value back (`pinekeep plan` tells what "
    "differs), and record nothing until it is so"
)


# --- Writing ---


def write_record(clients: Clients, record: Record) -> Record:
    """Write a record to its parameter, then to the copy. Its ``stored`` and ``copy`` are what was read before."""
    text, main, copy = record.text(), *_names(record.deployment)
    kept = {
        name: write_parameter(clients, name, text, after=before, deployment=record.deployment)
        for name, before in ((main, record.stored), (copy, record.copy))
    }
    return replace(record, stored=kept[main], copy=kept[copy], damage=None)
