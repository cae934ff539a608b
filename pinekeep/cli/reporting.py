"""Reporting errors and warnings on stderr."""

import sys
from collections.abc import Iterable

from pinekeep.cli.terminal import fitted, width_of
from pinekeep.errors import PinekeepError
from pinekeep.model.config.loading import Configuration
from pinekeep.model.config.problems import ConfigurationError, Problem


def report_error(error: PinekeepError) -> None:
    """Write the error, each of its problems, and the hint."""
    lines = []
    if isinstance(error, ConfigurationError):
        lines += [problem.render(error.file) for problem in error.problems]
    lines.append(f"error: {error.message}")
    if error.hint:
        lines.append(f"\nhint: {error.hint}")
    sys.stderr.write(fitted("\n".join(lines), width_of(sys.stderr)) + "\n")


def report_warnings(configuration: Configuration) -> None:
    """Write the warnings of a configuration."""
    report_problems(configuration.warnings, str(configuration.path))


def report_problems(problems: Iterable[Problem], file: str) -> None:
    """Write problems that end no command. ``file``: the file of those that name none."""
    for problem in problems:
        sys.stderr.write(fitted(problem.render(file), width_of(sys.stderr)) + "\n")
