"""Fleets: one shape of deployment in many accounts and Regions, and the rows with the values of each."""
