"""What permissions boundaries say, as far as a plan needs it. Reads only."""

from collections.abc import Iterable
from functools import partial

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.calls import ask, managed_policy
from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.access.live import document
from pinekeep.model.policies.document import Policy


def read_boundaries(clients: Clients, arns: Iterable[str]) -> dict[str, Policy]:
    """Return the documents of managed policies by ARN. Two calls for each.

    A policy that does not exist, or that these credentials may not read, is left out: what it allows is undecided.

    Raises:
        botocore.exceptions.ClientError: AWS refuses for another reason.
    """
    found = {arn: managed_policy(partial(ask, clients), arn) for arn in dict.fromkeys(arns)}
    return {arn: document(each) for arn, each in found.items() if each is not None and not isinstance(each, Unreadable)}
