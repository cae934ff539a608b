"""The gates: the check of each, and the change when it is passed."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from pinekeep.account.record.offboarding import Gate
from pinekeep.model.facts import aws, pinecone
from pinekeep.operations.offboarding import alarm, trail
from pinekeep.operations.offboarding.gate import CannotAskError, GateCheck, GateContext
from pinekeep.operations.revocation.targets import DISABLED, ENABLED, PENDING_DELETION, KeyState


def look(gate: Gate, context: GateContext) -> GateCheck:
    """Return the result of a gate's check. Changes nothing.

    Raises:
        PinekeepError: Pinecone refuses.
    """
    return _LOOKS[gate](context)


def act(gate: Gate, context: GateContext) -> list[str]:
    """Make the change of a gate and return what was done, in words. May be run again after it was killed.

    Raises:
        PinekeepError: it failed.
    """
    change = _ACTS.get(gate)
    return change(context) if change else []


def _indexes(context: GateContext) -> GateCheck:
    try:
        found = list(context.look_for_indexes())
    except CannotAskError as error:
        return GateCheck((f"Pinecone was not asked: {error}", "you confirm that no index is left"))
    if found:
        return GateCheck(
            (f"Pinecone lists {len(found)}: {', '.join(found)}",),
            blocked=f"{len(found)} indexes are left in the Pinecone project" if len(found) > 1 else "an index is left",
            hint="delete them in Pinecone: their data cannot be read any more once the key is gone",
        )
    return GateCheck(("Pinecone lists no index",))


def _deleted_in_pinecone(_: GateContext) -> GateCheck:
    return GateCheck(
        (
            "you confirm that the key is deleted in Pinecone, which has no public API for it",
            f"where: Pinecone console, {pinecone.KEYS_CONSOLE_PATH}; it asks for the key's name",
        )
    )


def _unused(context: GateContext) -> GateCheck:
    deleted = _when(context, Gate.KEY_DELETED_IN_PINECONE)
    if (early := _too_early(deleted, context.quiet, context.now)) is not None:
        return GateCheck(
            (f"the key was deleted in Pinecone at {_at(deleted)}",),
            blocked=f"it has not been quiet for {_days(context.quiet)} yet",
            hint=f"run it again after {_at(early)}; --quiet-days sets for how long",
            not_before=early,
        )
    since = context.now - context.quiet - trail.LAG
    seen = _uses(context, since)
    window = f"CloudTrail, {_at(since)} to {_at(context.now)}"
    if seen.found:
        return _used(window, seen.found, hint="find out who it is; the waiting period restarts with the last use")
    return GateCheck((f"{window}: no use of {_what(context)}", *seen.notes, _LAGS))


def _uses(context: GateContext, since: datetime) -> trail.Uses:
    key = context.key if context.state.made_key else None
    return trail.uses(
        context.clients_for,
        context.region,
        key_arn=key.arn if key else None,
        roles=context.roles,
        since=since,
        until=context.now,
    )


def _used(window: str, found: list[trail.Use], *, hint: str) -> GateCheck:
    return GateCheck((f"{window}: {trail.in_words(found)}",), blocked="somebody still uses it", hint=hint)


_LAGS: Final = (
    f"CloudTrail may lag by {trail.LAG.seconds // 60} minutes (the next gate checks again), and keeps "
    f"{trail.KEPT_DAYS} days"
)


def _what(context: GateContext) -> str:
    return "the key, and nobody assumed the role" if context.state.made_key else "the role"


def _disabled(context: GateContext) -> GateCheck:
    key = _key(context)
    if key.replicas:
        return GateCheck(
            (f"replicas: {', '.join(key.replicas)}",),
            blocked="the key has replicas in other Regions, which are keys of their own",
            hint="delete them first, if nothing else needs them",
        )
    if key.state not in (ENABLED, DISABLED):
        return _odd(key)
    since = _when(context, Gate.KEY_UNUSED) - trail.LAG
    seen = _uses(context, since)
    if seen.found:
        return _used(
            f"CloudTrail, {_at(since)} to {_at(context.now)}",
            seen.found,
            hint="find out who it is; then `pinekeep offboard --back` once more, and wait until it is quiet",
        )
    words = f"the key is {key.state}, and was not used since {_at(since)}"
    return GateCheck((words, _alarm_words(context), *seen.notes))


def _alarm_words(context: GateContext) -> str:
    if context.topic:
        return f"alarm: EventBridge rule {alarm.rule_name(context.name)} notifies {context.topic}; {alarm.NEEDS}"
    return "alarm: none, the next gate checks CloudTrail; --alarm-topic notifies an SNS topic at once"


def _disable(context: GateContext) -> list[str]:
    key = _key(context)
    done = []
    if context.topic:
        alarm.set_alarm(context.clients, context.name, key_arn=key.arn, roles=context.roles, topic=context.topic)
        done.append(f"set the alarm {alarm.rule_name(context.name)}")
    context.clients.client("kms").disable_key(KeyId=key.arn)
    return [*done, "disabled the key"]


def _deletion(context: GateContext) -> GateCheck:
    key, disabled = _key(context), _when(context, Gate.KEY_DISABLED)
    if key.state in PENDING_DELETION and context.state.begun is Gate.DELETION_SCHEDULED:
        return GateCheck((_pending(key), "this was begun before and did not finish"))
    if key.state != DISABLED:
        return _odd(key)
    seen = _uses(context, disabled)
    if found := seen.found:
        return GateCheck(
            (f"CloudTrail, since {_at(disabled)}: {trail.in_words(found)}",),
            blocked="somebody tried to use the disabled key",
            hint="find out who needs it; `pinekeep offboard --back` enables it again, and the waiting period restarts",
        )
    if (early := _too_early(disabled, context.cooling, context.now)) is not None:
        return GateCheck(
            (f"the key has been disabled since {_at(disabled)}, and nobody tried to use it",),
            blocked=f"it has not been disabled for {_days(context.cooling)} yet",
            hint=f"run it again after {_at(early)}; --cooling-days sets for how long",
            not_before=early,
        )
    tried = f"the key has been disabled since {_at(disabled)}, and nobody tried to use it"
    return GateCheck((tried, *seen.notes, _LAGS))


def _schedule(context: GateContext) -> list[str]:
    key = _key(context)
    if key.state in PENDING_DELETION:
        return [_pending(key)]
    kms = context.clients.client("kms")
    answer = kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=aws.DELETION_WINDOW_DAYS_MAX)
    when = answer.get("DeletionDate")
    return [f"the key is deleted on {when:%Y-%m-%d}" if when else "the key's deletion is scheduled"]


def _pending(key: KeyState) -> str:
    return f"the key is deleted on {key.deletion_date:%Y-%m-%d}" if key.deletion_date else "the key is to be deleted"


def _stacks(context: GateContext) -> GateCheck:
    key = context.key
    if context.state.made_key and key is not None and key.state is not None and key.state not in PENDING_DELETION:
        return _odd(key)
    stacks = context.removal.stacks(key)
    lines = [f"removes {each}" for each in stacks] or ["no stack is left"]
    return GateCheck((*lines, *(f"keeps {each}" for each in context.removal.remains(context.key))))


def _key(context: GateContext) -> KeyState:
    """Return the key of a deployment that has one of its own; other deployments skip these gates."""
    if context.key is None:
        raise ValueError(f"{context.name} has no key of its own")
    return context.key


def _when(context: GateContext, gate: Gate) -> datetime:
    """Return when an earlier gate was passed."""
    passed = context.state.passing(gate)
    if passed is None:
        raise ValueError(f"{gate} was not passed")
    return passed.at


def _odd(key: KeyState) -> GateCheck:
    return GateCheck(
        (f"the key is in state {key.state or 'deleted'}",),
        blocked=f"the key is {key.state or 'deleted'}, which this offboarding did not do",
        hint="find out who did; `pinekeep restore` undoes a revocation, and with --cancel-deletion a pending deletion",
    )


def _too_early(since: datetime, wait: timedelta, now: datetime) -> datetime | None:
    """Return the end of a waiting period, including the delay of CloudTrail; None if it is over."""
    over = since + wait + trail.LAG
    return over if now < over else None


def _at(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _days(length: timedelta) -> str:
    return f"{length.days} days" if length.days != 1 else "1 day"


_LOOKS: Final[Mapping[Gate, Callable[[GateContext], GateCheck]]] = {
    Gate.INDEXES_GONE: _indexes,
    Gate.KEY_DELETED_IN_PINECONE: _deleted_in_pinecone,
    Gate.KEY_UNUSED: _unused,
    Gate.KEY_DISABLED: _disabled,
    Gate.DELETION_SCHEDULED: _deletion,
    Gate.STACKS_REMOVED: _stacks,
}
_ACTS: Final[Mapping[Gate, Callable[[GateContext], list[str]]]] = {
    Gate.KEY_DISABLED: _disable,
    Gate.DELETION_SCHEDULED: _schedule,
    Gate.STACKS_REMOVED: lambda context: [f"removed {each}" for each in context.removal.remove(context.key)],
}
