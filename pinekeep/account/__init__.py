"""The live account: clients, credentials, reads, and the record of what Pinecone was given."""
