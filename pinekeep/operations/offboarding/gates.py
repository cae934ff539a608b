"""The gates: what each looks at, and what it changes once it is passed."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from pinekeep.account.record.offboarding import Gate
from pinekeep.model.facts import aws, pinecone
from pinekeep.operations.offboarding import alarm, trail
from pinekeep.operations.offboarding.gate import CannotAskError, Seen, Setting
from pinekeep.operations.offboarding.usage import uses
from pinekeep.operations.revocation.targets import DISABLED, ENABLED, PENDING_DELETION, KeyState


def look(gate: Gate, setting: Setting) -> Seen:
    """Return what a gate sees. Changes nothing.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
        PinekeepError: Pinecone refuses.
    """
    return _LOOKS[gate](setting)


def act(gate: Gate, setting: Setting) -> list[str]:
    """Make the change that a gate stands for. What is made already is no error: it may be run again after a kill.

    Returns:
        What was done, in words.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
        PinekeepError: it failed.
    """
    made = _ACTS.get(gate)
    return made(setting) if made else []


# --- 1, 2: Pinecone's side ---


def _indexes(setting: Setting) -> Seen:
    try:
        found = list(setting.look_for_indexes())
    except CannotAskError as error:
        return Seen((f"Pinecone was not asked: {error}", "so it is your word that no index is left"))
    if found:
        return Seen(
            (f"Pinecone lists {len(found)}: {', '.join(found)}",),
            blocked=f"{len(found)} indexes are left in the Pinecone project" if len(found) > 1 else "an index is left",
            hint="delete them in Pinecone: their data cannot be read any more once the key is gone",
        )
    return Seen(("Pinecone lists no index",))


def _deleted_in_pinecone(_: Setting) -> Seen:
    return Seen(
        (
            "it is your word that the key is deleted in Pinecone, which has no public API to tell",
            f"where: Pinecone console, {pinecone.KEYS_CONSOLE_PATH}; it asks for the key's name",
        )
    )


# --- 3: no use ---


def _unused(setting: Setting) -> Seen:
    deleted = _when(setting, Gate.KEY_DELETED_IN_PINECONE)
    if (early := _too_early(deleted, setting.quiet, setting.now)) is not None:
        return Seen(
            (f"the key was deleted in Pinecone at {_at(deleted)}",),
            blocked=f"it has not been quiet for {_days(setting.quiet)} yet",
            hint=f"run it again after {_at(early)}; --quiet-days sets for how long",
            not_before=early,
        )
    since = setting.now - setting.quiet - trail.LAG
    seen = uses(setting, since)
    window = f"CloudTrail, {_at(since)} to {_at(setting.now)}"
    if seen.found:
        return _used(window, seen.found, hint="find out who it is; the time begins anew with the last use")
    return Seen((f"{window}: no use of {_what(setting)}", *seen.told, _LAGS))


def _used(window: str, found: list[trail.Use], *, hint: str) -> Seen:
    return Seen(
        (f"{window}: {trail.told(found)}",),
        blocked="somebody still uses it",
        hint=hint,
    )


_LAGS: Final = (
    f"CloudTrail may lag by {trail.LAG.seconds // 60} minutes (the next gate looks again), and keeps "
    f"{trail.KEPT_DAYS} days"
)


def _what(setting: Setting) -> str:
    return "the key, and nobody assumed the role" if setting.state.made_key else "the role"


# --- 4: disabled ---


def _disabled(setting: Setting) -> Seen:
    key = _key(setting)
    if key.replicas:
        return Seen(
            (f"replicas: {', '.join(key.replicas)}",),
            blocked="the key has replicas in other Regions, which are keys of their own",
            hint="nobody but you knows what they are for; delete them first",
        )
    if key.state not in (ENABLED, DISABLED):
        return _odd(key)
    since = _when(setting, Gate.KEY_UNUSED) - trail.LAG
    seen = uses(setting, since)
    if seen.found:
        return _used(
            f"CloudTrail, {_at(since)} to {_at(setting.now)}",
            seen.found,
            hint="find out who it is; then `pinekeep offboard --back` once more, and wait until it is quiet",
        )
    return Seen((f"the key is {key.state}, and was not used since {_at(since)}", _alarm_words(setting), *seen.told))


def _alarm_words(setting: Setting) -> str:
    if setting.topic:
        return f"alarm: EventBridge rule {alarm.rule_name(setting.name)} tells {setting.topic}; {alarm.NEEDS}"
    return "alarm: none but the look at CloudTrail at the next gate; --alarm-topic names an SNS topic to tell at once"


def _disable(setting: Setting) -> list[str]:
    key = _key(setting)
    done = []
    if setting.topic:
        alarm.set_alarm(setting.clients, setting.name, key_arn=key.arn, roles=setting.roles, topic=setting.topic)
        done.append(f"set the alarm {alarm.rule_name(setting.name)}")
    setting.clients.client("kms").disable_key(KeyId=key.arn)
    return [*done, "disabled the key"]


# --- 5: to be deleted ---


def _deletion(setting: Setting) -> Seen:
    key, disabled = _key(setting), _when(setting, Gate.KEY_DISABLED)
    if key.state in PENDING_DELETION and setting.state.begun is Gate.DELETION_SCHEDULED:
        return Seen((_pending(key), "this was begun before and not seen to its end"))
    if key.state != DISABLED:
        return _odd(key)
    if found := uses(setting, disabled).found:
        return Seen(
            (f"CloudTrail, since {_at(disabled)}: {trail.told(found)}",),
            blocked="somebody tried to use the disabled key",
            hint="find out who misses it; `pinekeep offboard --back` enables it again, and the waiting begins anew",
        )
    if (early := _too_early(disabled, setting.cooling, setting.now)) is not None:
        return Seen(
            (f"the key is disabled since {_at(disabled)}, and nobody tried to use it",),
            blocked=f"it has not been disabled for {_days(setting.cooling)} yet",
            hint=f"run it again after {_at(early)}; --cooling-days sets for how long",
            not_before=early,
        )
    return Seen((f"the key is disabled since {_at(disabled)}, and nobody tried to use it", _LAGS))


def _schedule(setting: Setting) -> list[str]:
    key = _key(setting)
    if key.state in PENDING_DELETION:
        return [_pending(key)]
    answer = setting.clients.client("kms").schedule_key_deletion(
        KeyId=key.arn, PendingWindowInDays=aws.DELETION_WINDOW_DAYS_MAX
    )
    when = answer.get("DeletionDate")
    return [f"the key is deleted on {when:%Y-%m-%d}" if when else "the key's deletion is scheduled"]


def _pending(key: KeyState) -> str:
    return f"the key is deleted on {key.deletion_date:%Y-%m-%d}" if key.deletion_date else "the key is to be deleted"


# --- 6: the stacks ---


def _stacks(setting: Setting) -> Seen:
    key = setting.key
    if setting.state.made_key and key is not None and key.state is not None and key.state not in PENDING_DELETION:
        return _odd(key)
    stacks = setting.removal.stacks()
    lines = [f"removes {each}" for each in stacks] or ["no stack is left"]
    return Seen((*lines, *(f"keeps {each}" for each in setting.removal.remains(setting.key))))


def _remove(setting: Setting) -> list[str]:
    return [f"removed {each}" for each in setting.removal.remove()]


# --- Helpers ---


def _key(setting: Setting) -> KeyState:
    """Return the key; the gates that ask for it are those of a deployment with a key of its own.

    Raises:
        ValueError: there is none.
    """
    if setting.key is None:
        raise ValueError(f"{setting.name} has no key of its own")
    return setting.key


def _when(setting: Setting, gate: Gate) -> datetime:
    """Return when an earlier gate was passed; the state keeps the gates in order.

    Raises:
        ValueError: it was not.
    """
    passed = setting.state.passing(gate)
    if passed is None:
        raise ValueError(f"{gate} was not passed")
    return passed.at


def _odd(key: KeyState) -> Seen:
    return Seen(
        (f"the key is in state {key.state or 'deleted'}",),
        blocked=f"the key is {key.state or 'deleted'}, which this offboarding did not do",
        hint="find out who did; `pinekeep restore` gives back what was revoked or, with --cancel-deletion, what was to "
        "be deleted",
    )


def _too_early(since: datetime, wait: timedelta, now: datetime) -> datetime | None:
    """Return when the wait is over, the time included that CloudTrail lags; None where it is."""
    over = since + wait + trail.LAG
    return over if now < over else None


def _at(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _days(length: timedelta) -> str:
    return f"{length.days} days" if length.days != 1 else "1 day"


_LOOKS: Final[Mapping[Gate, Callable[[Setting], Seen]]] = {
    Gate.INDEXES_GONE: _indexes,
    Gate.KEY_DELETED_IN_PINECONE: _deleted_in_pinecone,
    Gate.KEY_UNUSED: _unused,
    Gate.KEY_DISABLED: _disabled,
    Gate.DELETION_SCHEDULED: _deletion,
    Gate.STACKS_REMOVED: _stacks,
}
_ACTS: Final[Mapping[Gate, Callable[[Setting], list[str]]]] = {
    Gate.KEY_DISABLED: _disable,
    Gate.DELETION_SCHEDULED: _schedule,
    Gate.STACKS_REMOVED: _remove,
}
