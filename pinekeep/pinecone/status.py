"""The status of the projects, indexes and API keys at Pinecone, with problems and notes. Reads only.

Source: facts.pinecone.CMEK_PAGE, PRIVATE_ENDPOINTS_PAGE; facts.pinecone_api.CONTROL_PLANE_API.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pinekeep.account.client import refusal_codes as codes
from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import PinekeepError
from pinekeep.model.arns import KeyArn
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import PineconeProject, alias_of
from pinekeep.model.facts import claims, pinecone
from pinekeep.model.facts import pinecone_api as api
from pinekeep.model.output.pinecone import (
    ConsoleTaskOutput,
    PineconeIndexOutput,
    PineconeKeyOutput,
    PineconeProjectOutput,
    PineconeStatusOfDeployment,
    PineconeStatusOutput,
)
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.indexes import key_that_lists, list_indexes
from pinekeep.pinecone.inventory import UNREADABLE, Index, Key, Organization, Project, find_project
from pinekeep.pinecone.keys import KeyState, key_state
from pinekeep.pinecone.secrets import Secrets, SecretsManager

CMEK_NOTES: Final = (
    "CMEK: no backups can be made in this project",
    "CMEK: indexes must be serverless, in AWS, and without fields for full-text search",
    "CMEK: the project takes one key, added in the console, and it can never be exchanged",
)
KEY_UNSEEN: Final = (
    "CMEK: no API tells whether the key was added to the project; the first index shows it, by its cmek_id"
)


def status(
    deployments: Mapping[str, Deployment], admin: PineconeAdmin, clients_for: Callable[[Deployment], Clients]
) -> PineconeStatusOutput:
    """Return the status of the deployments' projects.

    ``deployments``: those without a ``pinecone`` section are skipped. Raises AwsRefusedError if Pinecone or AWS refused
    a call, except for reading indexes, which the status reports.
    """
    organizations, projects = admin.organizations(), admin.projects()
    statuses = [
        status_of_deployment(
            name,
            each,
            each.pinecone,
            admin=admin,
            clients=clients_for(each),
            organizations=organizations,
            projects=projects,
        )
        for name, each in deployments.items()
        if each.pinecone is not None
    ]
    owners = {each.project_id: each.deployment for each in statuses if each.project_id}
    return PineconeStatusOutput(
        passed=not any(map(has_problems, statuses)),
        organization=organizations[0].name if len(organizations) == 1 else None,
        plan=plan_of(organizations),
        projects=[
            PineconeProjectOutput(id=each.id, name=each.name, cmek=each.cmek, deployment=owners.get(each.id))
            for each in projects
        ],
        deployments=statuses,
    )


def has_problems(status: PineconeStatusOfDeployment) -> bool:
    """Return whether a project, an index or an API key is not as the file says."""
    return bool(status.problems) or any(each.problems for each in (*(status.indexes or ()), *status.keys))


def wanted_keys(name: str, deployment: Deployment, clients: Clients) -> list[str]:
    """Return the ARNs of keys for a deployment's indexes; none if undeployed. Raises AwsRefusedError if AWS refuses."""
    cmek = deployment.cmek
    if cmek is None:
        return []
    customers = [arn for each in cmek.customer_keys for arn in each.key_arns or [account_keys_arn(each.account)]]
    if cmek.key.adopt:
        return [cmek.key.adopt, *customers]
    alias = alias_of(name, deployment)
    if alias is None:
        return customers
    own = _key_of_alias(clients.client("kms"), alias)
    return [own, *customers] if own else customers


@refusals_told()
def _key_of_alias(kms: Any, alias: str) -> str | None:
    try:
        return str(kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"])
    except Exception as error:
        if codes.code_of(error) == "NotFoundException":
            return None
        raise


def status_of_deployment(
    name: str,
    deployment: Deployment,
    wanted: PineconeProject,
    *,
    admin: PineconeAdmin,
    clients: Clients,
    organizations: list[Organization],
    projects: Sequence[Project],
) -> PineconeStatusOfDeployment:
    """Return the status of one deployment's project, as :func:`status`. ``projects``: those that may be its."""
    problems: list[str] = []
    project = None
    try:
        project = find_project(projects, wanted.project)
    except PineconeStateError as error:
        problems.append(error.message)
    else:
        problems += project_problems(project, deployment, organizations)
    secrets = SecretsManager(clients, deployment=name, tags=deployment.tags)
    keys = admin.api_keys(project.id) if project else []
    arns = wanted_keys(name, deployment, clients)
    indexes, unread = _indexes(project, wanted, keys, secrets, admin)
    return PineconeStatusOfDeployment(
        deployment=name,
        project=wanted.project,
        project_id=project.id if project else None,
        cmek=project.cmek if project else None,
        cmek_wanted=deployment.cmek is not None,
        wanted_keys=arns,
        indexes=None if indexes is None else [_index(each, deployment, arns) for each in indexes],
        indexes_unread=unread,
        keys=_keys(wanted, keys, secrets),
        problems=problems,
        notes=notes_of(project, deployment, indexes, arns),
        console=console_tasks(deployment),
    )


def _indexes(
    project: Project | None, wanted: PineconeProject, keys: list[Key], secrets: Secrets, admin: PineconeAdmin
) -> tuple[list[Index] | None, str | None]:
    """Return the project's indexes, or the reason why they could not be read."""
    if project is None:
        return None, "the project is not there"
    try:
        return list_indexes(key_that_lists(wanted, keys, secrets), admin.account.connection), None
    except PinekeepError as error:
        return None, f"{error.message}; {error.hint}" if error.hint else error.message


def _index(index: Index, deployment: Deployment, arns: list[str]) -> PineconeIndexOutput:
    return PineconeIndexOutput(
        name=index.name,
        kind=index.kind,
        cloud=index.cloud,
        region=index.region,
        state=index.state,
        host=index.host,
        private_host=index.private_host,
        cmek_id=index.cmek_id,
        problems=index_problems(index, deployment, arns),
    )


def _keys(wanted: PineconeProject, keys: list[Key], secrets: Secrets) -> list[PineconeKeyOutput]:
    states = [key_state(each, keys, secrets.look(each.secret)) for each in wanted.api_keys]
    declared = {key.id for state in states for key in (*state.named, *state.unfinished)}
    return [
        *(_declared(state) for state in states),
        *(
            PineconeKeyOutput(id=key.id, name=key.name, roles=list(key.roles), secret=None, stored=False, problems=[])
            for key in keys
            if key.id not in declared
        ),
    ]


def _declared(state: KeyState) -> PineconeKeyOutput:
    key = state.live or next(iter(state.named), None)
    return PineconeKeyOutput(
        id=key.id if key else None,
        name=state.wanted.name,
        roles=list(key.roles) if key else [],
        secret=state.wanted.secret,
        stored=state.live is not None,
        problems=state.problems,
    )


# --- Problems and notes. Pure. ---


def index_problems(index: Index, deployment: Deployment, wanted_keys: Sequence[str]) -> list[str]:
    """Return an index's differences from its deployment. ``wanted_keys``: ARNs of possible keys; empty if unknown."""
    if index.kind == UNREADABLE:
        return ["Pinecone returns it in an unknown shape; look at it in the console"]
    found = []
    if deployment.cmek is not None:
        if index.cmek_id is None:
            found.append("it is not encrypted with a key of yours; that an existing index can be is documented nowhere")
        elif wanted_keys and not any(_same_key(index.cmek_id, each) for each in wanted_keys):
            found.append(f"it is encrypted with {index.cmek_id}, wanted is {' or '.join(wanted_keys)}")
        if (index.kind, index.cloud) != (api.CMEK_DEPLOYMENT_TYPE, api.CMEK_CLOUD):
            found.append(f"CMEK needs a serverless index in AWS; this is {index.kind} in {index.cloud or index.region}")
        if index.full_text:
            found.append("CMEK excludes its fields for full-text search")
    if deployment.private_link is not None:
        if index.region != deployment.region:
            found.append(f"it is in {index.region}; the private endpoint reaches indexes in {deployment.region} alone")
        elif index.private_host is None:
            found.append("it has no private host, so the private endpoint does not reach it")
    return found


def project_problems(
    project: Project | None, deployment: Deployment, organizations: Sequence[Organization]
) -> list[str]:
    """Return a project's differences from its deployment. ``project`` is None where it does not exist yet."""
    found = []
    if project is None:
        found.append("the project does not exist yet: `pinekeep pinecone apply` creates it")
    elif deployment.cmek is not None and not project.cmek:
        found.append(
            "the project has no CMEK, so nothing in it is encrypted with your key. "
            f"{claims.CMEK_OF_EXISTING_PROJECTS.says.rstrip('.')}"
        )
    plan = plan_of(organizations)
    needs = [what for what, part in (("CMEK", deployment.cmek), ("private endpoints", deployment.private_link)) if part]
    if plan is not None and needs and plan not in api.CMEK_PLANS:
        found.append(f"the organization's plan is {plan}; {' and '.join(needs)} need Enterprise")
    return found


def notes_of(
    project: Project | None, deployment: Deployment, indexes: Sequence[Index] | None, wanted_keys: Sequence[str]
) -> list[str]:
    """Return the consequences of CMEK and private endpoints for a project.

    Args:
        project: None where it does not exist yet.
        indexes: its indexes; None where they could not be read.
        wanted_keys: the ARNs of the keys that may encrypt them; empty if unknown.
    """
    notes: list[str] = []
    if project is not None and project.cmek:
        notes += CMEK_NOTES
        if not any(each.cmek_id for each in indexes or ()):
            notes.append(KEY_UNSEEN)
    if project is not None and project.cmek and deployment.cmek is None:
        notes.append("the project has CMEK, and the deployment has no cmek: the key is managed elsewhere")
    if indexes and deployment.cmek is not None and not wanted_keys:
        notes.append("CMEK: the key is not deployed, so each index's cmek_id is shown without comparison")
    if deployment.private_link is not None:
        notes.append(
            "private endpoints: no API tells which are registered, or whether access is restricted to them; up to "
            f"{pinecone.MAX_PRIVATE_ENDPOINTS_PER_PROJECT} in a project"
        )
    return notes


def console_tasks(deployment: Deployment) -> list[ConsoleTaskOutput]:
    """Return the tasks of a deployment that the Pinecone console alone supports, with the page to open."""
    tasks = []
    if deployment.cmek is not None:
        tasks.append(
            _task("Add the key to the project", pinecone.CMEK_CONSOLE_PATH, "`pinekeep handoff` has the values")
        )
    if deployment.private_link is not None:
        tasks.append(
            _task("Register the private endpoint", pinecone.ENDPOINT_CONSOLE_PATH, "`pinekeep handoff` has its ID")
        )
    return [*tasks, *(_task(each.what, each.page, each.why) for each in (api.SET_SSO, api.SET_AUDIT_LOGS))]


def plan_of(organizations: Sequence[Organization]) -> str | None:
    """Return the organization's plan; None where the API lists several organizations."""
    return organizations[0].plan if len(organizations) == 1 else None


def _task(what: str, page: str, why: str) -> ConsoleTaskOutput:
    return ConsoleTaskOutput(what=what, page=f"{pinecone.CONSOLE}: {page}", why=why)


def _same_key(found: str, wanted: str) -> bool:
    """Tell whether two ARNs are of the same key: a multi-Region key has the same ID in each Region."""
    first = KeyArn.parse(found)
    if found == wanted or first is None:
        return found == wanted
    if wanted == account_keys_arn(first.account):
        return True
    second = KeyArn.parse(wanted)
    same = second is not None and (first.account, first.key_id) == (second.account, second.key_id)
    return same and first.key_id.startswith("mrk-")
