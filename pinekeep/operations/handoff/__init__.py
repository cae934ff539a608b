"""What the Pinecone console asks for, and what to warn of before it is entered there."""
