"""What was handed over to Pinecone, noted in the customer's own account, and held against what is live."""
