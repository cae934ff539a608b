"""Onboarding a customer's own customers: the template, the policy statements and the instructions for each."""
