"""IAM and KMS policies as pure functions from plain values to plain dictionaries."""
