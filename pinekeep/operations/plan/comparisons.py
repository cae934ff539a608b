"""Differences between a deployment before and after. Each function serves one rule and yields a sentence per finding.

Endpoints are compared by their IDs, the one that serves clients first.
"""

from collections.abc import Iterable, Iterator

from pinekeep.account.record.handover import UNCHANGEABLE, Difference, HandedOver, Value
from pinekeep.account.record.predecessors import Former
from pinekeep.model import naming
from pinekeep.model.words import listed
from pinekeep.operations.plan.changes import Action, Replacement
from pinekeep.operations.plan.resolution import OUTSIDE, conflicts, lost, next_step
from pinekeep.operations.plan.state import ENDPOINT_TYPE, KEY_TYPE, NEW, NEW_ENDPOINT, State
from pinekeep.operations.plan.subject import Subject


def lost_key(subject: Subject) -> Iterator[str]:
    """Yield the key that is gone, or pending deletion, and that the change set would replace."""
    for each in subject.changes:
        if each.lost and each.type == KEY_TYPE and each.stack == naming.cmek_stack(subject.name):
            key = subject.before.values.get(Value.KEY_ARN) if subject.before else None
            yield f"the key {key or each.logical_id} is gone or pending deletion; another would be created in its place"


def record_differs(subject: Subject) -> Iterator[str]:
    """Yield each value that Pinecone was given and that would be changed or removed."""
    gone = {each.value for each in _gone_already(subject)}
    for each in _differences(subject, subject.after):
        if each.value not in gone or _changes(subject, each.value):
            now = "there would be none" if each.now is None else f"it would be {each.now}"
            yield f"Pinecone was given the {each.value} {each.handed_over}; {now}"


def already_gone(subject: Subject) -> Iterator[str]:
    """Yield each value that differs from the record, and that this deployment does not change."""
    for each in _gone_already(subject):
        if not _changes(subject, each.value) and subject.after.values.get(each.value) != each.handed_over:
            yield str(each)


def brought_back(subject: Subject) -> Iterator[str]:
    """Yield each value that is restored to what Pinecone was given."""
    for value, given in _recorded(subject).items():
        if subject.before is not None and _changes(subject, value) and subject.after.values.get(value) == given:
            yield f"the {value} is restored to the one that Pinecone was given: {given}"


def changed(value: Value, subject: Subject) -> Iterator[str]:
    """Yield a value that changes, unless it becomes the one that Pinecone was given."""
    before = subject.before.values.get(value) if subject.before is not None else None
    after = subject.after.values.get(value)
    if before is None or before == after or (after is not None and after == _recorded(subject).get(value)):
        return
    if after is None:
        yield f"the {value} {before} is removed from the outputs"
    elif after in NEW.values():
        yield f"the {value} {before} is replaced by that of {after}"
    else:
        yield f"the {value} changes from {before} to {after}"


def pinecone_account(subject: Subject) -> Iterator[str]:
    """Yield that the role would trust another Pinecone account than the one for which it was handed over."""
    handed = _handed_over(subject)
    given = (handed.terms.pinecone_account if handed else None) or (
        subject.before.trust.pinecone_account if subject.before else None
    )
    if given is not None and subject.deployment.cmek is not None and subject.pinecone_account not in (None, given):
        yield f"the role would trust account {subject.pinecone_account} instead of Pinecone's account {given}"


def renamed(subject: Subject) -> Iterator[str]:
    """Yield each deployment that seems to be this one under a name that the file no longer has."""
    for each in subject.former:
        if each.name != subject.name and each.same_external_id:
            yield (
                f"deployment {each.name} exists with the same external ID, and the file does not name it: this would "
                f"create a second role and a second key beside {_resources(each)}; if {each.name} was renamed, write "
                f"name_in_aws: {each.name} under {subject.name}"
            )


def moved(subject: Subject) -> Iterator[str]:
    """Yield each other Region in which a deployment of this name exists."""
    for each in subject.former:
        if each.name == subject.name:
            yield (
                f"{each.name} is deployed in {each.region} ({_resources(each)}): in {subject.deployment.region} this "
                f"would create a second key; change region back to {each.region}, or give the new deployment a name of "
                "its own"
            )


def unnamed(subject: Subject) -> Iterator[str]:
    """Yield each deployment of the account and Region that the file does not name."""
    for each in subject.former:
        if each.name != subject.name and not each.same_external_id:
            yield f"deployment {each.name} exists too ({_resources(each)}), and this file does not name it"


def administrators(subject: Subject) -> Iterator[str]:
    """Yield the key administrators that are added and removed."""
    if subject.before is not None:
        yield from _list(subject.before.administrators, subject.after.administrators, "key administrator")


def customer_keys(subject: Subject) -> Iterator[str]:
    """Yield the customers' keys that are added and removed."""
    if subject.before is not None:
        yield from _list(subject.before.customer_keys, subject.after.customer_keys, "key of a customer")


def clients(subject: Subject) -> Iterator[str]:
    """Yield the clients of the endpoint that are added and removed."""
    if subject.before is not None and subject.deployment.private_link is not None:
        yield from _list(subject.before.clients, subject.after.clients, "client")


def resolution_lost(subject: Subject) -> Iterator[str]:
    """Yield the clients that would no longer resolve Pinecone's private names, or not for a time."""
    link = subject.deployment.private_link
    if link is not None and not link.dns_moved:
        yield from _lost(subject, link.dns)


def resolution_moved(subject: Subject) -> Iterator[str]:
    """Yield the clients whose names the stack no longer resolves, with the user's word that they do not need it."""
    link = subject.deployment.private_link
    if link is not None and link.dns_moved:
        yield from _lost(subject, None)


def resolution_conflict(subject: Subject) -> Iterator[str]:
    """Yield that the private DNS name would be enabled where the private hosted zone of that name still is."""
    link = subject.deployment.private_link
    if subject.before is None or link is None:
        return
    for vpc in conflicts(subject.before.resolution, subject.after.resolution):
        yield (
            f"EC2 would refuse it: {vpc} has the private hosted zone until it is deleted, which CloudFormation "
            f"does last, and the endpoint's private DNS name would be one of the same name{_next(subject, link.dns)}"
        )


def endpoint_in_use(subject: Subject) -> Iterator[str]:
    """Yield the registered endpoint that serves clients and would be deleted."""
    for each in _ids(subject.before)[:1]:
        if each in subject.registered_endpoints and each not in _ids(subject.after):
            yield f"Pinecone has endpoint {each} registered, and it would be deleted while it serves the clients"


def endpoint_not_registered(subject: Subject) -> Iterator[str]:
    """Yield the endpoint that would serve clients instead of a registered one, and is not registered."""
    before, after = _ids(subject.before), _ids(subject.after)
    others = [each for each in subject.registered_endpoints if each in before]
    if not after or not others or after[0] in (before[0], *subject.registered_endpoints):
        return
    if any(endpoint_in_use(subject)):
        return
    what = "is gone" if after[0] in subject.gone_endpoints else "is not recorded as registered with Pinecone"
    yield (
        f"the clients would be directed to {_named(after[0])}, which {what}; {' and '.join(others)} "
        f"{'is' if len(others) == 1 else 'are'} registered"
    )


def endpoint_name_taken(subject: Subject) -> Iterator[str]:
    """Yield that an endpoint would get the private DNS name before the old one releases it."""
    before, after = subject.before.endpoints if subject.before else None, subject.after.endpoints
    if before is None or before.serving is None or before.serving in (*after.ids, *subject.gone_endpoints):
        return
    if before.name_taken_in is not None and before.name_taken_in == after.name_taken_in:
        yield (
            f"EC2 would refuse it: endpoint {before.serving} has Pinecone's private DNS name in the VPC until it is "
            "deleted, which CloudFormation does last"
        )


def endpoint_gone_changed(subject: Subject) -> Iterator[str]:
    """Yield each endpoint that is gone and that would be changed."""
    for each in subject.changes:
        modified = each.action not in (Action.ADD, Action.REMOVE) and each.replacement is Replacement.NEVER
        if each.type == ENDPOINT_TYPE and modified and each.physical_id in subject.gone_endpoints:
            yield f"EC2 would refuse it: endpoint {each.physical_id} is gone, and this would change it"


def endpoint_elsewhere(subject: Subject) -> Iterator[str]:
    """Yield each registered endpoint that is live outside of the stack, where another one would be created."""
    if NEW_ENDPOINT in _ids(subject.after)[:1]:
        for each in subject.registered_endpoints:
            if each not in _ids(subject.before):
                yield f"Pinecone has endpoint {each} registered, which is live and not in the stack"


def endpoint_gone(subject: Subject) -> Iterator[str]:
    """Yield each endpoint of the stack or of the record that no longer exists."""
    handed = _handed_over(subject)
    for each in sorted(subject.gone_endpoints):
        recorded = handed is not None and each in handed.registered_endpoints
        who = f"Pinecone has endpoint {each} registered" if recorded else f"the stack has endpoint {each}"
        stays = "; this deployment does not recreate it" if each in _ids(subject.after) else ""
        yield f"{who}, which is gone{stays}"


def endpoint_made(subject: Subject) -> Iterator[str]:
    """Yield that an endpoint is created after another one was handed over."""
    handed = _handed_over(subject)
    if handed and (handed.registered_endpoints or handed.retired_endpoints):
        for each in _ids(subject.after):
            if each == NEW_ENDPOINT:
                yield "an endpoint is created that Pinecone does not know yet"


def endpoint_unrecorded(subject: Subject) -> Iterator[str]:
    """Yield the endpoint that serves clients already, and that is not recorded as registered."""
    before, handed = _ids(subject.before), _handed_over(subject)
    if handed is None or not before or before[:1] != _ids(subject.after)[:1] or before[0] in subject.gone_endpoints:
        return
    if before[0] in handed.retired_endpoints:
        yield f"endpoint {before[0]} exists and is recorded as retired: `pinekeep destroy` did not finish"
    elif before[0] not in handed.registered_endpoints:
        yield f"endpoint {before[0]} serves the clients, and is not recorded as registered with Pinecone"


def _lost(subject: Subject, dns: str | None) -> Iterator[str]:
    """Yield the clients that lose resolution. ``dns``: the wanted mode, to name the next step; None names none."""
    if subject.before is None:
        return
    found = lost(subject.before.resolution, subject.after.resolution)
    for again, words in ((False, "any longer"), (True, "for a time")):
        names = [_clients_of(client) for client, returns in found.items() if returns is again]
        if names:
            step = _next(subject, dns) if dns else ""
            yield f"{listed(names)} would not resolve Pinecone's private names {words}{step}"


def _next(subject: Subject, dns: str) -> str:
    step = next_step(subject.before.resolution, dns) if subject.before is not None else None
    if step is None:
        return ""
    return f"; {'when they no longer need to, write' if step.moved else 'first write and deploy'} {step}"


def _clients_of(client: str) -> str:
    return client if client == OUTSIDE else f"clients in {client}"


def _ids(state: State | None) -> tuple[str, ...]:
    return state.endpoints.ids if state is not None else ()


def _named(endpoint: str) -> str:
    return endpoint if endpoint == NEW_ENDPOINT else f"endpoint {endpoint}"


def _resources(former: Former) -> str:
    return " and ".join(filter(None, (former.role_arn, former.key_arn))) or f"its stack in {former.region}"


def _handed_over(subject: Subject) -> HandedOver | None:
    return subject.record.handed_over if subject.record else None


def _recorded(subject: Subject) -> dict[Value, str]:
    """Return the values that Pinecone keeps for good. Endpoints can be registered again and have their own rules."""
    handed = _handed_over(subject)
    return {value: each for value, each in handed.values.items() if value in UNCHANGEABLE} if handed else {}


def _differences(subject: Subject, state: State) -> Iterator[Difference]:
    if handed := _handed_over(subject):
        yield from (each for each in handed.differences(state.handed_over) if each.value in UNCHANGEABLE)


def _gone_already(subject: Subject) -> list[Difference]:
    """Return the present differences from the record; none where nothing is deployed."""
    return list(_differences(subject, subject.before)) if subject.before is not None else []


def _changes(subject: Subject, value: Value) -> bool:
    before = subject.before.values if subject.before is not None else {}
    return before.get(value) != subject.after.values.get(value)


def _list(before: Iterable[str], after: Iterable[str], what: str) -> Iterator[str]:
    was, is_ = list(before), list(after)
    yield from (f"{what} added: {each}" for each in is_ if each not in was)
    yield from (f"{what} removed: {each}" for each in was if each not in is_)
