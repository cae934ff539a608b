"""Deployments for the rules: one in which nothing changes, to be changed in one thing at a time."""

from dataclasses import replace
from typing import Any

from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.account.record.store import Record
from pinekeep.model.config import Deployment
from pinekeep.model.policies.trust import Trusted
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement
from pinekeep.operations.plan.resolution import Answer, Resolution
from pinekeep.operations.plan.state import Endpoints, State
from pinekeep.operations.plan.subject import Meaning, Subject

NAME = "search"
CMEK = f"Pinekeep-{NAME}-Cmek"
LINK = f"Pinekeep-{NAME}-PrivateLink"
ROLE_ARN = "arn:aws:iam::111122223333:role/pinekeep-search"
KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
ENDPOINT_ID = "vpce-0a1b2c3d4e5f60718"
VALUES = {
    Value.ROLE_ARN: ROLE_ARN,
    Value.KEY_ARN: KEY_ARN,
    Value.EXTERNAL_ID: EXTERNAL_ID,
    Value.ENDPOINT_ID: ENDPOINT_ID,
}
STATE = State(
    values=VALUES,
    trust=Trusted("740000000001", ("us-east-1",)),
    clients=("10.0.0.0/16",),
    endpoints=Endpoints(serving=ENDPOINT_ID, by_logical_id={"Endpoint": ENDPOINT_ID}),
)
DEPLOYMENT = Deployment.model_validate(
    {
        "account": "111122223333",
        "region": "us-east-1",
        "cmek": {"trust": {"regions": ["us-east-1"], "external_id": EXTERNAL_ID}},
        "private_link": {
            "vpc": {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
            "clients": {"cidrs": ["10.0.0.0/16"]},
        },
    }
)


def subject(*changes: Change, **others: Any) -> Subject:
    """A deployment that is there, with what is given changed in it."""
    base = Subject(
        name=NAME,
        deployment=DEPLOYMENT,
        before=STATE,
        after=STATE,
        changes=changes,
        existing=frozenset({CMEK, LINK}),
    )
    return replace(base, **others)


def becoming(value: Value, now: str | None, **others: Any) -> Subject:
    """A deployment in which one of the values of the handover changes."""
    values = {each: given for each, given in {**VALUES, value: now}.items() if given is not None}
    return subject(after=replace(STATE, values=values), **others)


def serving(now: str, *, standby: str | None = None) -> State:
    """The same with other endpoints."""
    values = {**VALUES, Value.ENDPOINT_ID: now}
    return replace(STATE, values=values, endpoints=Endpoints(serving=now, standby=standby))


def resolving(client: str, *answers: Answer) -> State:
    """The same with DNS that answers a client in these ways."""
    return replace(STATE, resolution=Resolution("private.aped-4627-b74a.pinecone.io", {client: frozenset(answers)}))


def moved(deployment: Deployment) -> Deployment:
    """The same with the user's word that no client needs the DNS any more that goes."""
    assert deployment.private_link
    return deployment.model_copy(
        update={"private_link": deployment.private_link.model_copy(update={"dns_moved": True})}
    )


def meaning(**found: Any) -> Subject:
    return subject(meaning=Meaning(**found))


def record(*, standby: tuple[str, ...] = (), retired: tuple[str, ...] = (), **changed: str) -> Record:
    """What was handed over: everything as it is deployed, but for what is given."""
    values = {**VALUES, **{Value[name.upper()]: given for name, given in changed.items()}}
    handed_over = HandedOver(values, standby_endpoints=standby, retired_endpoints=retired)
    return Record(NAME, handed_over, "2026-11-20T10:00:00+00:00", "arn:aws:iam::111122223333:user/ann")


def change(
    kind: str,
    action: Action = Action.MODIFY,
    *names: str,
    replacement: Replacement = Replacement.NEVER,
    stack: str = CMEK,
    logical_id: str = "Thing",
    **others: Any,
) -> Change:
    """A change of one resource, of the properties named; ``Tags:`` and the like with a colon name attributes."""
    details = tuple(
        PropertyChange(attribute=each[:-1]) if each.endswith(":") else PropertyChange(attribute="Properties", name=each)
        for each in names
    )
    others.setdefault("physical_id", None if action is Action.ADD else "thing-1")
    return Change(
        stack=stack,
        logical_id=logical_id,
        type=kind,
        action=action,
        replacement=replacement,
        details=details,
        **others,
    )
