"""The states of an endpoint in the record: registered, standby, retired.

Pinecone identifies an endpoint by its ID. Another one can be registered in its place, so the record follows. A deleted
endpoint does not come back.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.errors import PinekeepError

GONE_STATES: Final = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})
"""Final states of an endpoint, in lower case. Source: facts.aws.ENDPOINT_STATES."""

_RETIRED_KEPT: Final = 50
"""The number of retired endpoint IDs that a record keeps, the newest."""


def gone_endpoints(clients: Clients, endpoint_ids: Collection[str]) -> frozenset[str]:
    """Return the endpoints that no longer exist or are in a final state. One call; none for an empty collection."""
    if not endpoint_ids:
        return frozenset()
    with refusals_told():
        # By a filter, because EC2 refuses a list of IDs with one that it does not know.
        found = clients.client("ec2").describe_vpc_endpoints(
            Filters=[{"Name": "vpc-endpoint-id", "Values": sorted(endpoint_ids)}]
        )["VpcEndpoints"]
    live = {each["VpcEndpointId"] for each in found if str(each["State"]).lower() not in GONE_STATES}
    return frozenset(endpoint_ids) - live


def left_out(before: HandedOver, serving: str | None, standby: str | None) -> tuple[str, ...]:
    """Return the registered endpoints that the stack does not have."""
    return tuple(each for each in before.registered_endpoints if each not in (serving, standby))


def registered(
    name: str,
    before: HandedOver,
    *,
    serving: str | None,
    standby: str | None,
    gone: Collection[str] = (),
    replaced: bool = False,
) -> HandedOver:
    """Return what is handed over once the stack's endpoints are registered with Pinecone. Pure.

    Registered endpoints that the stack no longer has are retired. One that still exists may still serve clients, so its
    replacement must be confirmed.

    Args:
        serving: the endpoint that serves clients; None where the stack has none.
        standby: the standby endpoint; None where there is none.
        gone: the registered endpoints that no longer exist.
        replaced: whether the stack's endpoints were registered in place of the previous ones.

    Raises PinekeepError if a registered endpoint exists outside the stack, and its replacement is not confirmed.
    """
    if serving is None:
        return before
    lost = left_out(before, serving, standby)
    still = [each for each in lost if each not in gone]
    if still and not replaced:
        raise PinekeepError(
            f"{name}: Pinecone was given the endpoint ID {still[0]}, which is still live; the stack has {serving} now",
            hint=f"register {serving} in Pinecone in its place, then: pinekeep handoff --record "
            f"--endpoint-registered-anew --deployment {name}",
        )
    now = tuple(each for each in (serving, standby) if each is not None)
    return replace(
        before,
        values={**before.values, Value.ENDPOINT_ID: serving},
        standby_endpoints=now[1:],
        retired_endpoints=_retired(before, lost, now),
    )


def retired(before: HandedOver) -> HandedOver:
    """Return what is handed over once all endpoints are retired. Pure."""
    values: dict[Value, str] = {
        value: given for value, given in before.values.items() if value is not Value.ENDPOINT_ID
    }
    lost = before.registered_endpoints
    return replace(before, values=values, standby_endpoints=(), retired_endpoints=_retired(before, lost))


def _retired(before: HandedOver, lost: tuple[str, ...], now: tuple[str, ...] = ()) -> tuple[str, ...]:
    kept = [each for each in before.retired_endpoints if each not in (*now, *lost)]
    return tuple([*kept, *lost][-_RETIRED_KEPT:])
