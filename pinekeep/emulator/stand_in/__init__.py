"""A stand-in for Pinecone on this machine, for the demonstration and the tests: an organization that lives in memory.

It answers as Pinecone's OpenAPI documents say (facts.pinecone_api.ADMIN_API, CONTROL_PLANE_API), in the parts that
this project uses. It is not Pinecone: it knows no limits, no plans but a name, and no index holds anything.
"""

from pinekeep.emulator.stand_in.organization import Organization
from pinekeep.emulator.stand_in.server import Exchange, Fault, PineconeStandIn

__all__ = ["Exchange", "Fault", "Organization", "PineconeStandIn"]
