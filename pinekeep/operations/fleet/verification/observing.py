"""Facts about a target that are kept with its result, so that questions can be asked of them later.

They are plain texts, and no secrets: of the external ID it is kept whether one is required.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from pinekeep.account.reads.answers import output_of
from pinekeep.account.reads.last_usage import LastUsage
from pinekeep.account.reads.live import Live, Unreadable
from pinekeep.account.reads.stack_sets import Instance
from pinekeep.model.config import Deployment
from pinekeep.model.naming import Output
from pinekeep.model.policies.compare import EXTERNAL_ID_KEY, PolicyFormatError, parse
from pinekeep.model.policies.trust import trusted

OBSERVATIONS: Final = {
    "shape": "what the fleet deploys: `key`, `customer-keys` or `endpoint`",
    "instance_status": "the status of the stack instance: CURRENT, OUTDATED or INOPERABLE",
    "drift": "the drift status of the stack instance: IN_SYNC, DRIFTED or NOT_CHECKED",
    "stack_status": "the status of the stack",
    "template_version": "the version of Pinekeep that released the stack's template",
    "role_arn": "the ARN of the role that Pinecone assumes",
    "role_id": "the role's unique ID, which changes when a role of the name is created again",
    "trusted_account": "the AWS account in the role's trust policy that Pinecone's access roles are in",
    "trusted_regions": "the Pinecone regions in the trust policy, separated by spaces, or `all`",
    "external_id": "whether the trust policy requires an external ID: `required`, `partly` or `none`",
    "trust_policy": "the digest of the trust policy",
    "key_arn": "the ARN of the key",
    "key_state": "the state of the key: Enabled, Disabled, PendingDeletion …",
    "key_deletion": "the date of the key's scheduled deletion",
    "key_policy": "the digest of the key policy",
    "key_rotation_days": "the days between rotations, or `off`",
    "key_last_used": "the date of the last use of the key that KMS knows of",
    "alias_key_arn": "the ARN of the key that the alias points to",
    "grants": "the number of grants on the key",
    "endpoint_id": "the ID of the endpoint",
    "endpoint_state": "the state of the endpoint",
    "endpoint_service": "the name of the endpoint's service",
    "security_groups": "the IDs of the endpoint's security groups, separated by spaces",
}
"""The names of the observations, with what each is. A fact that does not exist, or was not readable, is left out."""
VOLATILE: Final = frozenset({"key_last_used"})
"""Those that change without anybody changing anything."""
_VERSION: Final = re.compile(r"\bPinekeep (?P<version>\d[\w.+-]*)\s*$")


def observe(deployment: Deployment, live: Live, instance: Instance | None) -> dict[str, str]:
    """Return the observations of a target, by name."""
    cmek = deployment.cmek
    found: dict[str, Any] = {"shape": "endpoint" if cmek is None else "key" if cmek.has_own_key else "customer-keys"}
    for facts in (_of_instance(instance), _of_stack(live), _of_role(live), _of_key(live), _of_endpoint(live)):
        found.update(facts)
    return {name: str(found[name]) for name in OBSERVATIONS if found.get(name) not in (None, "")}


def version_of(stack: Any) -> str | None:
    """Return the version in the description of a stack of a released template."""
    match = _VERSION.search(str(stack.get("Description") or "")) if isinstance(stack, Mapping) else None
    return match["version"] if match else None


def _of_instance(instance: Instance | None) -> Iterator[tuple[str, Any]]:
    if instance is not None:
        yield "instance_status", instance.status
        yield "drift", instance.drift


def _of_stack(live: Live) -> Iterator[tuple[str, Any]]:
    for stack in (live.cmek_stack, live.private_link_stack):
        if isinstance(stack, dict):
            yield "stack_status", stack.get("StackStatus")
            yield "template_version", version_of(stack)


def _of_role(live: Live) -> Iterator[tuple[str, Any]]:
    role = live.role
    if not isinstance(role, dict):
        return
    document = role.get("AssumeRolePolicyDocument")
    yield "role_arn", role.get("Arn")
    yield "role_id", role.get("RoleId")
    yield "trust_policy", digest(document)
    whom = trusted(document)
    yield "trusted_account", whom.pinecone_account
    yield "trusted_regions", whom.regions if isinstance(whom.regions, str) else " ".join(whom.regions)
    yield "external_id", _external_id(document)


def _external_id(document: Any) -> str | None:
    try:
        allowing = [each for each in parse(document) if each.allows]
    except (PolicyFormatError, TypeError, AttributeError):
        return None
    asked = [any(one.key.lower() == EXTERNAL_ID_KEY for one in each.conditions) for each in allowing]
    return None if not asked else "required" if all(asked) else "partly" if any(asked) else "none"


def _of_key(live: Live) -> Iterator[tuple[str, Any]]:
    if isinstance(live.key, dict):
        yield "key_arn", live.key.get("Arn")
        yield "key_state", live.key.get("KeyState")
        yield "key_deletion", _date(live.key.get("DeletionDate"))
    elif isinstance(arn := output_of(live.cmek_stack, Output.KEY_ARN), str):
        yield "key_arn", arn
    if isinstance(live.alias_key, dict):
        yield "alias_key_arn", live.alias_key.get("Arn")
    if isinstance(live.key_policy, str):
        yield "key_policy", digest(live.key_policy)
    if isinstance(live.rotation, dict):
        on = live.rotation.get("KeyRotationEnabled")
        yield "key_rotation_days", live.rotation.get("RotationPeriodInDays") if on else "off"
    if isinstance(live.grants, list):
        yield "grants", len(live.grants)
    if isinstance(live.last_usage, dict):
        yield "key_last_used", _date(LastUsage.of(live.last_usage).at)


def _of_endpoint(live: Live) -> Iterator[tuple[str, Any]]:
    if isinstance(live.endpoint, dict):
        yield "endpoint_id", live.endpoint.get("VpcEndpointId")
        yield "endpoint_state", live.endpoint.get("State")
        yield "endpoint_service", live.endpoint.get("ServiceName")
        groups = live.endpoint.get("Groups") or []
        yield "security_groups", " ".join(sorted(str(each.get("GroupId")) for each in groups))


def digest(document: Any) -> str | None:
    """Return the digest of a policy, whatever the order and the spaces of its JSON; None where there is none."""
    if isinstance(document, Unreadable) or not document:
        return None
    try:
        content = json.loads(document) if isinstance(document, str) else document
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError):
        text = str(document)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _date(value: Any) -> str | None:
    return value.date().isoformat() if isinstance(value, datetime) else None
