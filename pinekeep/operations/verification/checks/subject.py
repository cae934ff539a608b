"""What every subject of a check says of its deployment, before one and after."""

from functools import cached_property

from pinekeep.model.config import Deployment
from pinekeep.model.config.models import Cmek, PrivateLink
from pinekeep.model.config.roles import PlannedRole, planned_roles
from pinekeep.model.customers.packing import Packing


class OfDeployment:
    """A deployment as configured. Subjects of checks add what was read of it.

    Attributes:
        name: the deployment's name.
        deployment: its settings.
        customers: the places of its customers; needed where it has ``customer_keys``.
    """

    name: str
    deployment: Deployment
    customers: Packing | None

    @cached_property
    def roles(self) -> tuple[PlannedRole, ...]:
        """The roles that the deployment is to have."""
        return planned_roles(self.name, self.deployment, self.customers)

    @property
    def cmek(self) -> Cmek:
        """The settings of key and role. Only for checks that apply to deployments with them."""
        if self.deployment.cmek is None:
            raise ValueError(f"deployment {self.name} has no cmek")
        return self.deployment.cmek

    @property
    def link(self) -> PrivateLink:
        """The settings of the endpoint. Only for checks that apply to deployments with them."""
        if self.deployment.private_link is None:
            raise ValueError(f"deployment {self.name} has no private_link")
        return self.deployment.private_link
