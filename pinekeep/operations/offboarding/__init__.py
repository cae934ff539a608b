"""Offboarding: the gates between a deployment in use and a deleted key, each passed on its own and reversible until the last."""
