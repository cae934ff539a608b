"""Exchanging API keys for new ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config.words import did_you_mean
from pinekeep.model.output.pinecone import PineconeRotatedKey
from pinekeep.pinecone.apply import PineconeSide
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.inventory import Project
from pinekeep.pinecone.keys import KeyState
from pinekeep.pinecone.projects import find_project
from pinekeep.pinecone.replacement import Exchanged, words_of
from pinekeep.pinecone.secrets import require_usable


@dataclass(frozen=True)
class Rotation:
    """An API key to exchange.

    Attributes:
        deployment: the deployment's name.
        project: the project.
        state: how the key stands.
    """

    deployment: str
    project: Project
    state: KeyState

    def output(self, *, keep_old: bool, done: Exchanged | None = None) -> PineconeRotatedKey:
        """Return it as it is written.

        Args:
            keep_old: whether the old key is kept for now.
            done: what was done; None for a dry run.
        """
        return PineconeRotatedKey(
            deployment=self.deployment,
            key=self.state.wanted.name,
            secret=self.state.wanted.secret,
            old_ids=[key.id for key in self.state.named],
            new_id=done.new_id if done else None,
            old_deleted=done.old_deleted if done else False,
            steps=words_of(self.state, keep_old=keep_old),
        )


def rotations(side: PineconeSide, names: Sequence[str]) -> list[Rotation]:
    """Return the API keys to exchange, everything looked at before anything is changed. Reads only.

    Args:
        side: Pinecone's side of the deployments.
        names: the keys' names; all, where it is empty.

    Raises:
        WrongInputError: no deployment has a key of that name.
        PineconeStateError: a key cannot be exchanged as things are.
        PinekeepError: Pinecone, AWS or the way there said no.
    """
    known = [key.name for each in side.deployments.values() if each.pinecone for key in each.pinecone.api_keys]
    for name in names:
        if name not in known:
            there = f"there are {', '.join(dict.fromkeys(known))}" if known else "there is none"
            raise WrongInputError(f"no API key {name} in the file; {there}", hint=did_you_mean(name, known))
    projects = side.admin.projects()
    found = []
    for deployment, settings in side.deployments.items():
        if settings.pinecone is None or not settings.pinecone.api_keys:
            continue
        project = find_project(projects, settings.pinecone.project)
        if project is None:
            raise PineconeStateError(
                f"there is no project {settings.pinecone.project} yet, so it has no key to exchange",
                hint="`pinekeep pinecone apply` makes it",
            )
        for state in side.key_states(deployment, project):
            if not names or state.wanted.name in names:
                _require_exchangeable(state, deployment)
                found.append(Rotation(deployment, project, state))
    return found


def rotate(side: PineconeSide, rotation: Rotation, *, keep_old: bool) -> Exchanged:
    """Exchange one API key.

    Raises:
        PinekeepError: something failed. The old key works as before; run again, it goes on from where it was.
    """
    return side.exchange(rotation.deployment, rotation.state, rotation.project).run(keep_old=keep_old)


def _require_exchangeable(state: KeyState, deployment: str) -> None:
    require_usable(state.secret, deployment, kms_key=state.wanted.kms_key)
    if not state.named and state.started is None:
        raise PineconeStateError(
            f"API key {state.wanted.name} is not there yet, so there is nothing to exchange",
            hint="`pinekeep pinecone apply` makes it",
        )
    if state.is_unclear:
        raise PinekeepError(
            f"several API keys are named {state.wanted.name}: {', '.join(key.id for key in state.named)}",
            hint="delete or rename all but one in the Pinecone console",
        )
