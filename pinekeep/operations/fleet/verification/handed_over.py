"""What Pinecone was given for a target, by the file beside the configuration, held against what is live."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.record.handover import Value
from pinekeep.model.config.handover.file import Handover, digest
from pinekeep.operations.verification.checks.base import Description
from pinekeep.operations.verification.checks.check import Subject, with_cmek
from pinekeep.operations.verification.checks.finding import Finding, Verdict, failed, noted, passed
from pinekeep.operations.verification.checks.record import AS_GIVEN, FOR_GOOD, GONE, MEANINGS, external_ids_of

HANDED_OVER: Final = Description(
    id="fleet-handed-over",
    title="What Pinecone was given",
    wanted=AS_GIVEN,
    meaning="Pinecone keeps what it was given, for good.",
)


def check_handover(subject: Subject, given: Handover | None) -> Iterator[Finding]:
    """Yield the findings about role, key and external ID of a target, by what was recorded; a note without a record."""
    if not with_cmek(subject.deployment):
        return
    if given is None:
        told = "nothing is recorded yet, so a value that differs from the one that Pinecone has is not detected"
        fix = f"once Pinecone has the values: {subject.run('handoff --record')}"
        yield HANDED_OVER.finding(subject.name, noted(told, fix=fix))
        return
    verdicts = [each for each in _verdicts(subject, given) if each is not None]
    yield from (HANDED_OVER.finding(subject.name, each) for each in verdicts or [passed(AS_GIVEN)])


def _verdicts(subject: Subject, given: Handover) -> Iterator[Verdict | None]:
    role, key = subject.live.role, subject.live.key
    if role is None or isinstance(role, dict):
        yield _held(Value.ROLE_ARN, given.role_arn, str(role["Arn"]) if role else None)
    if given.key_arn is not None and (key is None or isinstance(key, dict)):
        yield _held(Value.KEY_ARN, given.key_arn, str(key["Arn"]) if key else None)
    if given.external_id is not None and isinstance(role, dict):
        asked = {digest(each) for each in external_ids_of(subject, role)}
        if given.external_id not in asked:
            yield failed(
                "the trust policy asks for another external ID",
                wanted=f"{AS_GIVEN}: the recorded external ID",
                what=f"{HANDED_OVER.title}: {Value.EXTERNAL_ID}",
                fix=subject.restore,
                meaning=MEANINGS[Value.EXTERNAL_ID],
            )


def _held(value: Value, given: str, now: str | None) -> Verdict | None:
    if now == given:
        return None
    return failed(
        now or GONE,
        wanted=f"{AS_GIVEN}: {given}",
        what=f"{HANDED_OVER.title}: {value}",
        fix=FOR_GOOD,
        meaning=MEANINGS[value],
    )
