"""Deployments that the file no longer names: renamed, or moved to another Region. Found by their stacks.

Deploying the new name or Region would create a second key and role, while Pinecone keeps the first ones.
"""

import re
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.reads.answers import outputs_of, says_absent
from pinekeep.account.reads.stack_names import stack_names
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import Output

_STACK: Final = re.compile(re.escape(naming.cmek_stack("%")).replace("%", "(?P<name>.+)"))
_GONE: Final = frozenset({"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"})
MOST: Final = 20
"""The most stacks that are read. In an account with more deployments in other files, the first of them are reported."""


@dataclass(frozen=True, kw_only=True)
class Former:
    """A deployment that exists and that the file does not name, or names in another Region.

    Attributes:
        same_external_id: whether its role requires the external ID of the deployment in question.
        role_arn: its role; None where its stack has no such output.
        key_arn: its key; None where it has none of its own.
    """

    name: str
    region: str
    same_external_id: bool
    role_arn: str | None = None
    key_arn: str | None = None


def former_deployments(
    name: str, deployment: Deployment, *, named: Collection[str], clients_for: Callable[[str], Clients]
) -> tuple[Former, ...]:
    """Return the former names or Regions that a deployment with a role may have had. Reads only.

    A Region that these credentials cannot read is skipped. At most five calls, and one for each stack found. ``named``:
    the names of all deployments of the file. ``clients_for`` returns the clients of a Region of the deployment's
    account. Raises ClientError if AWS refuses for another reason.
    """
    others = [region for region in pinecone.REGIONS if region != deployment.region]
    here = clients_for(deployment.region)

    def stack_in(region: str) -> dict[str, Any] | None:
        return _stack(clients_for(region), name)

    with ThreadPoolExecutor(len(others) + 1, thread_name_prefix="former") as pool:
        renamed = pool.submit(lambda: list(_unnamed(here, {*named, name})))
        moved = [(region, pool.submit(stack_in, region)) for region in others]
        found = [(each, deployment.region, _stack(here, each)) for each in renamed.result()]
        found += [(name, region, each.result()) for region, each in moved]
    external_id = deployment.cmek.trust.external_id if deployment.cmek else None
    return tuple(
        Former(
            name=former,
            region=region,
            same_external_id=outputs_of(stack).get(Output.EXTERNAL_ID) == external_id and external_id != "none",
            role_arn=outputs_of(stack).get(Output.ROLE_ARN),
            key_arn=outputs_of(stack).get(Output.KEY_ARN),
        )
        for former, region, stack in found
        if stack is not None
    )


def _unnamed(clients: Clients, named: Collection[str]) -> Iterator[str]:
    """Yield the names of deployments that have a stack of role and key and are not in the file."""
    matches = (_STACK.fullmatch(each) for each in stack_names(clients))
    yield from islice((each["name"] for each in matches if each and each["name"] not in named), MOST)


def _stack(clients: Clients, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = clients.client("cloudformation").describe_stacks(StackName=naming.cmek_stack(name))[
            "Stacks"
        ][0]
    except Exception as error:
        if says_absent(error) or code_of(error) in DENIED:
            return None
        raise
    return None if found["StackStatus"] in _GONE else found
