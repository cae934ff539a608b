"""The progress of an offboarding: one parameter for each deployment, in its account and Region.

The parameter cannot be used to skip a gate: one whose gates are out of order or out of time, or that was written by
another program, is refused.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pinekeep.account.client.clients import Clients
from pinekeep.account.record.parameter import Stored, read_parameter, write_parameter
from pinekeep.errors import PinekeepError

VERSION: Final = 1
SAW_MAX: Final = 240
"""The most characters kept of a gate's evidence: all gates must fit one parameter."""
Text = Annotated[str, Field(min_length=1, max_length=2048)]


class Gate(StrEnum):
    """The gates, in order."""

    INDEXES_GONE = "indexes-gone"
    KEY_DELETED_IN_PINECONE = "key-deleted-in-pinecone"
    KEY_UNUSED = "key-unused"
    KEY_DISABLED = "key-disabled"
    DELETION_SCHEDULED = "deletion-scheduled"
    STACKS_REMOVED = "stacks-removed"


OF_OWN_KEY: Final = (Gate.KEY_DISABLED, Gate.DELETION_SCHEDULED)
"""The gates of a created key only: an adopted key is its owner's to disable and delete."""


def gates_of(*, made_key: bool) -> tuple[Gate, ...]:
    """Return the gates of a deployment, in order, given whether its key was created here."""
    return tuple(gate for gate in Gate if made_key or gate not in OF_OWN_KEY)


class _Passed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    gate: Text
    at: Text
    by: Text
    saw: Annotated[str, Field(max_length=SAW_MAX)]


class _Document(BaseModel):
    """The state, as the parameter holds it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: Literal[1]
    revision: int
    deployment: Text
    key_arn: Text | None = None
    made_key: bool
    topic: Text | None = None
    passed: list[_Passed]
    begun: Text | None = None


@dataclass(frozen=True)
class Passed:
    """A passed gate: when, in UTC, the ARN of who passed it, and the evidence, shortened."""

    gate: Gate
    at: datetime
    by: str
    saw: str


@dataclass(frozen=True)
class OffboardingState:
    """The progress of one offboarding.

    Attributes:
        key_arn: the key; None where there is none in the deployment's own account.
        made_key: whether the key was created here, so that it is disabled and deleted in the end.
        begun: the gate whose change was started and not confirmed, or None.
        stored: the parameter that it was read from; None where there is none yet.
    """

    deployment: str
    key_arn: str | None
    made_key: bool
    topic: str | None = None
    passed: tuple[Passed, ...] = ()
    begun: Gate | None = None
    stored: Stored | None = None

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The gates of this deployment, in order."""
        return gates_of(made_key=self.made_key)

    @property
    def next_gate(self) -> Gate | None:
        """The next gate, or None where all were passed."""
        return self.gates[len(self.passed)] if len(self.passed) < len(self.gates) else None

    def passing(self, gate: Gate) -> Passed | None:
        """Return how a gate was passed, or None where it was not."""
        return next((each for each in self.passed if each.gate is gate), None)

    def with_passed(self, gate: Gate, *, at: datetime, by: str, saw: Sequence[str]) -> "OffboardingState":
        """Return the state with the next gate passed. Raises ValueError if it is not the next gate."""
        if gate is not self.next_gate:
            raise ValueError(f"{gate} is not the next gate")
        told = "; ".join(saw)
        short = told if len(told) <= SAW_MAX else told[: SAW_MAX - 1] + "…"
        return replace(self, passed=(*self.passed, Passed(gate, _whole(at), by, short)), begun=None)


def offboarding_name(deployment: str) -> str:
    """Return the name of the parameter that holds a deployment's progress."""
    return f"/pinekeep/{deployment}/offboarding"


def read_offboarding(clients: Clients, deployment: str, *, now: datetime) -> OffboardingState | None:
    """Return the progress of a deployment's offboarding, or None where there is none. One call.

    Raises PinekeepError if the parameter is invalid, out of order, or later than ``now``.
    """
    stored = read_parameter(clients, offboarding_name(deployment))
    return None if stored is None else parse_offboarding(deployment, stored, now=now)


def parse_offboarding(deployment: str, stored: Stored, *, now: datetime) -> OffboardingState:
    """Return the state that a parameter holds; see :func:`read_offboarding`."""
    try:
        found = _Document.model_validate_json(stored.text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _refused(deployment, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if found.deployment != deployment:
        raise _refused(deployment, f"it is about {found.deployment}")
    if found.revision != stored.version:
        raise _refused(deployment, "it was written by something else than `pinekeep offboard`")
    try:
        passed = tuple(Passed(Gate(each.gate), _time(each.at), each.by, each.saw) for each in found.passed)
        begun = None if found.begun is None else Gate(found.begun)
    except ValueError as error:
        raise _refused(deployment, str(error)) from None
    state = OffboardingState(deployment, found.key_arn, found.made_key, found.topic, passed, begun, stored)
    _require_order(state, now)
    return state


def _require_order(state: OffboardingState, now: datetime) -> None:
    names = [each.gate for each in state.passed]
    if names != list(state.gates[: len(names)]):
        raise _refused(state.deployment, f"its gates are out of order: {', '.join(names)}")
    if state.begun is not None and state.begun is not state.next_gate:
        raise _refused(state.deployment, f"{state.begun} was started out of order")
    if state.made_key and state.key_arn is None:
        raise _refused(state.deployment, "it does not name its key")
    times = [each.at for each in state.passed]
    if times != sorted(times):
        raise _refused(state.deployment, "a gate was passed before the one before it")
    if times and times[-1] > _whole(now):
        raise PinekeepError(
            f"{state.deployment}: gate {state.passed[-1].gate} was passed at {times[-1].isoformat()}, and it is only "
            f"{_whole(now).isoformat()} now",
            hint="a clock went backwards; look at the clock of this machine, and wait until that time is over",
        )


def write_offboarding(clients: Clients, state: OffboardingState) -> OffboardingState:
    """Write a state; its ``stored`` is what was read before."""
    document = _Document(
        version=VERSION,
        revision=state.stored.version + 1 if state.stored else 1,
        deployment=state.deployment,
        key_arn=state.key_arn,
        made_key=state.made_key,
        topic=state.topic,
        passed=[
            _Passed(gate=each.gate.value, at=each.at.isoformat(), by=each.by, saw=each.saw) for each in state.passed
        ],
        begun=None if state.begun is None else state.begun.value,
    )
    stored = write_parameter(
        clients,
        offboarding_name(state.deployment),
        json.dumps(document.model_dump(exclude_none=True), ensure_ascii=False),
        after=state.stored,
        deployment=state.deployment,
    )
    return replace(state, stored=stored)


def holds_key(clients: Clients, deployment: str) -> bool:
    """Return whether an offboarding disabled a deployment's key, or will. An invalid parameter counts. One call."""
    stored = read_parameter(clients, offboarding_name(deployment))
    if stored is None:
        return False
    try:
        state = parse_offboarding(deployment, stored, now=datetime.max.replace(tzinfo=UTC))
    except PinekeepError:
        return True
    return state.begun in OF_OWN_KEY or state.passing(Gate.KEY_DISABLED) is not None


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at.astimezone(UTC)


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _refused(deployment: str, why: str) -> PinekeepError:
    name = offboarding_name(deployment)
    return PinekeepError(
        f"parameter {name} is not the state of an offboarding that can be gone on with: {why}",
        hint=f"see who changed it: aws ssm get-parameter-history --name {name}; to begin again at the first gate, "
        f"delete it: aws ssm delete-parameter --name {name}",
    )
