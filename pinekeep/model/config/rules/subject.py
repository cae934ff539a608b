"""The deployment that a rule checks, and how problems are collected."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pinekeep.model.config.models import Cmek, Deployment, PineconeProject, PinekeepFile
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError
from pinekeep.model.config.private_link import PrivateLink
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.storage import AuditLogs
from pinekeep.model.values import InvalidValueError

T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """A deployment, with its name and its file. A rule that reads a part which the deployment lacks finds nothing."""

    file: PinekeepFile
    name: str
    deployment: Deployment

    @property
    def cmek(self) -> Cmek:
        """The role and the key."""
        return _present(self.deployment.cmek)

    @property
    def link(self) -> PrivateLink:
        """The private endpoint."""
        return _present(self.deployment.private_link)

    @property
    def audit_logs(self) -> AuditLogs:
        """The audit logs."""
        return _present(self.deployment.audit_logs)

    @property
    def monitoring(self) -> Monitoring:
        """The monitoring."""
        return _present(self.deployment.monitoring)

    @property
    def project(self) -> PineconeProject:
        """The Pinecone project."""
        return _present(self.deployment.pinecone)

    def problem(self, code: str, message: str, hint: str | None, *path: str | int, warn: bool = False) -> Problem:
        """Return a problem of the setting at a path below the deployment."""
        severity = "warning" if warn else "error"
        return Problem(code, message, hint, ("deployments", self.name, *path), severity=severity)

    def invalid(self, error: InvalidValueError | None, *path: str | int, warn: bool = False) -> Iterator[Problem]:
        """Yield the error of a check, if there is one, as a problem."""
        if error is not None:
            yield self.problem(error.code, error.message, error.hint, *path, warn=warn)


Rule = Callable[[Subject], Iterator[Problem]]


def _present(part: T | None) -> T:
    if part is None:
        raise UnknownValueError
    return part


def subjects(file: PinekeepFile) -> list[Subject]:
    """Return the deployments that can be read at all."""
    if not isinstance(file.deployments, Mapping):
        return []
    return [Subject(file, name, each) for name, each in file.deployments.items() if each is not UNKNOWN]


def collect(problems: list[Problem], found: Iterator[Problem]) -> None:
    """Add the problems that a rule finds, until it reads an unknown value."""
    try:
        problems.extend(found)
    except UnknownValueError:
        return
