"""Reporting errors and warnings on stderr."""

import sys

from pinekeep.cli.terminal import fitted, width_of
from pinekeep.errors import PinekeepError
from pinekeep.model.config.loading import Configuration
from pinekeep.model.config.problems import ConfigurationError


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
    for problem in configuration.warnings:
        sys.stderr.write(fitted(problem.render(str(configuration.path)), width_of(sys.stderr)) + "\n")
