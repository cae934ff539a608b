"""Passing the gates, one at a time, and reverting them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.record.offboarding import Gate, OffboardingState, write_offboarding
from pinekeep.errors import PinekeepError
from pinekeep.operations.offboarding import alarm
from pinekeep.operations.offboarding.gate import GateCheck, GateContext
from pinekeep.operations.offboarding.gates import act, look
from pinekeep.operations.revocation.targets import DISABLED, PENDING_DELETION, KeyState

_WITH_A_CHANGE: Final = (Gate.KEY_DISABLED, Gate.DELETION_SCHEDULED, Gate.STACKS_REMOVED)


@dataclass(frozen=True)
class Offboarding:
    """The offboarding of one deployment, as it is now; ``by`` is the ARN of the caller."""

    context: GateContext
    by: str

    @property
    def state(self) -> OffboardingState:
        """The gates that were passed."""
        return self.context.state

    @property
    def next_gate(self) -> Gate | None:
        """The next gate, or None if all were passed."""
        return self.state.next_gate

    def require_as_left(self) -> None:
        """Check that the key is in the state in which the passed gates left it.

        Raises:
            PinekeepError: it is not.
        """
        state, key = self.state, self.context.key
        if (key.arn if key else None) != state.key_arn:
            raise PinekeepError(
                f"{state.deployment}: the offboarding is about {state.key_arn or 'no key'}, and the deployment now has "
                f"{key.arn if key else 'none'}",
                hint="revert the change of the file",
            )
        if key is None or not state.made_key or state.begun is not None:
            return
        if state.passing(Gate.DELETION_SCHEDULED):
            allowed = key.state is None or key.state in PENDING_DELETION
        elif state.passing(Gate.KEY_DISABLED):
            allowed = key.state == DISABLED
        else:
            return
        if not allowed:
            raise _not_as_left(state, key)

    def look(self) -> GateCheck | None:
        """Return the check of the next gate; None if all were passed. Changes nothing.

        Raises:
            AwsRefusedError: AWS refuses.
            PinekeepError: the key was changed.
        """
        self.require_as_left()
        if self.next_gate is None:
            return None
        with refusals_told():
            return look(self.next_gate, self.context)

    def go_through(self, seen: GateCheck) -> tuple["Offboarding", list[str]]:
        """Pass the next gate after it was checked and confirmed; return the new state, and what was done.

        A change is recorded as begun before it is made, which also keeps others from making it at the same time.

        Raises:
            AwsRefusedError: AWS refuses, or someone else is changing the same offboarding.
            PinekeepError: the change failed; it can be run again.
            ValueError: the gate is blocked, or there is none.
        """
        gate = self.next_gate
        if gate is None or seen.blocked:
            raise ValueError("there is nothing to pass")
        clients, state = self.context.clients, self.state
        if gate in _WITH_A_CHANGE:
            topic = self.context.topic or state.topic
            state = write_offboarding(clients, replace(state, begun=gate, topic=topic))
        with refusals_told():
            done = act(gate, self.context)
        # The time of the change, not of the check, which may have been days before.
        passed = state.with_passed(gate, at=self.context.clock(), by=self.by, saw=[*done, *seen.lines])
        return self._at(write_offboarding(clients, passed)), done

    def step_back(self) -> Gate | None:
        """Return the gate that :meth:`go_back` reverts, or None if none was passed."""
        if self.state.begun is not None:
            return self.state.begun
        return self.state.passed[-1].gate if self.state.passed else None

    def go_back(self) -> tuple["Offboarding", list[str]]:
        """Revert the last gate, or the one that was begun; return the new state, and what was done.

        Raises:
            AwsRefusedError: AWS refuses, or someone else is changing the same offboarding.
            PinekeepError: it cannot be reverted.
            ValueError: there is no gate to revert.
        """
        gate = self.step_back()
        if gate is None:
            raise ValueError("there is no gate to revert")
        clients, state = self.context.clients, self.state
        if state.begun is None:
            state = replace(state, passed=state.passed[:-1])
        done: list[str] = []
        if gate in _BACK:
            if state is not self.state:
                state = write_offboarding(clients, replace(state, begun=gate))
            with refusals_told():
                done = _BACK[gate](self.context)
        topic = None if gate is Gate.KEY_DISABLED else state.topic
        return self._at(write_offboarding(clients, replace(state, begun=None, topic=topic))), done

    def _at(self, state: OffboardingState) -> "Offboarding":
        return replace(self, context=replace(self.context, state=state))


def _enable(context: GateContext) -> list[str]:
    key = context.key
    done: list[str] = []
    if key is not None and key.state == DISABLED:
        context.clients.client("kms").enable_key(KeyId=key.arn)
        done.append("enabled the key")
    elif key is not None and key.state in PENDING_DELETION:
        raise PinekeepError(
            f"the key {key.arn} is to be deleted, which this offboarding did not do",
            hint="`pinekeep restore --cancel-deletion` keeps it",
        )
    if context.state.topic:
        alarm.remove_alarm(context.clients, context.name)
        done.append(f"removed the alarm {alarm.rule_name(context.name)}")
    return done


def _cancel(context: GateContext) -> list[str]:
    key = context.key
    if key is not None and key.state in PENDING_DELETION:
        context.clients.client("kms").cancel_key_deletion(KeyId=key.arn)
        return ["cancelled the deletion of the key; it stays disabled"]
    if key is not None and key.state is None:
        raise PinekeepError(f"the key {key.arn} is deleted, which cannot be undone")
    return []


def _protect(context: GateContext) -> list[str]:
    context.removal.protect()
    left = context.removal.stacks(context.key)
    if left:
        return [f"{', '.join(left)} stays, with termination protection"]
    return [
        "this does not create the stacks again; to deploy again, name the key under cmek.key.adopt, and set another "
        "role_name unless the retained role is deleted first"
    ]


_BACK: Final[dict[Gate, Callable[[GateContext], list[str]]]] = {
    Gate.KEY_DISABLED: _enable,
    Gate.DELETION_SCHEDULED: _cancel,
    Gate.STACKS_REMOVED: _protect,
}


def _not_as_left(state: OffboardingState, key: KeyState) -> PinekeepError:
    return PinekeepError(
        f"{state.deployment}: gate {state.passed[-1].gate} left the key in another state; it is "
        f"{key.state or 'deleted'} now",
        hint="somebody else changed it; find out who, then revert with `pinekeep offboard --back`",
    )
