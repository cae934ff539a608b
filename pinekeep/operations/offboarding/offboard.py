"""Going through the gates: one at a time, and back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.record.offboarding import Gate, OffboardingState, write_offboarding
from pinekeep.errors import PinekeepError
from pinekeep.operations.offboarding import alarm
from pinekeep.operations.offboarding.gate import Seen, Setting
from pinekeep.operations.offboarding.gates import act, look
from pinekeep.operations.revocation.targets import DISABLED, PENDING_DELETION, KeyState

_WITH_A_CHANGE: Final = (Gate.KEY_DISABLED, Gate.DELETION_SCHEDULED, Gate.STACKS_REMOVED)


@dataclass(frozen=True)
class Offboarding:
    """The offboarding of one deployment, as it is now.

    Attributes:
        setting: all that the gates look at.
        by: the ARN of whoever is at work.
    """

    setting: Setting
    by: str

    @property
    def state(self) -> OffboardingState:
        """How far it is."""
        return self.setting.state

    @property
    def next_gate(self) -> Gate | None:
        """The gate that comes next, or None where all were passed."""
        return self.state.next_gate

    def require_as_left(self) -> None:
        """See that the key is as the gates that were passed left it.

        Raises:
            PinekeepError: it is not.
        """
        state, key = self.state, self.setting.key
        if (key.arn if key else None) != state.key_arn:
            raise PinekeepError(
                f"{state.deployment}: the offboarding is about {state.key_arn or 'no key'}, and the deployment has "
                f"{key.arn if key else 'none'} now",
                hint="bring the file back to what it was when the offboarding was begun",
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

    def look(self) -> Seen | None:
        """Return what the next gate sees; None where all were passed. Changes nothing.

        Raises:
            AwsRefusedError: AWS refuses.
            PinekeepError: the key is not as it was left.
        """
        self.require_as_left()
        if self.next_gate is None:
            return None
        with refusals_told():
            return look(self.next_gate, self.setting)

    def go_through(self, seen: Seen) -> tuple["Offboarding", list[str]]:
        """Pass the next gate: once it was looked at, is not blocked, and was confirmed.

        A change is noted as begun before it is made, which also keeps anybody else from making it at the same time.

        Args:
            seen: what :meth:`look` returned.

        Returns:
            The offboarding after it, and what was done.

        Raises:
            AwsRefusedError: AWS refuses, or somebody else is at work on the same offboarding.
            PinekeepError: the change failed; run again, it goes on from there.
            ValueError: the gate is blocked, or there is none.
        """
        gate = self.next_gate
        if gate is None or seen.blocked:
            raise ValueError("there is nothing to pass")
        clients, state = self.setting.clients, self.state
        if gate in _WITH_A_CHANGE:
            topic = self.setting.topic or state.topic
            state = write_offboarding(clients, replace(state, begun=gate, topic=topic))
        with refusals_told():
            done = act(gate, self.setting)
        # When the change is made, not when it was looked at: somebody may have thought about it for days.
        passed = state.with_passed(gate, at=self.setting.clock(), by=self.by, saw=[*done, *seen.lines])
        return self._at(write_offboarding(clients, passed)), done

    def step_back(self) -> Gate | None:
        """Return the gate that a step back takes back, or None where none was passed."""
        if self.state.begun is not None:
            return self.state.begun
        return self.state.passed[-1].gate if self.state.passed else None

    def go_back(self) -> tuple["Offboarding", list[str]]:
        """Take the last gate back, or the one that was begun. May be run again after it was killed.

        Returns:
            The offboarding after it, and what was done.

        Raises:
            AwsRefusedError: AWS refuses, or somebody else is at work on the same offboarding.
            PinekeepError: it cannot be taken back.
            ValueError: there is no gate to take back.
        """
        gate = self.step_back()
        if gate is None:
            raise ValueError("there is no gate to take back")
        clients, state = self.setting.clients, self.state
        if state.begun is None:
            state = replace(state, passed=state.passed[:-1])
        done: list[str] = []
        if gate in _BACK:
            if state is not self.state:
                state = write_offboarding(clients, replace(state, begun=gate))
            with refusals_told():
                done = _BACK[gate](self.setting)
        topic = None if gate is Gate.KEY_DISABLED else state.topic
        return self._at(write_offboarding(clients, replace(state, begun=None, topic=topic))), done

    def _at(self, state: OffboardingState) -> "Offboarding":
        return replace(self, setting=replace(self.setting, state=state))


def _enable(setting: Setting) -> list[str]:
    key = setting.key
    done: list[str] = []
    if key is not None and key.state == DISABLED:
        setting.clients.client("kms").enable_key(KeyId=key.arn)
        done.append("enabled the key")
    elif key is not None and key.state in PENDING_DELETION:
        raise PinekeepError(
            f"the key {key.arn} is to be deleted, which this offboarding did not do",
            hint="`pinekeep restore --cancel-deletion` keeps it",
        )
    if setting.state.topic:
        alarm.remove_alarm(setting.clients, setting.name)
        done.append(f"removed the alarm {alarm.rule_name(setting.name)}")
    return done


def _cancel(setting: Setting) -> list[str]:
    key = setting.key
    if key is not None and key.state in PENDING_DELETION:
        setting.clients.client("kms").cancel_key_deletion(KeyId=key.arn)
        return ["cancelled the deletion of the key; it stays disabled"]
    if key is not None and key.state is None:
        raise PinekeepError(f"the key {key.arn} is deleted, and nothing brings it back")
    return []


def _protect(setting: Setting) -> list[str]:
    setting.removal.protect()
    left = setting.removal.stacks()
    if left:
        return [f"{', '.join(left)} stays, protected from termination"]
    return [
        "the stacks are not made anew by this; to deploy again, name the key under cmek.key.adopt, and give another "
        "role_name unless the role that was kept is deleted first"
    ]


_BACK: Final[dict[Gate, Callable[[Setting], list[str]]]] = {
    Gate.KEY_DISABLED: _enable,
    Gate.DELETION_SCHEDULED: _cancel,
    Gate.STACKS_REMOVED: _protect,
}


def _not_as_left(state: OffboardingState, key: KeyState) -> PinekeepError:
    return PinekeepError(
        f"{state.deployment}: gate {state.passed[-1].gate} left the key otherwise; it is {key.state or 'deleted'} now",
        hint="somebody else changed it; find out who, then go back with `pinekeep offboard --back`",
    )
