"""What differs between a deployment as it is and as it would be: one function a rule, each yields what is so."""

from collections.abc import Iterable, Iterator

from pinekeep.account.record.handover import UNCHANGEABLE, Difference, Value
from pinekeep.account.record.predecessors import Former
from pinekeep.operations.plan.state import KEY_TYPE, NEW, State
from pinekeep.operations.plan.subject import Subject


def lost_key(subject: Subject) -> Iterator[str]:
    """Yield the key that is gone, or waits for its deletion, where the change set makes another."""
    for each in subject.changes:
        if each.lost and each.type == KEY_TYPE:
            key = subject.before.values.get(Value.KEY_ARN) if subject.before else None
            yield f"the key {key or each.logical_id} is gone or waits for its deletion; another would be made for it"


def record_differs(subject: Subject) -> Iterator[str]:
    """Yield each value that Pinecone was given and that would be another, or gone."""
    gone = {each.value for each in _gone_already(subject)}
    for each in _differences(subject, subject.after):
        if each.value not in gone or _changes(subject, each.value):
            now = "there would be none" if each.now is None else f"it would be {each.now}"
            yield f"Pinecone was given the {each.value} {each.handed_over}; {now}"


def already_gone(subject: Subject) -> Iterator[str]:
    """Yield each value that is not what Pinecone was given, and that this deployment does not touch."""
    for each in _gone_already(subject):
        if not _changes(subject, each.value) and subject.after.values.get(each.value) != each.handed_over:
            yield str(each)


def brought_back(subject: Subject) -> Iterator[str]:
    """Yield each value that becomes again what Pinecone was given."""
    for value, given in _recorded(subject).items():
        if subject.before is not None and _changes(subject, value) and subject.after.values.get(value) == given:
            yield f"the {value} becomes again what Pinecone was given: {given}"


def role_arn(subject: Subject) -> Iterator[str]:
    """Yield the role's ARN where it changes."""
    yield from _changed(subject, Value.ROLE_ARN)


def key_arn(subject: Subject) -> Iterator[str]:
    """Yield the key's ARN where it changes."""
    yield from _changed(subject, Value.KEY_ARN)


def external_id(subject: Subject) -> Iterator[str]:
    """Yield the external ID where it changes."""
    yield from _changed(subject, Value.EXTERNAL_ID)


def pinecone_account(subject: Subject) -> Iterator[str]:
    """Yield that the role would trust another account than the one of Pinecone's that it was handed over for."""
    recorded = subject.record.handed_over.terms.pinecone_account if subject.record else None
    given = recorded or (subject.before.trust.pinecone_account if subject.before else None)
    if given is not None and subject.deployment.cmek is not None and subject.pinecone_account not in (None, given):
        yield f"the role would trust account {subject.pinecone_account} in place of Pinecone's account {given}"


def dropped_regions(subject: Subject) -> Iterator[str]:
    """Yield each access role of Pinecone's that can assume the role as it was given it, and could not."""
    for each in subject.meaning.dropped:
        yield f"{each} could no longer assume the role with the external ID that it was given"


def renamed(subject: Subject) -> Iterator[str]:
    """Yield each deployment that seems to be this one under a name that the file does not have any more."""
    for each in subject.former:
        if each.name != subject.name and each.same_external_id:
            yield (
                f"deployment {each.name} is there with the same external ID, and the file does not name it: this would "
                f"make a second role and a second key beside {_things(each)}; if {each.name} was renamed, write "
                f"name_in_aws: {each.name} under {subject.name}"
            )


def moved(subject: Subject) -> Iterator[str]:
    """Yield each other Region in which a deployment of this name is."""
    for each in subject.former:
        if each.name == subject.name:
            yield (
                f"{each.name} is deployed in {each.region} ({_things(each)}): in {subject.deployment.region} this "
                f"would make a second key; change region back to {each.region}, or give the new deployment a name of "
                "its own"
            )


def unnamed(subject: Subject) -> Iterator[str]:
    """Yield each deployment of the account and Region that the file does not name."""
    for each in subject.former:
        if each.name != subject.name and not each.same_external_id:
            yield f"deployment {each.name} is there too ({_things(each)}), and this file does not name it"


def _things(former: Former) -> str:
    return " and ".join(filter(None, (former.role_arn, former.key_arn))) or f"its stack in {former.region}"


def forgotten_roles(subject: Subject) -> Iterator[str]:
    """Yield each role that can use the key now, and could not."""
    for each in subject.meaning.forgotten:
        yield f"the role {each} could no longer use the key"


def key_state(subject: Subject) -> Iterator[str]:
    """Yield the state of a key that is not enabled."""
    if subject.key_state is not None:
        yield f"the key is in state {subject.key_state}"


def access(subject: Subject) -> Iterator[str]:
    """Yield who gains or loses what, and for a role or key that is made, who can do what with it."""
    yield from subject.meaning.access
    yield from subject.meaning.first


def administrators(subject: Subject) -> Iterator[str]:
    """Yield the key administrators that come and go."""
    if subject.before is not None:
        yield from _list(subject.before.administrators, subject.after.administrators, "key administrator")


def customer_keys(subject: Subject) -> Iterator[str]:
    """Yield the customers' keys that come and go."""
    if subject.before is not None:
        yield from _list(subject.before.customer_keys, subject.after.customer_keys, "key of a customer")


def clients(subject: Subject) -> Iterator[str]:
    """Yield the clients that come and go."""
    if subject.before is not None and subject.deployment.private_link is not None:
        yield from _list(subject.before.clients, subject.after.clients, "client")


def drift(subject: Subject) -> Iterable[str]:
    """Return what the live policies let happen otherwise than those that were deployed."""
    return subject.meaning.drift


def grants(subject: Subject) -> Iterable[str]:
    """Return what grants on the key let happen besides the policies."""
    return subject.meaning.grants


def left_alone(subject: Subject) -> Iterator[str]:
    """Yield the stacks that are there and not in the file."""
    for each in subject.left_alone:
        yield f"stack {each} stays as it is"


def not_compared(subject: Subject) -> Iterable[str]:
    """Return what could not be compared."""
    return subject.meaning.unknown


def _recorded(subject: Subject) -> dict[Value, str]:
    """Return what Pinecone keeps for good. An endpoint can be registered anew: it has rules of its own."""
    given = subject.record.handed_over.values if subject.record else {}
    return {value: each for value, each in given.items() if value in UNCHANGEABLE}


def _differences(subject: Subject, state: State) -> Iterator[Difference]:
    if subject.record is not None:
        found = subject.record.handed_over.differences(state.handed_over)
        yield from (each for each in found if each.value in UNCHANGEABLE)


def _gone_already(subject: Subject) -> list[Difference]:
    """Return what differs from the record now, before anything is done. Where nothing is deployed all of it is lost."""
    return list(_differences(subject, subject.before)) if subject.before is not None else []


def _changes(subject: Subject, value: Value) -> bool:
    before = subject.before.values if subject.before is not None else {}
    return before.get(value) != subject.after.values.get(value)


def _changed(subject: Subject, value: Value) -> Iterator[str]:
    """Yield that a value changes, unless it becomes what Pinecone was given."""
    before = subject.before.values.get(value) if subject.before is not None else None
    after = subject.after.values.get(value)
    if before is None or before == after or (after is not None and after == _recorded(subject).get(value)):
        return
    if after is None:
        yield f"the {value} {before} is put out no more"
    elif after in NEW.values():
        yield f"the {value} {before} gives way to that of {after}"
    else:
        yield f"the {value} becomes {after}; it is {before} now"


def _list(before: Iterable[str], after: Iterable[str], what: str) -> Iterator[str]:
    was, is_ = list(before), list(after)
    for each in is_:
        if each not in was:
            yield f"{what} added: {each}"
    for each in was:
        if each not in is_:
            yield f"{what} removed: {each}"
