"""Fleets: one released template in many accounts and Regions, deployed by a CloudFormation stack set."""
