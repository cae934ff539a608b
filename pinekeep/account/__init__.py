"""The live AWS account: clients, credentials, reads, the record of what Pinecone was given, and how to wait for it."""
