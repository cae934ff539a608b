"""A deployment that was handed over, on an embedded AWS of its own."""

from tests.command_fixtures import folder, pinekeep
from tests.e2e.conftest import aws, bootstrapped

__all__ = ["aws", "bootstrapped", "folder", "pinekeep"]
