"""Apply the `pinecone` section of the configuration file."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.facts import pinecone_api as api
from pinekeep.pinecone.client import ControlPlane, PineconeAdmin
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Project, find_project, require_cmek
from pinekeep.pinecone.keys import KeyState, key_state
from pinekeep.pinecone.plan import CurrentState, Plan, Step, make_plan, needs_people
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.replacement import Exchange
from pinekeep.pinecone.secrets import SecretsManager

RANK: Final = {"project": 0, "unbind": 2}
"""What comes first, and what last."""


@dataclass(frozen=True)
class PineconeSide:
    """The Pinecone side of deployments, each with a ``pinecone`` section. ``tell`` takes each step as it begins."""

    deployments: Mapping[str, Deployment]
    admin: PineconeAdmin
    clients_for: Callable[[Deployment], Clients]
    tell: Callable[[str], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep

    def plans(self, *, remove_undeclared: bool = False) -> list[Plan]:
        """Return a plan for each deployment. Reads only.

        ``remove_undeclared``: whether roles in the projects that the file does not declare are removed. Raises
        PinekeepError if Pinecone or AWS refused a call, or cannot be reached.
        """
        organization = read_organization(self.admin, self.deployments, remove_undeclared=remove_undeclared)
        return [self.plan(name, organization, remove_undeclared=remove_undeclared) for name in self.deployments]

    def plan(self, name: str, organization: CurrentState, *, remove_undeclared: bool = False) -> Plan:
        """Return the plan for one deployment, as :meth:`plans`. ``organization``: from :func:`read_organization`."""
        deployment = self.deployments[name]
        keys = self.key_states(name, _project_or_none(organization.projects, deployment))
        return make_plan(name, deployment, replace(organization, keys=keys), remove_undeclared=remove_undeclared)

    def key_states(self, name: str, project: Project | None) -> list[KeyState]:
        """Return the states of a deployment's declared API keys. ``project`` is None where it does not exist yet."""
        deployment = self.deployments[name]
        wanted = deployment.pinecone.api_keys if deployment.pinecone else []
        if not wanted:
            return []
        secrets = self._secrets(name)
        keys = self.admin.api_keys(project.id) if project is not None else []
        return [key_state(each, keys, secrets.look(each.secret)) for each in wanted]

    def apply(self, plan: Plan) -> None:
        """Carry out a plan.

        Raises the first problem of the plan, before anything is done; PinekeepError if a step failed. The steps before
        it stay done, and the next plan continues from there.
        """
        if plan.problems:
            raise plan.problems[0]
        project = plan.project
        for step in sorted(plan.steps, key=lambda each: RANK.get(each.kind, 1)):
            if step.kind == "project":
                project = self._make_project(plan, step)
            elif project is None:
                raise AssertionError("the project comes first")
            else:
                self._do(plan, step, project)

    def exchange(self, name: str, state: KeyState, project: Project) -> Exchange:
        """Return the creation or rotation of an API key."""
        return Exchange(
            keys=self.admin,
            secrets=self._secrets(name),
            deployment=name,
            project_id=project.id,
            project=project.name,
            wanted=state.wanted,
            is_known=self._is_known,
            tell=self.tell,
            sleep=self.sleep,
        )

    def _make_project(self, plan: Plan, step: Step) -> Project:
        self.tell(step.what)
        made = self.admin.create_project(plan.wanted.project, cmek=plan.cmek)
        # A concurrent run may have created another project of the same name.
        found = find_project(self.admin.projects(), plan.wanted.project)
        if found is None or found.id != made.id:
            raise PineconeStateError(
                f"the project {made.name} ({made.id}) was created, and Pinecone does not list it yet",
                hint="run it again in a minute",
            )
        if plan.cmek:
            require_cmek(found, plan.deployment)
        return found

    def _do(self, plan: Plan, step: Step, project: Project) -> None:
        if step.kind in ("key", "lost") and step.key is not None:
            exchange = self.exchange(plan.deployment, step.key, project)
            if step.kind == "key":
                exchange.run()
            else:
                exchange.delete_lost(step.key)
            return
        self.tell(step.what)
        if step.kind == "roles" and step.key is not None and step.key.live is not None:
            self.admin.update_api_key(step.key.live.id, roles=step.key.wanted.roles)
        elif step.kind == "bind" and step.principal is not None:
            of_organization = step.role in api.ORGANIZATION_ROLES
            self.admin.create_role_binding(
                step.principal.kind,
                step.principal.id,
                role=step.role,
                project_id=None if of_organization else project.id,
            )
        elif step.kind == "unbind":
            self.admin.delete_role_binding(step.binding_id)

    def _is_known(self, value: Secret) -> bool:
        with ControlPlane(value, self.admin.account.connection) as control_plane:
            return control_plane.is_known()

    def _secrets(self, name: str) -> SecretsManager:
        deployment = self.deployments[name]
        return SecretsManager(self.clients_for(deployment), deployment=name, tags=deployment.tags)


def read_organization(
    admin: PineconeAdmin, deployments: Mapping[str, Deployment], *, remove_undeclared: bool = False
) -> CurrentState:
    """Return the state of an organization as far as deployments need it, without API keys. Reads only.

    Raises PinekeepError if Pinecone refused a call, or cannot be reached.
    """
    projects = admin.projects()
    with_people = needs_people(deployments, remove_undeclared=remove_undeclared)
    return CurrentState(
        projects=projects,
        principals=[*admin.users(), *admin.service_accounts()] if with_people else [],
        bindings=admin.role_bindings() if with_people else [],
        client_id=admin.account.client_id,
    )


def _project_or_none(projects: Sequence[Project], deployment: Deployment) -> Project | None:
    """Return a deployment's project; None where it is missing or ambiguous, which the plan reports."""
    try:
        return find_project(projects, deployment.pinecone.project) if deployment.pinecone else None
    except PinekeepError:
        return None
