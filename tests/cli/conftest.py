"""The command's fixtures."""

from tests.cli.commands.fleet_fixtures import fleet_aws, fleet_file
from tests.cli.commands.pinecone_fixtures import aws_clients, pinecone_aws, secret, stand_in
from tests.command_fixtures import folder, good, pinekeep

__all__ = ["aws_clients", "fleet_aws", "fleet_file", "folder", "good", "pinecone_aws", "pinekeep", "secret", "stand_in"]
