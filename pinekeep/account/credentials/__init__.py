"""Credentials for each deployment, their identity, and the sessions created from them."""
