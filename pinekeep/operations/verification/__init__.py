"""Verifying deployments: the checks, IAM Access Analyzer, and watching until all is well."""
