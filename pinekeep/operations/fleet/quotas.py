"""The quotas of stack sets, as Service Quotas has them for the administrator's account.

They are found by name: AWS raises their values, and a code says nothing to a reader. Source of the names: the quotas of
AWS CloudFormation in Service Quotas, checked 2026-11-30.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import AwsRefusedError

_SERVICE: Final = "cloudformation"
_INSTANCES: Final = "stack instances per stack set"
_STACK_SETS: Final = "stack sets per administrator account"
_PAGE: Final = 100


@dataclass(frozen=True, kw_only=True)
class StackSetQuotas:
    """The quotas of stack sets. None where Service Quotas does not have one. ``unreadable``: why they are not known."""

    instances: int | None = None
    stack_sets: int | None = None
    unreadable: str | None = None


def read_quotas(clients: Clients) -> StackSetQuotas:
    """Return the quotas of stack sets: those of the account, or else AWS's defaults. One or two calls.

    A refusal is part of the result: nothing depends on it alone, as AWS refuses what exceeds a quota.
    """
    found: dict[str, int] = {}
    try:
        for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
            for each in _pages(clients, operation):
                found.setdefault(str(each.get("QuotaName", "")).strip().lower(), int(each.get("Value") or 0))
            if {_INSTANCES, _STACK_SETS} <= found.keys():
                break
    except AwsRefusedError as error:
        return StackSetQuotas(unreadable=error.message)
    missing = [each for each in (_INSTANCES, _STACK_SETS) if not found.get(each)]
    return StackSetQuotas(
        instances=found.get(_INSTANCES) or None,
        stack_sets=found.get(_STACK_SETS) or None,
        unreadable=f"Service Quotas has no quota of {' and '.join(missing)}" if missing else None,
    )


def _pages(clients: Clients, operation: str) -> Iterator[Any]:
    with refusals_told(clients.region):
        call = getattr(clients.client("service-quotas"), operation)
        arguments: dict[str, Any] = {"ServiceCode": _SERVICE, "MaxResults": _PAGE}
        while True:
            page = call(**arguments)
            yield from page.get("Quotas") or ()
            if not page.get("NextToken"):
                return
            arguments["NextToken"] = page["NextToken"]
