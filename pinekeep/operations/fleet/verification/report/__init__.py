"""A page of a fleet's results, for people."""
