"""Which of the organization's projects is the deployment's."""

from collections.abc import Iterable

from pinekeep.model.facts import claims
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Project


def find_project(projects: Iterable[Project], name: str) -> Project | None:
    """Return the project of a name; None where there is none.

    Raises:
        PineconeStateError: several have the name. Pinecone allows that, and nothing else tells which is meant.
    """
    found = [each for each in projects if each.name == name]
    if len(found) > 1:
        raise PineconeStateError(
            f"{len(found)} projects are named {name}: {', '.join(each.id for each in found)}",
            hint="give all but one another name in the Pinecone console, so that nothing is done to the wrong one",
        )
    return found[0] if found else None


def require_cmek(project: Project, deployment: str) -> None:
    """See that a project that must have CMEK has it.

    Raises:
        PineconeStateError: it does not.
    """
    if not project.cmek:
        raise PineconeStateError(
            f"project {project.name} ({project.id}) has no CMEK, and deployment {deployment} has cmek: what is in the "
            "project is not encrypted with your key",
            hint="name a project that is not there yet under pinecone.project, and bring the data over. "
            f"{claims.CMEK_OF_EXISTING_PROJECTS.says.rstrip('.')}; Pinekeep does not do it",
        )
