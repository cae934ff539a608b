"""The command's fixtures."""

from tests.cli.commands.pinecone_fixtures import aws_clients, pinecone_aws, secret, stand_in
from tests.command_fixtures import folder, good, pinekeep

__all__ = ["aws_clients", "folder", "good", "pinecone_aws", "pinekeep", "secret", "stand_in"]
