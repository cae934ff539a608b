"""What Pinecone depends on, and who has access, as deployed and as planned. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pinekeep.account.record.handover import OUTPUTS, HandedOver, Value
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import audit_values
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.naming import Output
from pinekeep.model.policies import compare
from pinekeep.model.policies.key import ADMINISTRATORS_SID
from pinekeep.model.policies.trust import Trusted, trusted
from pinekeep.operations.plan.changes import Action, Change, Replacement
from pinekeep.operations.plan.protection import Protection, protection_of
from pinekeep.operations.plan.resolution import Resolution, resolution_of

NEW_ENDPOINT: Final = "a new endpoint"
"""Placeholder for the ID of an endpoint that the deployment creates."""

NEW: Final[Mapping[Value, str]] = {Value.KEY_ARN: "a new key", Value.ENDPOINT_ID: NEW_ENDPOINT}
"""Placeholders for values that AWS assigns on deployment."""

KEY_TYPE: Final = "AWS::KMS::Key"
ROLE_TYPE: Final = "AWS::IAM::Role"
ALIAS_TYPE: Final = "AWS::KMS::Alias"
ENDPOINT_TYPE: Final = "AWS::EC2::VPCEndpoint"
GROUP_TYPE: Final = "AWS::EC2::SecurityGroup"

Template = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The IDs of the endpoints of one state of a deployment.

    ``name_taken_in`` is the VPC, as the template has it, in which the serving endpoint has its private DNS name; None
    where that is off.
    """

    serving: str | None = None
    standby: str | None = None
    by_logical_id: Mapping[str, str] = field(default_factory=dict)
    name_taken_in: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The IDs of the existing ones, the serving one first."""
        return tuple(each for each in (self.serving, self.standby) if each is not None)


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of a deployment: what Pinecone is given (:data:`NEW` for what is not known yet), and who has access.

    ``clients`` are the networks, security groups and prefix lists that may reach the endpoint. ``resolution``: who
    resolves Pinecone's private names by the stack's DNS. ``protection``: what protects the audit logs, in a bucket of
    the stack. ``audit``: what Pinecone's console has of the audit logs, by the name of the output.
    """

    values: Mapping[Value, str] = field(default_factory=dict)
    trust: Trusted = field(default_factory=Trusted)
    administrators: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    customer_keys: tuple[str, ...] = ()
    endpoints: Endpoints = field(default_factory=Endpoints)
    resolution: Resolution = field(default_factory=Resolution)
    protection: Protection | None = None
    audit: Mapping[str, str] = field(default_factory=dict)

    @property
    def handed_over(self) -> HandedOver:
        """The values as Pinecone is given them."""
        return HandedOver(self.values)


def deployed_state(
    *, cmek: Template | None, link: Template | None, storage: Template | None = None, outputs: Mapping[str, str]
) -> State:
    """Return the deployed state, from the templates and outputs of the stacks."""
    values = {value: outputs[name] for value, name in OUTPUTS.items() if outputs.get(name)}
    state = _state(values, cmek, link, deployed_endpoints(link, outputs))
    given = (Output.AUDIT_ROLE_ARN, Output.AUDIT_LOCATION)
    audit: dict[str, str] = {name: outputs[name] for name in given if outputs.get(name)}
    return replace(state, protection=protection_of(storage), audit=audit)


def planned_state(
    name: str,
    deployment: Deployment,
    *,
    cmek: Template | None,
    link: Template | None,
    storage: Template | None = None,
    before: State,
    changes: Iterable[Change],
) -> State:
    """Return the state after a deployment of the templates. The values of a stack that left the file stay."""
    changes = tuple(changes)
    own = naming.cmek_stack(name)
    fresh = {each.type for each in changes if each.stack == own and _is_another(each)}
    values = dict(before.values)
    if deployment.cmek is not None:
        values[Value.ROLE_ARN] = role_arn_of(name, deployment)
        values[Value.EXTERNAL_ID] = deployment.cmek.trust.external_id
        if not deployment.cmek.has_own_key:
            values.pop(Value.KEY_ARN, None)
        elif deployment.cmek.key.adopt is not None:
            values[Value.KEY_ARN] = deployment.cmek.key.adopt
        elif KEY_TYPE in fresh or Value.KEY_ARN not in values:
            values[Value.KEY_ARN] = NEW[Value.KEY_ARN]
    endpoints = before.endpoints
    if deployment.private_link is not None:
        endpoints = planned_endpoints(link, before.endpoints, changes)
        if endpoints.serving is not None:
            values[Value.ENDPOINT_ID] = endpoints.serving
    return replace(
        _state(values, cmek, link, endpoints),
        protection=before.protection if storage is None else protection_of(storage),
        audit=audit_values(name, deployment) or before.audit,
    )


def deployed_endpoints(template: Template | None, outputs: Mapping[str, str]) -> Endpoints:
    """Return the endpoints of the stack, from the template that was deployed last and the outputs."""
    found = {role: outputs.get(role) for role in (Output.VPC_ENDPOINT_ID, Output.STANDBY_VPC_ENDPOINT_ID)}
    logical = {role: _logical_id(template, role) for role in found}
    return Endpoints(
        serving=found[Output.VPC_ENDPOINT_ID],
        standby=found[Output.STANDBY_VPC_ENDPOINT_ID],
        by_logical_id={
            name: endpoint_id for role, endpoint_id in found.items() if endpoint_id and (name := logical[role])
        },
        name_taken_in=_name_taken_in(template),
    )


def planned_endpoints(template: Template | None, before: Endpoints, changes: Iterable[Change]) -> Endpoints:
    """Return the endpoints after a deployment of the template; None leaves them as they are."""
    if template is None:
        return before
    fresh = {each.logical_id for each in changes if each.type == ENDPOINT_TYPE and _is_another(each)}

    def planned(role: Output) -> str | None:
        name = _logical_id(template, role)
        if name is None:
            return None
        return NEW_ENDPOINT if name in fresh else before.by_logical_id.get(name, NEW_ENDPOINT)

    return Endpoints(
        serving=planned(Output.VPC_ENDPOINT_ID),
        standby=planned(Output.STANDBY_VPC_ENDPOINT_ID),
        name_taken_in=_name_taken_in(template),
    )


def resources(template: Template | None, *kinds: str) -> dict[str, Mapping[str, Any]]:
    """Return the properties of a template's resources of some types, by logical ID."""
    found = (template or {}).get("Resources") or {}
    return {each: one.get("Properties") or {} for each, one in found.items() if one.get("Type") in kinds}


def _is_another(change: Change) -> bool:
    return change.action is Action.ADD or change.replacement is not Replacement.NEVER


def _state(values: Mapping[Value, str], cmek: Template | None, link: Template | None, endpoints: Endpoints) -> State:
    return State(
        values=values,
        trust=_trust(cmek),
        administrators=tuple(sorted(_administrators(cmek))),
        clients=tuple(sorted(_clients(link))),
        customer_keys=tuple(sorted(_customer_keys(cmek))),
        endpoints=endpoints,
        resolution=resolution_of(link),
    )


def _trust(template: Template | None) -> Trusted:
    roles = resources(template, ROLE_TYPE).values()
    return next(
        (found for role in roles if (found := trusted(role.get("AssumeRolePolicyDocument"))).regions), Trusted()
    )


def _administrators(template: Template | None) -> Iterator[str]:
    for key in resources(template, KEY_TYPE).values():
        for statement in _statements(key.get("KeyPolicy")):
            yield from statement.principals if statement.sid == ADMINISTRATORS_SID else ()


def _clients(template: Template | None) -> Iterator[str]:
    for group in resources(template, GROUP_TYPE).values():
        for rule in group.get("SecurityGroupIngress") or ():
            yield str(
                rule.get("CidrIp")
                or rule.get("CidrIpv6")
                or rule.get("SourceSecurityGroupId")
                or rule.get("SourcePrefixListId")
            )


def _customer_keys(template: Template | None) -> Iterator[str]:
    for policy in resources(template, "AWS::IAM::ManagedPolicy").values():
        for statement in policy["PolicyDocument"].get("Statement") or ():
            yield from (str(each) for each in statement.get("Resource") or () if ":kms:" in str(each))


def _statements(document: Any) -> list[compare.Statement]:
    """Return the statements of a policy without those that refer to values not known yet."""
    found = document.get("Statement") if isinstance(document, Mapping) else None
    made: list[compare.Statement] = []
    for each in found or ():
        try:
            made += compare.parse({"Version": "2012-10-17", "Statement": [each]})
        except (compare.PolicyFormatError, AttributeError, TypeError):
            continue
    return made


def _logical_id(template: Template | None, role: Output) -> str | None:
    output = ((template or {}).get("Outputs") or {}).get(role.value) or {}
    value = output.get("Value")
    return str(value["Ref"]) if isinstance(value, Mapping) and "Ref" in value else None


def _name_taken_in(template: Template | None) -> str | None:
    resources = (template or {}).get("Resources") or {}
    properties = (resources.get(_logical_id(template, Output.VPC_ENDPOINT_ID)) or {}).get("Properties") or {}
    return json.dumps(properties.get("VpcId")) if properties.get("PrivateDnsEnabled") else None
