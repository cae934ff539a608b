"""What Pinecone was given, held against what is live: the loudest findings there are, so they come first."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.account.record.handover import Value
from pinekeep.errors import PinekeepError
from pinekeep.model.policies.compare import EXTERNAL_ID_KEY, PolicyFormatError, parse, shortened
from pinekeep.model.values.trust import NO_EXTERNAL_ID
from pinekeep.operations.verification.checks.check import Subject, everywhere, registry
from pinekeep.operations.verification.checks.external_id import lets_in
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed
from pinekeep.operations.verification.checks.trust_policy import of_pinecone

AS_GIVEN: Final = "what Pinecone was given"
FOR_GOOD: Final = (
    "restore the old one before anything else (`pinekeep plan` tells what differs); where it is lost, ask "
    "Pinecone's support"
)
_BESIDE: Final = (
    "Pinecone works on with the external ID that it was given; beside it, Pinecone can be led to this key for another "
    "of its customers."
)
GONE: Final = "it no longer exists"

CHECKS: Final = registry(applies=everywhere)


@CHECKS.add(
    id="handed-over-record",
    title="Record of what was handed over",
    wanted="the values given to Pinecone are recorded",
    meaning="Whether what is live is what Pinecone was given is unknown.",
    reads=("parameters",),
)
def _recorded(subject: Subject, _: object) -> Verdict:
    found = subject.parsed_record
    if isinstance(found, PinekeepError):
        return failed(found.message, fix=found.hint or "look at the parameter")
    if found is None:
        return noted(
            "nothing is recorded yet, so a value that differs from the one that Pinecone has is not detected",
            fix=f"once Pinecone has the values: {subject.run('handoff --record')}",
        )
    if found.damage:
        return failed(
            found.damage,
            fix=f"write both again: {subject.run('handoff --record')}",
            meaning="Nothing is lost yet. If the other one goes too, this looks like a deployment that was never "
            "handed over, and nothing keeps it from being changed.",
        )
    return passed(f"recorded on {found.recorded_at} by {found.recorded_by}")


@CHECKS.add(
    id="handed-over-file",
    title="Handed over: the file",
    wanted="the file has what Pinecone was given",
    meaning="Deploying the file as it is takes from Pinecone what it was given, or leaves it taken.",
    reads=("parameters",),
)
def _in_the_file(subject: Subject, _: object) -> Verdict | None:
    record = subject.record
    if record is None or record.handed_over.get(Value.ROLE_ARN) is None:
        return None
    if subject.contradictions:
        return failed(f"the file differs: {', '.join(map(str, subject.contradictions))}", fix=subject.restore)
    if subject.by_record:
        given = [record.handed_over.get(value) for value in (Value.ROLE_ARN, Value.KEY_ARN)]
        return noted(
            f"the file no longer has cmek, and {' and '.join(filter(None, given))} are live: Pinecone was given them",
            fix=f"put cmek back into the file; to give the key up: {subject.run('offboard')}",
        )
    return passed()


def _holds(value: Value, subject: Subject, _: object, live: Document | None) -> Iterator[Verdict]:
    given = subject.record.handed_over.get(value) if subject.record else None
    if given is None:
        return
    now = _now(value, live, subject)
    wanted = f"{AS_GIVEN}: {_shown(value, given)}"
    if now == {given}:
        yield passed(AS_GIVEN, wanted=wanted)
        return
    gone = GONE if subject.deployment.cmek is not None else "the configuration no longer has cmek"
    found = " and ".join(sorted(_shown(value, each) for each in now)) if now else gone
    fix, meaning = FOR_GOOD, None
    if subject.contradictions:
        fix = f"{subject.restore}; then: {subject.run('deploy')}"
    elif value is Value.EXTERNAL_ID and (
        now or (live is not None and subject.deployment.cmek is not None and not subject.by_record)
    ):
        fix = subject.restore
        if live is not None and now and lets_in(subject, live, None if given == NO_EXTERNAL_ID else given):
            fix = f"take the other way in out of the trust policy: {subject.restore}"
            meaning = _BESIDE
    yield failed(found, wanted=wanted, fix=fix, meaning=meaning)


def _shown(value: Value, text: str) -> str:
    return shortened(text) if value is Value.EXTERNAL_ID and text != NO_EXTERNAL_ID else text


def _now(value: Value, live: Document | None, subject: Subject) -> set[str]:
    """Return what is so now; several external IDs where the trust policy accepts several."""
    if live is None:
        return set()
    return external_ids_of(subject, live) if value is Value.EXTERNAL_ID else {str(live["Arn"])}


def external_ids_of(subject: Subject, role: Document) -> set[str]:
    """Return the external IDs that Pinecone is asked for; the word for none where a statement asks for none."""
    try:
        allowing = of_pinecone(subject, parse(role["AssumeRolePolicyDocument"]))
    except PolicyFormatError:
        return set()
    found: set[str] = set()
    for each in allowing:
        asked = [one for one in each.conditions if one.key.lower() == EXTERNAL_ID_KEY]
        found |= {text for one in asked for text in one.values} or {NO_EXTERNAL_ID}
    return found


MEANINGS: Final = {
    Value.ROLE_ARN: "Pinecone assumes the role that it was given, for good: until that one is back, it cannot read or "
    "write the project's data.",
    Value.KEY_ARN: "Pinecone keeps the key that it was given, for good: what is encrypted with it cannot be read with "
    "another.",
    Value.EXTERNAL_ID: "Pinecone presents the external ID that it was given, for good: with another in the trust "
    "policy it is refused.",
}

for _value, _meaning in MEANINGS.items():
    CHECKS.add(
        id=f"handed-over-{_value.name.lower().removesuffix('_arn').replace('_', '-')}",
        title=f"Handed over: {_value}",
        wanted=AS_GIVEN,
        meaning=_meaning,
        reads=("parameters", "key" if _value is Value.KEY_ARN else "role"),
        sees_absence=True,
    )(partial(_holds, _value))
