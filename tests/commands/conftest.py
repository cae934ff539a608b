"""The command's fixtures."""

from tests.command_fixtures import folder, good, pinekeep
from tests.commands.pinecone_fixtures import aws_clients, pinecone_aws, secret, stand_in

__all__ = ["aws_clients", "folder", "good", "pinecone_aws", "pinekeep", "secret", "stand_in"]
