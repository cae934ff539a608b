"""Connectivity of clients: checks, zones, DNS forwarding, callers."""
