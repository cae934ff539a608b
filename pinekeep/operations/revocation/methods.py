"""The methods of revoking Pinecone's access, and the effect of each.

Sources: "Policy evaluation logic", "Revoking IAM role temporary security credentials" (IAM User Guide), "Enable and
disable keys", "How key state affects use", "Eventual consistency" (KMS Developer Guide; docs.aws.amazon.com, checked
2026-11-25).
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from pinekeep.decisions.privileges.scope import makes_key
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import removal_hint
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME


class Method(StrEnum):
    """A method of revoking Pinecone's access."""

    ROLE = "role"
    KEY = "key"
    BOTH = "both"

    @property
    def by_role(self) -> bool:
        """Whether the roles are denied everything."""
        return self is not Method.KEY

    @property
    def by_key(self) -> bool:
        """Whether the key is disabled."""
        return self is not Method.ROLE


MEMORY: Final = (
    "data keys that Pinecone decrypted before may still lie in its memory and work until it drops them: nothing in "
    "AWS reaches there; ask Pinecone's support how long that is"
)

POLICY_WORDS: Final = f"inline policy {REVOKED_POLICY_NAME}"
"""The policy that cuts a role off, for a sentence."""

STOPS: Final[Mapping[Method, str]] = {
    Method.ROLE: "every request of the role's sessions, present and future, within seconds, once IAM has spread it",
    Method.KEY: "every use of the key, by anybody: most places see it within seconds, all within minutes",
    Method.BOTH: "every request of the role's sessions and every use of the key, by anybody: whichever takes effect "
    "first",
}
"""What each method stops, and when."""

GOES_ON: Final[Mapping[Method, tuple[str, ...]]] = {
    Method.ROLE: ("Pinecone can still assume the role, without effect; others can still use the key",),
    Method.KEY: (
        "the role stays as it is: this does not stop keys in other accounts and replicas of a multi-Region key",
    ),
    Method.BOTH: ("Pinecone can still assume the role, without effect",),
}
"""What each method does not stop."""


def default_method(deployment: Deployment) -> Method:
    """Return the most complete method that affects nobody else.

    A key that was created for Pinecone is disabled as well, which also stops grants and principals that were added to
    its policy. An adopted key may have other users, and a customer's key is the customer's: there only the role is
    cut off.
    """
    return Method.BOTH if makes_key(deployment) else Method.ROLE


def require_possible(name: str, deployment: Deployment, method: Method, *, adopted_key: bool) -> None:
    """Check that a method is applicable to a deployment; ``adopted_key``: the user allows to disable an adopted one.

    Raises:
        WrongInputError: it has nothing to cut off, no key of its own to disable, or an adopted one.
    """
    cmek = deployment.cmek
    if cmek is None:
        raise WrongInputError(
            f"{name} has no key and no role, so there is nothing to cut off",
            hint=removal_hint(name, deployment),
        )
    if method.by_key and not cmek.has_own_key:
        raise WrongInputError(
            f"{name} has keys in other accounts alone, and only their owners can disable them",
            hint="--how role cuts Pinecone off from all of them",
        )
    if method.by_key and cmek.key.adopt is not None and not adopted_key:
        raise WrongInputError(
            f"{name} adopts {cmek.key.adopt}, which others may use; they would be cut off too",
            hint="--how role does not affect them; to disable the key anyway, add --adopted-key",
        )


def require_named(deployments: Mapping[str, Deployment], names: Collection[str]) -> dict[str, Deployment]:
    """Return the deployments to revoke or restore: the named ones, or the only one.

    Raises:
        WrongInputError: there are several, and none was named.
    """
    if not names and len(deployments) > 1:
        raise WrongInputError(
            f"there are {len(deployments)} deployments, and none was named",
            hint=f"name each with --deployment: {', '.join(deployments)}",
        )
    return dict(deployments)
