"""Least privilege: the policies for verbs, for CloudFormation, and for the roles in the stacks."""

from pinekeep.decisions.privileges.policies import PURPOSES, NamedPolicy, Purpose, policies_for

__all__ = ["PURPOSES", "NamedPolicy", "Purpose", "policies_for"]
