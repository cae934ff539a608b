"""Rotate API keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from pinekeep.errors import WrongInputError
from pinekeep.model.output.pinecone import PineconeRotatedKey
from pinekeep.model.words import did_you_mean
from pinekeep.pinecone.apply import PineconeSide
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Project, find_project
from pinekeep.pinecone.keys import KeyState, ambiguity
from pinekeep.pinecone.replacement import Exchanged, words_of
from pinekeep.pinecone.secrets import require_usable


@dataclass(frozen=True)
class Rotation:
    """An API key to rotate."""

    deployment: str
    project: Project
    state: KeyState

    def output(self, *, keep_old: bool, done: Exchanged | None = None) -> PineconeRotatedKey:
        """Return its JSON. ``done`` is None for a dry run."""
        return PineconeRotatedKey(
            deployment=self.deployment,
            key=self.state.wanted.name,
            secret=self.state.wanted.secret,
            old_ids=[key.id for key in self.state.named],
            new_id=done.new_id if done else None,
            old_deleted=done.old_deleted if done else False,
            steps=words_of(self.state, keep_old=keep_old),
        )


def rotations(side: PineconeSide, names: Sequence[str], *, projects: Sequence[Project] | None = None) -> list[Rotation]:
    """Return the API keys to rotate, all validated before anything is changed. Reads only.

    ``names``: the keys' names; empty for all. ``projects``: those that there are, if they are known. Raises
    WrongInputError if no deployment has a key of that name; PineconeStateError if a key's state does not allow it;
    PinekeepError if Pinecone or AWS refused a call, or cannot be reached.
    """
    known = [key.name for each in side.deployments.values() if each.pinecone for key in each.pinecone.api_keys]
    for name in names:
        if name not in known:
            there = f"there are {', '.join(dict.fromkeys(known))}" if known else "there is none"
            raise WrongInputError(f"no API key {name} in the file; {there}", hint=did_you_mean(name, known))
    if projects is None:
        projects = side.admin.projects()
    found = []
    for deployment, settings in side.deployments.items():
        if settings.pinecone is None or not settings.pinecone.api_keys:
            continue
        project = find_project(projects, settings.pinecone.project)
        if project is None:
            raise PineconeStateError(
                f"there is no project {settings.pinecone.project} yet, so it has no key to rotate",
                hint="`pinekeep pinecone apply` creates it",
            )
        for state in side.key_states(deployment, project):
            if not names or state.wanted.name in names:
                _require_exchangeable(state, deployment, project)
                found.append(Rotation(deployment, project, state))
    return found


def rotate(side: PineconeSide, rotation: Rotation, *, keep_old: bool) -> Exchanged:
    """Rotate one API key. If a step fails, it raises PinekeepError; the old key works, and another run continues."""
    return side.exchange(rotation.deployment, rotation.state, rotation.project).run(keep_old=keep_old)


def _require_exchangeable(state: KeyState, deployment: str, project: Project) -> None:
    require_usable(state.secret, deployment, kms_key=state.wanted.kms_key)
    if not state.named and state.started is None:
        raise PineconeStateError(
            f"API key {state.wanted.name} does not exist yet, so it is not rotated",
            hint="`pinekeep pinecone apply` creates it",
        )
    if state.is_unclear:
        raise ambiguity(state, project.name)
