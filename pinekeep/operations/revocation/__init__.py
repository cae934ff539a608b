"""Revoking and restoring Pinecone's access, with proof of both."""
