"""Offboarding: the gates between a deployment in use and a deleted key, reversible until the last."""
