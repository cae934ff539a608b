"""The live policies of an account, from boto3 responses."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from pinekeep.decisions.access.policies import (
    OWN_KEY,
    Agreement,
    KeyPolicy,
    NamedPolicy,
    PolicyError,
    PolicySet,
    RolePolicies,
)
from pinekeep.model.config.models import Deployment
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.grants import parse_grants


def document(found: str | Mapping[str, Any]) -> Policy:
    """Return a policy from a dictionary, JSON (KMS) or URL-encoded JSON (IAM). Raises PolicyError if it is none."""
    if isinstance(found, str):
        text = found.strip()
        try:
            found = json.loads(unquote(text) if text.startswith("%7B") else text)
        except ValueError as error:
            raise PolicyError("a policy is not JSON") from error
    if not isinstance(found, Mapping) or not isinstance(found.get("Statement"), (list, Mapping)):
        raise PolicyError("a policy has no statements")
    return dict(found)


def live_role(
    role: Mapping[str, Any],
    *,
    inline: Mapping[str, str | Mapping[str, Any] | None],
    attached: Mapping[str, str | Mapping[str, Any] | None],
    boundary: str | Mapping[str, Any] | None = None,
) -> RolePolicies:
    """Return a live role.

    Args:
        role: ``Role`` of GetRole.
        inline: the documents of its inline policies by name; None for an unreadable one.
        attached: the documents of its attached policies by ARN; None for an unreadable one.
        boundary: the document of its permissions boundary. Where the role has one and this is None, its permissions are
            undecided.

    Raises PolicyError if a document is invalid.
    """
    named = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    return RolePolicies(
        arn=str(role["Arn"]),
        trust=document(role["AssumeRolePolicyDocument"]),
        permissions=tuple(_named(name, text) for name, text in (*inline.items(), *attached.items())),
        boundary=_named(str(named), boundary) if named else None,
    )


def live_key(
    *,
    arn: str,
    policy: str | Mapping[str, Any] | None,
    name: str = OWN_KEY,
    grants: Iterable[Mapping[str, Any]] | None = None,
    replica: str | None = None,
) -> KeyPolicy:
    """Return a live key.

    Args:
        policy: ``Policy`` of GetKeyPolicy; None where it is unreadable, as in every other account.
        name: its name in the table.
        grants: ``Grants`` of ListGrants; None where they were not read.
        replica: the Region in which it replicates the deployment's own key, or None.

    Raises PolicyError if the policy is invalid.
    """
    return KeyPolicy(
        arn=arn,
        document=None if policy is None else document(policy),
        name=name,
        grants=None if grants is None else parse_grants(grants, key_arn=arn),
        replica=replica,
    )


def live_policies(
    *,
    name: str,
    deployment: Deployment,
    pinecone_account: str,
    roles: Sequence[RolePolicies],
    keys: Sequence[KeyPolicy],
) -> PolicySet:
    """Return the live policies, for comparison with the synthesized ones.

    ``roles``: the results of :func:`live_role`; a missing role is left out. ``keys``: the results of :func:`live_key`,
    named as in the synthesized table.
    """
    return PolicySet(
        name=name,
        origin="live",
        account=deployment.account,
        region=deployment.region,
        agreed=Agreement.of(deployment, pinecone_account=pinecone_account),
        roles=tuple(roles),
        keys=tuple(keys),
    )


def _named(name: str, found: str | Mapping[str, Any] | None) -> NamedPolicy:
    return NamedPolicy(name=name, document=None if found is None else document(found))
