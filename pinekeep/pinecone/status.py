"""The status of the projects, indexes and API keys at Pinecone. Reads only."""

from collections.abc import Callable, Mapping
from typing import Any

from pinekeep.account.client import refusal_codes as codes
from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import PineconeProject, alias_of
from pinekeep.model.output.pinecone import (
    PineconeIndexOutput,
    PineconeKeyOutput,
    PineconeProjectOutput,
    PineconeStatusOfDeployment,
    PineconeStatusOutput,
)
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.pinecone import notices
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.indexes import key_that_lists, list_indexes
from pinekeep.pinecone.inventory import Index, Key, Organization, Project, find_project
from pinekeep.pinecone.keys import KeyState, key_state
from pinekeep.pinecone.secrets import Secrets, SecretsManager


def status(
    deployments: Mapping[str, Deployment], admin: PineconeAdmin, clients_for: Callable[[Deployment], Clients]
) -> PineconeStatusOutput:
    """Return the status of the deployments' projects.

    ``deployments``: those without a ``pinecone`` section are skipped. Raises AwsRefusedError if Pinecone or AWS refused
    a call, except for reading indexes, which the status reports.
    """
    organizations, projects = admin.organizations(), admin.projects()
    statuses = [
        _of_deployment(
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
        passed=not any(
            each.problems or any(thing.problems for thing in (*(each.indexes or ()), *each.keys)) for each in statuses
        ),
        organization=organizations[0].name if len(organizations) == 1 else None,
        plan=notices.plan_of(organizations),
        projects=[
            PineconeProjectOutput(id=each.id, name=each.name, cmek=each.cmek, deployment=owners.get(each.id))
            for each in projects
        ],
        deployments=statuses,
    )


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


def _of_deployment(
    name: str,
    deployment: Deployment,
    wanted: PineconeProject,
    *,
    admin: PineconeAdmin,
    clients: Clients,
    organizations: list[Organization],
    projects: list[Project],
) -> PineconeStatusOfDeployment:
    problems: list[str] = []
    project = None
    try:
        project = find_project(projects, wanted.project)
    except PineconeStateError as error:
        problems.append(error.message)
    else:
        problems += notices.project_problems(project, deployment, organizations)
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
        notes=notices.notes_of(project, deployment, indexes, arns),
        console=notices.console_tasks(deployment),
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
        problems=notices.index_problems(index, deployment, arns),
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
