"""Monitoring: a test of its notifications."""
