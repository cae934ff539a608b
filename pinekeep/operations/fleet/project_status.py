"""The status of the Pinecone projects of a fleet, one target after another. Reads only."""

from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.errors import PinekeepError
from pinekeep.model.config.fleet.targets import Target
from pinekeep.model.output.pinecone import (
    FleetProjectStatusesOutput,
    FleetProjectStatusOutput,
    PineconeStatusOfDeployment,
)
from pinekeep.operations.fleet.projects import FleetProjects, projects_by_name, require_projects, with_fleet
from pinekeep.pinecone.inventory import Organization, Project
from pinekeep.pinecone.status import has_problems, status_of_deployment

_SECRETS: Final = "secretsmanager"


def project_statuses(projects: FleetProjects) -> FleetProjectStatusesOutput:
    """Return the status of each target's project.

    Raises WrongInputError as :func:`.projects.require_projects`; PinekeepError if Pinecone refuses to list what there
    is. What cannot be read of one target is part of the result.
    """
    require_projects(projects.targets)
    organizations, by_name = projects.admin.organizations(), projects_by_name(projects.admin.projects())
    found = [_status(projects, each, organizations, by_name) for each in projects.targets.targets]
    return FleetProjectStatusesOutput(
        fleet=projects.targets.name,
        passed=not any(each.status is None or has_problems(each.status) for each in found),
        targets=found,
    )


def _status(
    projects: FleetProjects, target: Target, organizations: list[Organization], by_name: dict[str, list[Project]]
) -> FleetProjectStatusOutput:
    wanted = target.deployment.pinecone
    assert wanted is not None  # noqa: S101 - require_projects
    try:
        status = status_of_deployment(
            projects.targets.name,
            target.deployment,
            wanted,
            admin=projects.admin,
            clients=_BothRoles(projects, target),
            organizations=organizations,
            projects=by_name.get(wanted.project, []),
        )
    except PinekeepError as error:
        return FleetProjectStatusOutput(
            account=target.account, region=target.region, status=None, reason=error.message, fix=error.hint
        )
    return FleetProjectStatusOutput(
        account=target.account,
        region=target.region,
        status=_of_fleet(status, projects.targets.name, target),
        reason=None,
        fix=None,
    )


def _of_fleet(status: PineconeStatusOfDeployment, fleet: str, target: Target) -> PineconeStatusOfDeployment:
    """Return a status with the commands of the fleet."""
    keys = [
        each.model_copy(update={"problems": [with_fleet(text, fleet, target) for text in each.problems]})
        for each in status.keys
    ]
    problems = [with_fleet(text, fleet, target) for text in status.problems]
    return status.model_copy(update={"keys": keys, "problems": problems})


class _BothRoles(Clients):
    """The clients of a target: secrets by the role that may write them, everything else by the verification role."""

    def __init__(self, projects: FleetProjects, target: Target) -> None:
        self.region = target.region
        self._projects = projects
        self._target = target

    def client(self, service: str) -> Any:
        """Return the client of a service. Raises AwsRefusedError if the role cannot be assumed."""
        clients_for = self._projects.secret_clients if service == _SECRETS else self._projects.verification_clients
        return clients_for(self._target).client(service)
