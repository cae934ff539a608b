"""Reading audit logs: queries, a report, and the newest events."""
