"""The live AWS account: clients, credentials, reads, and the record of what was handed over to Pinecone."""
