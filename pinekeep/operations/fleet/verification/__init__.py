"""Verifying a fleet: every account by its read-only role, the results kept in a file, questions and a page of them."""
