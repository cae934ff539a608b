"""Whether a client reaches Pinecone through the private endpoint."""
