"""The ways of cutting Pinecone off, and what each stops and leaves.

Sources: "Policy evaluation logic", "Revoking IAM role temporary security credentials" (IAM User Guide), "Enable and
disable keys", "How key state affects use", "Eventual consistency" (KMS Developer Guide; docs.aws.amazon.com, checked
2026-11-25).
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME


class How(StrEnum):
    """A way of cutting Pinecone off."""

    ROLE = "role"
    KEY = "key"
    BOTH = "both"

    @property
    def by_role(self) -> bool:
        """Whether the roles are denied everything."""
        return self is not How.KEY

    @property
    def by_key(self) -> bool:
        """Whether the key is disabled."""
        return self is not How.ROLE


MEMORY: Final = (
    "data keys that Pinecone decrypted before may still lie in its memory and work until it drops them: nothing in "
    "AWS reaches there; ask Pinecone's support how long that is"
)

STOPS: Final[Mapping[How, str]] = {
    How.ROLE: "every request of the role's sessions, those begun already and those to come, within seconds, once IAM "
    "has spread it",
    How.KEY: "every use of the key, by anybody: most places see it within seconds, all of them within minutes",
    How.BOTH: "every request of the role's sessions and every use of the key, by anybody: whichever takes effect first",
}
"""What stops, and when."""

GOES_ON: Final[Mapping[How, tuple[str, ...]]] = {
    How.ROLE: ("Pinecone can still assume the role, to no avail; others who use the key go on",),
    How.KEY: (
        "the role stays as it is: keys in other accounts, and replicas of a multi-Region key, are not stopped by this",
    ),
    How.BOTH: ("Pinecone can still assume the role, to no avail",),
}
"""What does not stop."""


def default_how(deployment: Deployment) -> How:
    """Return the quickest way that is complete.

    A key that was made for Pinecone is disabled as well: nobody else should need it, and what the role cannot stop,
    such as a grant or a principal that somebody added to the key policy, stops too. An adopted key may have other
    users, and a customer's key is the customer's: there the role alone is cut off.
    """
    cmek = deployment.cmek
    return How.BOTH if cmek is not None and cmek.has_own_key and cmek.key.adopt is None else How.ROLE


def require_possible(name: str, deployment: Deployment, how: How, *, adopted_key: bool) -> None:
    """See that a deployment can be cut off in that way.

    Args:
        adopted_key: whether the user said that an adopted key is to be disabled.

    Raises:
        WrongInputError: it has nothing to cut off, no key of its own to disable, or an adopted one.
    """
    cmek = deployment.cmek
    if cmek is None:
        raise WrongInputError(
            f"{name} has no key and no role, so there is nothing to cut off",
            hint="`pinekeep destroy` takes the endpoint away",
        )
    if how.by_key and not cmek.has_own_key:
        raise WrongInputError(
            f"{name} has keys in other accounts alone, and only their owners can disable them",
            hint="--how role cuts Pinecone off from all of them",
        )
    if how.by_key and cmek.key.adopt is not None and not adopted_key:
        raise WrongInputError(
            f"{name} adopts {cmek.key.adopt}, which others may use; they would stop, too",
            hint="--how role leaves them alone; to disable the key all the same, add --adopted-key",
        )


def chosen(deployments: Mapping[str, Deployment], names: Collection[str]) -> dict[str, Deployment]:
    """Return the deployments to cut off or let in: those named, or the only one that there is.

    Raises:
        WrongInputError: there are several, and none was named. Nobody is cut off for want of a word.
    """
    if not names and len(deployments) > 1:
        raise WrongInputError(
            f"there are {len(deployments)} deployments, and none was named",
            hint=f"name each with --deployment: {', '.join(deployments)}",
        )
    return dict(deployments)


def policy_words() -> str:
    """Return what a sentence calls the policy that cuts a role off."""
    return f"inline policy {REVOKED_POLICY_NAME}"
