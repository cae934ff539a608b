"""Least privilege: the policies of whoever runs a verb, of CloudFormation, and of the roles that the stacks make."""

from pinekeep.decisions.privileges.policies import PURPOSES, NamedPolicy, Purpose, policies_for
from pinekeep.decisions.privileges.table import permissions_table

__all__ = ["PURPOSES", "NamedPolicy", "Purpose", "permissions_table", "policies_for"]
