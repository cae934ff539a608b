"""Least privilege: the policies for verbs, for CloudFormation, and for the roles in the stacks."""

from pinekeep.decisions.privileges.policies import PURPOSES, NamedPolicy, Purpose, policies_for
from pinekeep.decisions.privileges.table import permissions_table

__all__ = ["PURPOSES", "NamedPolicy", "Purpose", "permissions_table", "policies_for"]
