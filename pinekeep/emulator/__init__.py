"""AWS and Pinecone on this machine: an embedded AWS, pinned and extended, and a stand-in for Pinecone."""
