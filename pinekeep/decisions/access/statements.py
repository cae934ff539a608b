"""The policies that meet in a request, as the evaluator may be asked about them."""

from collections.abc import Iterator
from dataclasses import dataclass

from pinekeep.decisions.access.decision import StatementRef
from pinekeep.decisions.access.evaluator import Asked
from pinekeep.decisions.access.vocabulary import Document, Examined


@dataclass(frozen=True)
class Side:
    """The statements of one of the policies that meet."""

    statements: tuple[tuple[StatementRef, Examined], ...] = ()

    def best(self) -> list[Document]:
        """Return the statements at their best for the caller."""
        return [each.best for _, each in self.statements if each.best is not None]

    def worst(self) -> list[Document]:
        """Return the statements at their worst for the caller."""
        return [each.worst for _, each in self.statements if each.worst is not None]

    def doubtful(self) -> Iterator[tuple[int, Examined]]:
        """Yield the statements that are not certain, each with its place on this side."""
        return ((index, each) for index, (_, each) in enumerate(self.statements) if each.doubts)


@dataclass(frozen=True)
class Sides:
    """All that meets in a request.

    Attributes:
        identity: the caller's IAM policies.
        boundary: the caller's permissions boundary; None where it has none.
        resource: the role's trust policy, or the key's key policy.
    """

    identity: Side
    boundary: Side | None
    resource: Side

    def best(self) -> Asked:
        """Return all statements at their best for the caller."""
        return Asked(
            identity=self.identity.best(),
            boundary=None if self.boundary is None else self.boundary.best(),
            resource=self.resource.best(),
        )

    def worst(self) -> Asked:
        """Return all statements at their worst for the caller."""
        return Asked(
            identity=self.identity.worst(),
            boundary=None if self.boundary is None else self.boundary.worst(),
            resource=self.resource.worst(),
        )
