"""Connectivity of clients: checks, DNS forwarding, callers."""
