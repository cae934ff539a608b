"""What is live in a deployment's account, read as plain values. Nothing is judged and nothing changed."""
