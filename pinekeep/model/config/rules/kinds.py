"""What rules are, and how what they find is collected."""

from collections.abc import Callable, Iterator, Mapping

from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.values import InvalidValueError

FileRule = Callable[[PinekeepFile], Iterator[Problem]]
DeploymentRule = Callable[[PinekeepFile, str, Deployment, Path], Iterator[Problem]]


def collect(problems: list[Problem], found: Iterator[Problem]) -> None:
    """Add what a rule finds, until it looks at a value that is unknown."""
    try:
        problems.extend(found)
    except UnknownValueError:
        return


def refused(error: InvalidValueError | None, path: Path, *, warn: bool = False) -> Iterator[Problem]:
    """Yield the error of a check, if there is one, as a problem of the file."""
    if error is not None:
        yield Problem(error.code, error.message, error.hint, path, severity="warning" if warn else "error")


def items(file: PinekeepFile) -> list[tuple[str, Deployment]]:
    """Return the deployments that can be read at all."""
    if not isinstance(file.deployments, Mapping):
        return []
    return [(name, each) for name, each in file.deployments.items() if each is not UNKNOWN]
