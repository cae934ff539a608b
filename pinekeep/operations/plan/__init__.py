"""Plans: the change sets of a deployment, classified by what they mean for Pinecone."""
