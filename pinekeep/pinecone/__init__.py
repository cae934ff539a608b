"""The project, API keys, roles and indexes at Pinecone, through Pinecone's Python SDK."""
