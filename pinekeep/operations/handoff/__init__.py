"""The values for the Pinecone console, and the warnings before they are entered there."""
