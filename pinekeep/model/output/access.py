"""The output of `access` and `permissions`."""

from typing import Any

from pinekeep.model.output import OutputModel


class AccessOutput(OutputModel):
    """What `access` writes."""

    tables: list[dict[str, Any]]
    """One decision table for each deployment: principals, requests, decisions, and the statement behind each."""


class PolicyOutput(OutputModel):
    """One policy document."""

    name: str
    """A name for it, unique in its account."""
    purpose: str
    """A verb, `execution` (of CloudFormation) or `boundary` (of the roles that the stacks make)."""
    account: str
    """The AWS account to make it in."""
    region: str | None
    """The AWS Region it is for; null where it serves the whole account."""
    document: dict[str, Any]
    """The policy."""


class PermissionsOutput(OutputModel):
    """What `permissions` writes."""

    policies: list[PolicyOutput]
    """The policies, in the order of the purposes and of the deployments."""
