"""The report of audit events: one HTML page with charts, which opens without a network."""
