"""What follows from a deployment's settings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.config.models import CustomerKey, Deployment, role_arn_of, role_name_of
from pinekeep.model.config.storage import NewBucket
from pinekeep.model.facts import aws
from pinekeep.model.naming import Output
from pinekeep.model.policies.document import Statement
from pinekeep.model.policies.key import key_user_statements
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.model.words import listed

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "cmek": ("cmek",),
    "private_link": ("private_link",),
    "storage": ("audit_logs", "storage_integrations"),
    "monitoring": ("monitoring",),
}
"""The parts of a deployment that have stacks of their own, each with its settings in the file."""

if TYPE_CHECKING:
    from pinekeep.model.customers.packing import CustomerKeys


def stacks_of(name: str, deployment: Deployment) -> list[str]:
    """Return the names of a deployment's stacks, in the order in which they are deployed."""
    names = []
    if deployment.cmek is not None:
        names.append(naming.cmek_stack(name))
    if deployment.private_link is not None:
        names.append(naming.private_link_stack(name))
    if deployment.audit_logs is not None or deployment.storage_integrations:
        names.append(naming.storage_stack(name))
    if deployment.monitoring is not None:
        names.append(naming.monitoring_stack(name))
        if deployment.region != aws.GLOBAL_EVENTS_REGION:
            names.append(naming.global_monitoring_stack(name))
    return names


def removal_hint(name: str, deployment: Deployment) -> str:
    """Return how the stacks of a deployment without key and role are removed."""
    parts = [part for part in ("private_link", "storage") if has_part(deployment, part)]
    commands = " and ".join(f"`pinekeep destroy --only {part} --deployment {name}`" for part in parts)
    return f"{commands} {'removes its stack' if len(parts) == 1 else 'remove its stacks'}"


def further_stacks(name: str, deployment: Deployment) -> dict[str, str]:
    """Return the stacks of storage and monitoring, whether the file has these parts or not, each with its Region."""
    found = {stack(name): deployment.region for stack in (naming.storage_stack, naming.monitoring_stack)}
    if deployment.region != aws.GLOBAL_EVENTS_REGION:
        found[naming.global_monitoring_stack(name)] = aws.GLOBAL_EVENTS_REGION
    return found


def stack_region(stack: str, name: str, deployment: Deployment) -> str:
    """Return the Region of one of a deployment's stacks: its own, except for the events of global services."""
    return aws.GLOBAL_EVENTS_REGION if stack == naming.global_monitoring_stack(name) else deployment.region


def audit_values(name: str, deployment: Deployment) -> dict[str, str]:
    """Return what Pinecone's console is given of the audit logs, by the name of the output; nothing without them."""
    logs = deployment.audit_logs
    if logs is None:
        return {}
    role = logs.role_name or naming.audit_role_name(deployment=name, region=deployment.region)
    bucket = logs.bucket.name if isinstance(logs.bucket, NewBucket) else logs.bucket.adopt
    return {
        Output.AUDIT_ROLE_ARN: role_arn(account=deployment.account, role_name=role, path=deployment.iam_path),
        Output.AUDIT_LOCATION: bucket if logs.prefix is None else f"{bucket}/{logs.prefix}",
    }


def referred_stacks(stack: str, name: str, deployment: Deployment) -> list[str]:
    """Return the stacks of the deployment whose outputs one of its stacks refers to: monitoring to all others."""
    watching = (naming.monitoring_stack(name), naming.global_monitoring_stack(name))
    return [each for each in stacks_of(name, deployment.whole) if each not in watching] if stack in watching else []


def protected_stacks(name: str, deployment: Deployment) -> list[str]:
    """Return the stacks with termination protection: those of the key and of the audit bucket."""
    found = [naming.cmek_stack(name)] if deployment.cmek is not None else []
    return [*found, naming.storage_stack(name)] if deployment.audit_logs is not None else found


def has_part(deployment: Deployment, part: str) -> bool:
    """Return whether a deployment has a part, one of :data:`PARTS`."""
    return any(getattr(deployment, setting) for setting in PARTS[part])


def only_part(deployments: Mapping[str, Deployment], part: str) -> dict[str, Deployment]:
    """Return deployments with one part only, one of :data:`PARTS`. Raises WrongInputError if one lacks it."""
    missing = [name for name, each in deployments.items() if not has_part(each, part)]
    if missing:
        settings = " and no ".join(PARTS[part])
        raise WrongInputError(f"{listed(missing)} {'has' if len(missing) == 1 else 'have'} no {settings}")
    others = [setting for each, settings in PARTS.items() if each != part for setting in settings]
    return {name: each.without(others) for name, each in deployments.items()}


_WITHOUT_DNS: Final[Mapping[str, Any]] = {
    "dns": "none",
    "dns_bridge": False,
    "resolver": None,
    "hosted_zone_id": None,
    "profile_id": None,
    "client_vpc_ids": [],
    "client_vpcs": [],
}
"""The settings of an endpoint that resolves no names yet."""


def wires_dns(deployment: Deployment) -> bool:
    """Return whether a deployment's endpoint resolves names."""
    link = deployment.private_link
    return link is not None and (link.dns != "none" or link.dns_bridge)


def without_dns(deployment: Deployment) -> Deployment:
    """Return a deployment whose endpoint resolves no names: the first phase, before the endpoint is available."""
    link = deployment.private_link
    return deployment.model_copy(update={"private_link": link and link.model_copy(update=_WITHOUT_DNS)})


def customer_keys_of(deployment: Deployment) -> "list[CustomerKeys]":
    """Return what a deployment's customers bring, in the order of the file."""
    from pinekeep.model.customers.packing import CustomerKeys  # noqa: PLC0415 - most files have no customers

    customers: Sequence[CustomerKey] = deployment.cmek.customer_keys if deployment.cmek else ()
    return [
        CustomerKeys(naming.customer_id(each.name), tuple(each.key_arns or [account_keys_arn(each.account)]))
        for each in customers
    ]


def adopted_keys(deployments: Mapping[str, Deployment]) -> Iterator[tuple[str, str, list[Statement]]]:
    """Yield, for each deployment that adopts a key, its name, the key's ARN and the statements that it must have."""
    for name, deployment in deployments.items():
        if deployment.cmek is not None and deployment.cmek.key.adopt is not None:
            yield name, deployment.cmek.key.adopt, key_user_statements(role_arn_of(name, deployment))


def numbered_role_name(name: str, deployment: Deployment, number: int) -> str:
    """Return the name of one of a deployment's roles."""
    return naming.further_role_name(role_name_of(name, deployment), number)


def numbered_role_arn(name: str, deployment: Deployment, number: int) -> str:
    """Return the ARN of one of a deployment's roles. Known before anything is deployed."""
    return role_arn(
        account=deployment.account, role_name=numbered_role_name(name, deployment, number), path=deployment.iam_path
    )


def written_path(deployment: Deployment) -> str | None:
    """Return the path as a template has it; None where it is IAM's default, which no template need say."""
    return None if deployment.iam_path == "/" else deployment.iam_path
