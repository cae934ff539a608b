"""Onboarding a customer's own customers: the files and the page for each of them."""
