"""Who can do what with a deployment's role and keys: decided from its policies, as a table."""
