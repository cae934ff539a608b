"""Waiting until the endpoints of a first phase are available."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.process import tell as tell_of_wait
from pinekeep.account.record.endpoint import GONE_STATES
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.operations.plan.phases import WAITING_STATES, Waiting, endpoint_of

PAUSE: Final = 10.0
"""Seconds between two looks at the endpoints."""


def wait_until_available(
    waiting: Iterable[Waiting],
    deployments: Mapping[str, Deployment],
    *,
    access: Access,
    minutes: float,
    tell: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Waiting, ...]:
    """Return the endpoints that are still not available after some minutes; none where all are.

    Reports each state once. Changes nothing, so it can be interrupted at any time.

    Raises AwsRefusedError if an endpoint comes into a final state, is gone, or AWS refuses.
    """
    end = clock() + minutes * 60
    told: dict[str, str] = {}
    left = tuple(waiting)
    while True:
        with refusals_told():
            left = tuple(each for one in left if (each := _look(one, deployments, access)) is not None)
        for each in left:
            if told.get(each.deployment) != each.state:
                tell(f"{each.deployment}: endpoint {each.endpoint_id} is in state {each.state}")
                told[each.deployment] = str(each.state)
        pause = min(PAUSE, end - clock())
        if not left or pause <= 0:
            return left
        tell_of_wait(f"waiting for {', '.join(str(each.endpoint_id) for each in left)} to become available")
        sleep(pause)


def _look(waiting: Waiting, deployments: Mapping[str, Deployment], access: Access) -> Waiting | None:
    """Return an endpoint with its present state; None if it is available."""
    name = waiting.deployment
    found = endpoint_of(name, deployments[name], access.clients_for(deployments[name]))
    if found is None:
        raise AwsRefusedError(
            f"{name}: the endpoint is gone while it was waited for", hint=f"pinekeep plan --deployment {name}"
        )
    endpoint_id, state = found
    if state.lower() in GONE_STATES:
        raise AwsRefusedError(
            f"{name}: endpoint {endpoint_id} is in state {state}, and does not become available",
            hint="ask Pinecone's support why; then write another `generation` under `private_link` of "
            f"{name}, and run: pinekeep deploy --deployment {name}",
        )
    if state.lower() not in WAITING_STATES:
        return None
    return Waiting(deployment=name, endpoint_id=endpoint_id, state=state)
