"""The steps that bring Pinecone to the declared state. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import PineconeProject, RoleBinding
from pinekeep.model.facts import pinecone_api as api
from pinekeep.model.output.pinecone import PineconePlanOfDeployment, PineconeStepOutput
from pinekeep.pinecone.inventory import Binding, Principal, Project, find_project, require_cmek
from pinekeep.pinecone.keys import KeyState, ambiguity, deletion_of_lost
from pinekeep.pinecone.replacement import words_of
from pinekeep.pinecone.secrets import require_usable

Kind = Literal["project", "key", "lost", "roles", "bind", "unbind"]


@dataclass(frozen=True)
class CurrentState:
    """The state of a deployment at Pinecone.

    Attributes:
        principals: the organization's users and service accounts; empty where no role is declared.
        bindings: the project's and the organization's role bindings; empty where no role is declared.
        client_id: that of our own service account.
    """

    projects: Sequence[Project]
    keys: Sequence[KeyState] = ()
    principals: Sequence[Principal] = ()
    bindings: Sequence[Binding] = ()
    client_id: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a plan. ``what``: the step in words. ``binding_id``: the role binding to remove."""

    kind: Kind
    what: str
    key: KeyState | None = None
    principal: Principal | None = None
    role: str = ""
    binding_id: str = ""


@dataclass
class Plan:
    """The steps for one deployment.

    Attributes:
        cmek: whether the project must have CMEK.
        project: None where it does not exist yet.
        steps: in order.
        notes: what exists and is not declared.
        problems: what prevents the plan, each with a remedy.
    """

    deployment: str
    wanted: PineconeProject
    cmek: bool
    project: Project | None = None
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[PinekeepError] = field(default_factory=list)

    @property
    def in_order(self) -> bool:
        """Whether there is nothing to do and no problem."""
        return not (self.steps or self.problems)

    def output(self) -> PineconePlanOfDeployment:
        """Return its JSON."""
        return PineconePlanOfDeployment(
            deployment=self.deployment,
            project=self.wanted.project,
            project_id=self.project.id if self.project else None,
            steps=[PineconeStepOutput(kind=_WRITTEN_AS[each.kind], what=each.what) for each in self.steps],
            notes=self.notes,
            problems=[f"{each.message}; {each.hint}" if each.hint else each.message for each in self.problems],
        )


_WRITTEN_AS: Final[Mapping[Kind, Literal["project", "key", "roles", "binding"]]] = {
    "project": "project",
    "key": "key",
    "lost": "key",
    "roles": "roles",
    "bind": "binding",
    "unbind": "binding",
}


def make_plan(name: str, deployment: Deployment, current: CurrentState, *, remove_undeclared: bool = False) -> Plan:
    """Return the plan for a deployment that has a ``pinecone`` section.

    ``remove_undeclared``: whether roles in the project that the file does not declare are removed. Raises ValueError if
    the deployment has no ``pinecone`` section.
    """
    if deployment.pinecone is None:
        raise ValueError(f"deployment {name} has no pinecone section")
    plan = Plan(name, deployment.pinecone, cmek=deployment.cmek is not None)
    try:
        plan.project = find_project(current.projects, plan.wanted.project)
        if plan.project is not None and plan.cmek:
            require_cmek(plan.project, name)
    except PinekeepError as error:
        plan.problems.append(error)
        return plan
    if plan.project is None:
        how = "with CMEK, which can never be turned off" if plan.cmek else "without CMEK"
        plan.steps.append(Step("project", f"create the project {plan.wanted.project}, {how}"))
    elif plan.project.cmek and not plan.cmek:
        plan.notes.append(f"project {plan.project.name} has CMEK, and deployment {name} has no cmek")
    for state in current.keys:
        _plan_key(plan, state)
    plan.notes += _other_keys(current.keys)
    _plan_bindings(plan, current, remove_undeclared=remove_undeclared)
    return plan


# --- API keys ---


def _plan_key(plan: Plan, state: KeyState) -> None:
    name, secret = state.wanted.name, state.secret.name
    try:
        require_usable(state.secret, plan.deployment, kms_key=state.wanted.kms_key)
    except PinekeepError as error:
        plan.problems.append(error)
        return
    if state.is_unclear:
        plan.problems.append(ambiguity(state, plan.wanted.project))
    elif not state.named:
        plan.steps.append(Step("key", "; ".join(words_of(state)), key=state))
        if state.secret.current and any(state.secret.gives(key.id) for key in state.others):
            other = next(key for key in state.others if state.secret.gives(key.id))
            plan.notes.append(
                f"the secret {secret} gives the value of API key {other.name} ({other.id}) until then; that key stays: "
                "delete it once nobody uses it"
            )
    elif state.started is not None or len(state.named) > 1:
        plan.notes.append(
            f"a new API key {name} was begun, and an old one is still there: `pinekeep pinecone rotate --key {name}` "
            "finishes it"
        )
    elif state.live is None:
        plan.problems.append(
            PinekeepError(
                f"API key {name} ({state.named[0].id}) exists, and the secret {secret} does not have its value, "
                "which Pinecone does not show again",
                hint=f"`pinekeep pinecone rotate --key {name}` replaces it; clients with the value of this one "
                "lose access",
            )
        )
    else:
        _plan_live_key(plan, state)


def _plan_live_key(plan: Plan, state: KeyState) -> None:
    name = state.wanted.name
    for key in state.lost:
        plan.steps.append(Step("lost", deletion_of_lost(key), key=state))
    if state.live is not None and not state.has_wanted_roles:
        before, after = (", ".join(each) for each in (state.live.roles, state.wanted.roles))
        plan.steps.append(Step("roles", f"change the roles of API key {name} from {before} to {after}", key=state))


def _other_keys(states: Sequence[KeyState]) -> Iterator[str]:
    """Yield a note for each undeclared key."""
    if not states:
        return
    ours = {key.id for state in states for key in (*state.named, *state.unfinished)}
    for key in states[0].others:
        if key.id not in ours:
            yield f"API key {key.name} ({key.id}; {', '.join(key.roles)}) is not in the file; it is left alone"


# --- Roles ---


def _plan_bindings(plan: Plan, current: CurrentState, *, remove_undeclared: bool) -> None:
    wanted: dict[tuple[str, str], Principal] = {}
    for binding in plan.wanted.role_bindings:
        try:
            principal = _principal(binding, current.principals)
        except PinekeepError as error:
            plan.problems.append(error)
            continue
        wanted[principal.id, binding.role] = principal
    project_id = plan.project.id if plan.project else None
    there = {
        (each.principal_id, each.role): each
        for each in current.bindings
        if each.scope == "organization" or each.resource_id == project_id
    }
    for (principal_id, role), principal in wanted.items():
        if (principal_id, role) not in there:
            plan.steps.append(
                Step("bind", f"give {principal.label} the role {role} {_where(role)}", principal=principal, role=role)
            )
    by_id = {each.id: each for each in current.principals}
    for key, each in there.items():
        if key not in wanted and each.scope == "project" and each.principal_id in by_id:
            _plan_undeclared(plan, each, by_id[each.principal_id], current.client_id, remove=remove_undeclared)


def _plan_undeclared(plan: Plan, binding: Binding, principal: Principal, client_id: str, *, remove: bool) -> None:
    if remove and principal.client_id == client_id:
        plan.notes.append(f"{principal.label} has the role {binding.role}; it is kept, because Pinekeep signs in as it")
    elif remove and principal.kind == "user" and plan.wanted.scim is not False:
        plan.notes.append(
            f"{principal.label} has the role {binding.role}; it is kept, because SCIM may set it: the file does "
            "not say scim: false"
        )
    elif remove:
        what = f"remove the role {binding.role} from {principal.label}"
        plan.steps.append(Step("unbind", what, principal=principal, role=binding.role, binding_id=binding.id))
    else:
        plan.notes.append(
            f"{principal.label} has the role {binding.role} in the project, which is not in the file; it is left alone"
        )


def _principal(binding: RoleBinding, principals: Sequence[Principal]) -> Principal:
    """Return the principal of a declared role. Raises PinekeepError if there is none, or several."""
    kind = "user" if binding.user is not None else "service_account"
    label = binding.user or binding.service_account or ""
    found = [each for each in principals if each.kind == kind and each.label.lower() == label.lower()]
    if kind == "service_account":
        found = [each for each in found if each.label == label]
    if not found:
        raise PinekeepError(
            f"{label} is not a user of the organization" if kind == "user" else f"there is no service account {label}",
            hint="invite the user in the Pinecone console; roles are bound after the invitation is accepted"
            if kind == "user"
            else f"create it in the Pinecone console under {api.ADD_SERVICE_ACCOUNT.page}, or correct its name",
        )
    if len(found) > 1:
        raise PinekeepError(
            f"{len(found)} service accounts are named {label}: {', '.join(each.id for each in found)}",
            hint="give all but one another name in the Pinecone console",
        )
    return found[0]


def _where(role: str) -> str:
    return "in the organization" if role in api.ORGANIZATION_ROLES else "in the project"


def needs_people(deployments: Mapping[str, Deployment], *, remove_undeclared: bool) -> bool:
    """Tell whether users, service accounts and roles must be read."""
    return remove_undeclared or any(each.pinecone and each.pinecone.role_bindings for each in deployments.values())
