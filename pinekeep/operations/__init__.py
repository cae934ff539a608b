"""What is done with deployments, from preflight to offboarding: one package an operation."""
