"""Access to a deployment's roles and keys, decided from its policies."""
