"""Pinecone's audit events: their fields and kinds, and the saved queries over them. Pure data."""
