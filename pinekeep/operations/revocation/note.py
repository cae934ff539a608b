"""The note of what ``revoke`` did, so that ``restore`` undoes that and nothing else.

The inline policy is recognized by its name; a disabled key needs the note.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pinekeep.account.client.clients import Clients
from pinekeep.account.record.parameter import Stored, read_parameter, write_parameter
from pinekeep.account.record.store import now_in_utc
from pinekeep.errors import PinekeepError
from pinekeep.model import naming

VERSION: Final = 1
Text = Annotated[str, Field(min_length=1, max_length=2048)]


class _Document(BaseModel):
    """The note, as the parameter holds it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: Literal[1]
    deployment: Text
    roles: list[Text]
    key_arn: Text | None = None
    ended_grants: list[Text] | None = None
    noted_at: Text
    noted_by: Text


@dataclass(frozen=True)
class Note:
    """What ``revoke`` did to a deployment, or was about to do: roles cut off, key disabled, grants ended (in words).

    Ended grants are not restored. ``stored`` is the parameter from which it was read, if it exists.
    """

    deployment: str
    roles: tuple[str, ...] = ()
    key_arn: str | None = None
    ended_grants: tuple[str, ...] = ()
    stored: Stored | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is revoked."""
        return not self.roles and self.key_arn is None and not self.ended_grants


def note_name(deployment: str) -> str:
    """Return the name of the parameter that holds a deployment's note."""
    return naming.revocation_parameter(deployment)


def read_note(clients: Clients, deployment: str) -> Note:
    """Return a deployment's note; an empty one if there is none. One call.

    Raises:
        AwsRefusedError: AWS refuses.
        PinekeepError: the parameter holds no note.
    """
    name = note_name(deployment)
    stored = read_parameter(clients, name)
    if stored is None:
        return Note(deployment)
    try:
        found = _Document.model_validate_json(stored.text)
    except ValidationError:
        found = None
    if found is None or found.deployment != deployment:
        raise PinekeepError(
            f"parameter {name} is not the note of what was revoked of {deployment}",
            hint=f"earlier versions are kept: aws ssm get-parameter-history --name {name}",
        )
    return Note(deployment, tuple(found.roles), found.key_arn, tuple(found.ended_grants or ()), stored)


def write_note(
    clients: Clients,
    before: Note,
    *,
    roles: tuple[str, ...],
    key_arn: str | None,
    by: str,
    ended_grants: tuple[str, ...] = (),
    clock: Callable[[], datetime] = now_in_utc,
) -> Note:
    """Write what is revoked now, unless the note says so already.

    Raises:
        AwsRefusedError: AWS refuses, or somebody else has noted something in between.
    """
    if (before.roles, before.key_arn, before.ended_grants) == (roles, key_arn, ended_grants):
        return before
    document = _Document(
        version=VERSION,
        deployment=before.deployment,
        roles=list(roles),
        key_arn=key_arn,
        ended_grants=list(ended_grants) or None,
        noted_at=clock().astimezone(UTC).replace(microsecond=0).isoformat(),
        noted_by=by,
    )
    stored = write_parameter(
        clients,
        note_name(before.deployment),
        json.dumps(document.model_dump(exclude_none=True), indent=1),
        after=before.stored,
        deployment=before.deployment,
    )
    return Note(before.deployment, roles, key_arn, ended_grants, stored)
