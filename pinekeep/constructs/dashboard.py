"""The CloudWatch dashboard of a deployment."""

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from pinekeep.constructs.props import Props
from pinekeep.model.alarms.dashboard import DashboardParts, dashboard_body


class Dashboard(Construct):
    """A dashboard with the alarms, the key, the endpoint by Availability Zone, the audit logs and the deliveries.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        dashboard_name: its name. Names of dashboards are global to an account.
        parts: what it shows.

    Attributes:
        resource: the dashboard.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(self, scope: Construct, construct_id: str, *, dashboard_name: str, parts: DashboardParts) -> None:
        props = Props(scope, construct_id)
        props.require_given(dashboard_name=dashboard_name, parts=parts)
        super().__init__(scope, construct_id)
        body = Stack.of(self).to_json_string(dashboard_body(parts))
        self.resource = cloudwatch.CfnDashboard(self, "Resource", dashboard_name=dashboard_name, dashboard_body=body)

    @property
    def dashboard_name(self) -> str:
        """The dashboard's name, as a reference."""
        return self.resource.ref
