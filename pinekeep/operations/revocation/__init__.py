"""Cutting Pinecone off and letting it in again: what is done, what it stops, and the proof."""
