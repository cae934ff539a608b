"""What Pinecone was given for good, as the file beside the configuration has it, and what a changed file would lose."""
