"""Decisions from policies: who has access, and which permissions are needed. Pure."""
