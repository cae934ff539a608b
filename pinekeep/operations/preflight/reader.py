"""Reading each value once, by the call that its permission is named after."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final

from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.privileges.scope import makes_key
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import ExistingVpc, PrivateLink
from pinekeep.model.facts import quotas
from pinekeep.operations.preflight.inventory import FIELDS, PERMISSIONS, Count, is_new
from pinekeep.operations.preflight.queries import Asker

PAGE: Final = {"PaginationConfig": {"PageSize": 1000}}


class Reader:
    """Reads each value once, in the thread that needs it first; others wait for it there.

    A value may need others: those never need it in turn, so the waiting ends however few threads there are.
    """

    def __init__(self, name: str, deployment: Deployment, asker: Asker) -> None:
        self._name = name
        self._deployment = deployment
        self._asker = asker
        self._values: dict[str, Any] = {}
        self._locks = {field: Lock() for field in FIELDS}

    def read(self, field: str) -> Any:
        """Return one value of :class:`pinekeep.operations.preflight.inventory.Seen`."""
        with self._locks[field]:
            if field not in self._values:
                method: Callable[[], Any] = getattr(self, f"_{field}")
                self._values[field] = method()
            return self._values[field]

    def _ask(self, field: str, part: str | None = None, **arguments: Any) -> Any:
        """Make the call that a field's permission is named after, and return a part of the answer."""
        answer = self._asker.ask(self._deployment.region, PERMISSIONS[field][-1], **arguments)
        return answer.get(part) if part and isinstance(answer, dict) else answer

    def _all(self, field: str, part: str, **arguments: Any) -> Any:
        answer = self._asker.all_of(self._deployment.region, PERMISSIONS[field][-1], part, **arguments)
        return answer[0] if isinstance(answer, tuple) else answer

    def _count(self, field: str, part: str, **arguments: Any) -> Any:
        answer = self._asker.all_of(self._deployment.region, PERMISSIONS[field][-1], part, **arguments)
        return Count(len(answer[0]), answer[1]) if isinstance(answer, tuple) else answer

    def _quota(self, field: str, quota: quotas.Quota) -> Any:
        found = self._ask(field, "Quota", ServiceCode=quota.service, QuotaCode=quota.code)
        return found.get("Value") if isinstance(found, dict) else found

    # --- Where the deployment stands ---

    @property
    def _link(self) -> PrivateLink | None:
        return self._deployment.private_link

    def _new(self, stack: str) -> bool:
        """Tell whether a stack is not there yet. Of one that cannot be read nobody knows."""
        return is_new(self.read(stack))

    @property
    def _makes_key_stack(self) -> bool:
        return self._deployment.cmek is not None and self._new("cmek_stack")

    @property
    def _makes_key(self) -> bool:
        return makes_key(self._deployment) and self._makes_key_stack

    @property
    def _makes_endpoint(self) -> bool:
        return self._link is not None and self._new("private_link_stack")

    @property
    def _existing_vpc(self) -> ExistingVpc | None:
        return self._link.vpc if self._link and isinstance(self._link.vpc, ExistingVpc) else None

    def _is_there(self, vpc: ExistingVpc) -> bool:
        """Tell whether a VPC is there, as far as that may be read."""
        vpcs = self.read("vpcs")
        return isinstance(vpcs, Unreadable) or vpc.id in vpcs

    @property
    def _makes_vpc(self) -> bool:
        return self._makes_endpoint and self._existing_vpc is None

    @property
    def _vpc_ids(self) -> Sequence[str]:
        """The VPCs that the configuration names: the endpoint's, and those of further clients."""
        if self._link is None:
            return ()
        return [*([self._existing_vpc.id] if self._existing_vpc else []), *self._link.client_vpc_ids]
