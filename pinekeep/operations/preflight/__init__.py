"""Preflight checks: what would make a deployment fail, found by reading alone."""
