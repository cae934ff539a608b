"""Files of audit logs: how they frame their events, and a reader that reports what it cannot read."""
