"""Facts about Pinecone and AWS as data, each with its source and the date it was checked."""
