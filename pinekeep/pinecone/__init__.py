"""Pinecone's own side: the project, its API keys and its indexes, through Pinecone's Python SDK."""
