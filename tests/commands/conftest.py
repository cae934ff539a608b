"""The command's fixtures."""

from tests.command_fixtures import folder, good, pinekeep

__all__ = ["folder", "good", "pinekeep"]
