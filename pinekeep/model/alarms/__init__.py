"""CloudWatch alarms and the dashboard as data: names, texts, metrics, filter patterns and the dashboard's body."""
