"""What a deployment does to the endpoints that Pinecone has registered: one function a rule, each yields what is so."""

from collections.abc import Iterator

from pinekeep.operations.plan.changes import Action, Replacement
from pinekeep.operations.plan.endpoint import ENDPOINT_TYPE, NEW_ENDPOINT
from pinekeep.operations.plan.subject import Subject


def in_use(subject: Subject) -> Iterator[str]:
    """Yield the endpoint that serves clients, is registered, and would go away."""
    serving = _before(subject)[:1]
    for each in serving:
        if each in _registered(subject) and each not in _after(subject):
            yield f"Pinecone has endpoint {each} registered, and it would go away while it serves the clients"


def not_registered(subject: Subject) -> Iterator[str]:
    """Yield the endpoint that would serve clients instead of a registered one, and is not registered."""
    before, after = _before(subject), _after(subject)
    others = [each for each in _registered(subject) if each in before]
    if not after or not others or after[0] in (before[0], *_registered(subject)) or list(in_use(subject)):
        return
    what = "is gone" if after[0] in subject.gone_endpoints else "the record does not know as registered with Pinecone"
    yield (
        f"the clients would be led to {_named(after[0])}, which {what}; {' and '.join(others)} "
        f"{'is' if len(others) == 1 else 'are'} registered"
    )


def name_taken(subject: Subject) -> Iterator[str]:
    """Yield that the private DNS name would be switched on in an endpoint before the old one gives it up."""
    before, after = subject.before.endpoints if subject.before else None, subject.after.endpoints
    if before is None or before.serving is None or before.serving in (*after.ids, *subject.gone_endpoints):
        return
    if before.name_taken_in is not None and before.name_taken_in == after.name_taken_in:
        yield (
            f"EC2 would refuse it: endpoint {before.serving} has Pinecone's private DNS name in the VPC until it is "
            "deleted, which CloudFormation does last"
        )


def gone_changed(subject: Subject) -> Iterator[str]:
    """Yield each endpoint that is gone and that would be changed."""
    for each in subject.changes:
        modified = each.action not in (Action.ADD, Action.REMOVE) and each.replacement is Replacement.NEVER
        if each.type == ENDPOINT_TYPE and modified and each.physical_id in subject.gone_endpoints:
            yield f"EC2 would refuse it: endpoint {each.physical_id} is gone, and this would change it"


def elsewhere(subject: Subject) -> Iterator[str]:
    """Yield each registered endpoint that is live outside of the stack, where another one would be made."""
    before, after = _before(subject), _after(subject)
    if NEW_ENDPOINT in after[:1]:
        for each in _registered(subject):
            if each not in before:
                yield f"Pinecone has endpoint {each} registered, which is live and not in the stack"


def gone(subject: Subject) -> Iterator[str]:
    """Yield each endpoint that is not there any more although the stack or the record has it."""
    after = _after(subject)
    for each in sorted(subject.gone_endpoints):
        who = "Pinecone has" if each in _recorded(subject) else "the stack has"
        stays = "; this deployment does not bring it back" if each in after else ""
        yield f"{who} endpoint {each}{' registered' if each in _recorded(subject) else ''}, which is gone{stays}"


def made_anew(subject: Subject) -> Iterator[str]:
    """Yield that an endpoint is made after another one was handed over."""
    handed = subject.record.handed_over if subject.record else None
    if handed and (handed.registered_endpoints or handed.retired_endpoints):
        for each in _after(subject):
            if each == NEW_ENDPOINT:
                yield "an endpoint is made that Pinecone does not know yet"


def unrecorded(subject: Subject) -> Iterator[str]:
    """Yield the endpoint that serves clients already, and that the record does not know as registered."""
    before, after = _before(subject), _after(subject)
    handed = subject.record.handed_over if subject.record else None
    if handed is None or not before or before[:1] != after[:1] or before[0] in subject.gone_endpoints:
        return
    if before[0] in handed.retired_endpoints:
        yield f"endpoint {before[0]} is there and noted as retired: `pinekeep destroy` did not finish"
    elif before[0] not in handed.registered_endpoints:
        yield f"endpoint {before[0]} serves the clients, and the record does not know it as registered with Pinecone"


def _before(subject: Subject) -> tuple[str, ...]:
    """Return the endpoints that are there, the one that serves first."""
    return subject.before.endpoints.ids if subject.before is not None else ()


def _after(subject: Subject) -> tuple[str, ...]:
    """Return the endpoints that would be there, the one that serves first."""
    return subject.after.endpoints.ids


def _recorded(subject: Subject) -> tuple[str, ...]:
    return subject.record.handed_over.registered_endpoints if subject.record else ()


def _registered(subject: Subject) -> tuple[str, ...]:
    """Return the registered endpoints that are live."""
    return subject.registered_endpoints


def _named(endpoint: str) -> str:
    return endpoint if endpoint == NEW_ENDPOINT else f"endpoint {endpoint}"
