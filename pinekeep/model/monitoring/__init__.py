"""What is watched of a deployment: event patterns, messages, and the rules of both. Pure functions of plain values."""
