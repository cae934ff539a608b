"""Monitoring: a test of its notifications, and the files of the fence."""
