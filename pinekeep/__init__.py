"""Pinekeep: the customer's side of Pinecone on AWS, deployed and proven."""

__version__ = "0.1.0"
