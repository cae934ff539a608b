"""The decision tables of what is live in an account, and of what a configuration would deploy."""
