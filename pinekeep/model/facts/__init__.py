"""What Pinecone and AWS really do, as data: each fact once, with its source and the date it was checked."""
