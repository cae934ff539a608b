"""A stand-in for Pinecone on this machine, for the demonstration and the tests: an organization in memory.

It implements the parts of Pinecone's OpenAPI documents (facts.pinecone_api.ADMIN_API, CONTROL_PLANE_API) that this
project uses, without limits and without data in the indexes.
"""

from pinekeep.emulator.stand_in.organization import Organization
from pinekeep.emulator.stand_in.server import Exchange, Fault, PineconeStandIn

__all__ = ["Exchange", "Fault", "Organization", "PineconeStandIn"]
