"""The constructs that the stacks are composed of, one a file. Use them from a CDK application of your own."""

from stacks.parts.customer_keys import CustomerKeysAccess
from stacks.parts.encryption_key import EncryptionKey
from stacks.parts.interface_endpoint import InterfaceEndpoint
from stacks.parts.isolated_vpc import IsolatedVpc
from stacks.parts.pinecone_role import PineconeRole
from stacks.parts.private_zone import PrivateZone

__all__ = ["CustomerKeysAccess", "EncryptionKey", "InterfaceEndpoint", "IsolatedVpc", "PineconeRole", "PrivateZone"]
