"""Problems and notes about a project. Pure. Source: facts.pinecone (CMEK, private endpoints), facts.pinecone_api."""

from collections.abc import Sequence
from typing import Final

from pinekeep.model.arns import KeyArn
from pinekeep.model.config import Deployment
from pinekeep.model.facts import claims, pinecone
from pinekeep.model.facts import pinecone_api as api
from pinekeep.model.output.pinecone import ConsoleTaskOutput
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.pinecone.inventory import UNREADABLE, Index, Organization, Project

CMEK_NOTES: Final = (
    "CMEK: no backups can be made in this project",
    "CMEK: indexes must be serverless, in AWS, and without fields for full-text search",
    "CMEK: the project takes one key, added in the console, and it can never be exchanged",
)
KEY_UNSEEN: Final = (
    "CMEK: no API tells whether the key was added to the project; the first index shows it, by its cmek_id"
)


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
