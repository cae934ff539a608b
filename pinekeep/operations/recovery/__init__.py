"""Importing a retained key and role into a new stack, so that no second ones are created."""
