"""What Pinecone depends on, and who is let in, as it is deployed and as it would be. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pinekeep.account.record.handover import OUTPUTS, HandedOver, Value
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.policies import compare
from pinekeep.model.policies.key import ADMINISTRATORS_SID
from pinekeep.model.policies.trust import Trusted, trusted
from pinekeep.operations.plan.changes import Action, Change, Replacement
from pinekeep.operations.plan.endpoint import NEW_ENDPOINT, Endpoints, deployed_endpoints, planned_endpoints

NEW: Final[Mapping[Value, str]] = {Value.KEY_ARN: "a new key", Value.ENDPOINT_ID: NEW_ENDPOINT}
"""What stands for a value that AWS makes up when it is deployed."""

KEY_TYPE: Final = "AWS::KMS::Key"
ROLE_TYPE: Final = "AWS::IAM::Role"
ALIAS_TYPE: Final = "AWS::KMS::Alias"
GROUP_TYPE: Final = "AWS::EC2::SecurityGroup"

Template = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of a deployment.

    Attributes:
        values: what Pinecone is given. :data:`NEW` stands for what is not known yet.
        trust: Pinecone's account and the Pinecone regions that the trust policy names.
        administrators: the key administrators that the key policy names.
        clients: the networks, security groups and prefix lists that may reach the endpoint.
        customer_keys: the customers' keys that the roles may use.
    """

    values: Mapping[Value, str] = field(default_factory=dict)
    trust: Trusted = field(default_factory=Trusted)
    administrators: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    customer_keys: tuple[str, ...] = ()
    endpoints: Endpoints = field(default_factory=Endpoints)

    @property
    def handed_over(self) -> HandedOver:
        """The same as Pinecone is given it."""
        return HandedOver(self.values)


def deployed_state(*, cmek: Template | None, link: Template | None, outputs: Mapping[str, str]) -> State:
    """Return what is deployed, from the stacks' own templates.

    Args:
        cmek: the template of the stack of role and key, where there is one.
        outputs: what both put out.
    """
    values = {value: outputs[name] for value, name in OUTPUTS.items() if outputs.get(name)}
    return _state(values, cmek, link, deployed_endpoints(link, outputs))


def planned_state(
    name: str,
    deployment: Deployment,
    *,
    cmek: Template | None,
    link: Template | None,
    before: State,
    changes: Iterable[Change],
) -> State:
    """Return what would be deployed.

    Args:
        cmek: the template of the stack of role and key that is to be deployed.
        before: what is deployed. A stack that the file does not have any more is left alone, and its values stay.
    """
    changes = tuple(changes)
    fresh = {each.type for each in changes if _is_another(each)}
    values = dict(before.values)
    if deployment.cmek is not None:
        values[Value.ROLE_ARN] = role_arn_of(name, deployment)
        values[Value.EXTERNAL_ID] = str(deployment.cmek.trust.external_id)
        if not deployment.cmek.has_own_key:
            values.pop(Value.KEY_ARN, None)
        elif deployment.cmek.key.adopt is not None:
            values[Value.KEY_ARN] = str(deployment.cmek.key.adopt)
        elif KEY_TYPE in fresh or Value.KEY_ARN not in values:
            values[Value.KEY_ARN] = NEW[Value.KEY_ARN]
    endpoints = before.endpoints
    if deployment.private_link is not None:
        endpoints = planned_endpoints(link, before.endpoints, changes)
        if endpoints.serving is not None:
            values[Value.ENDPOINT_ID] = endpoints.serving
    return _state(values, cmek, link, endpoints)


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
        administrators=_administrators(cmek),
        clients=_clients(link),
        customer_keys=_customer_keys(cmek),
        endpoints=endpoints,
    )


def _trust(template: Template | None) -> Trusted:
    roles = resources(template, ROLE_TYPE).values()
    return next(
        (found for role in roles if (found := trusted(role.get("AssumeRolePolicyDocument"))).regions), Trusted()
    )


def _administrators(template: Template | None) -> tuple[str, ...]:
    return tuple(
        sorted(
            principal
            for key in resources(template, KEY_TYPE).values()
            for statement in _statements(key.get("KeyPolicy"))
            if statement.sid == ADMINISTRATORS_SID
            for principal in statement.principals
        )
    )


def _clients(template: Template | None) -> tuple[str, ...]:
    return tuple(
        sorted(
            str(rule.get("CidrIp") or rule.get("SourceSecurityGroupId") or rule.get("SourcePrefixListId"))
            for group in resources(template, GROUP_TYPE).values()
            for rule in group.get("SecurityGroupIngress") or ()
        )
    )


def _customer_keys(template: Template | None) -> tuple[str, ...]:
    return tuple(
        sorted(
            str(resource)
            for policy in resources(template, "AWS::IAM::ManagedPolicy").values()
            for statement in policy["PolicyDocument"].get("Statement") or ()
            for resource in statement.get("Resource") or ()
            if ":kms:" in str(resource)
        )
    )


def _statements(document: Any) -> list[compare.Statement]:
    """Return the statements of a policy; where it refers to what is not known yet, those that do not."""
    found = document.get("Statement") if isinstance(document, Mapping) else None
    made: list[compare.Statement] = []
    for each in found or ():
        try:
            made += compare.parse({"Version": "2012-10-17", "Statement": [each]})
        except (compare.PolicyFormatError, AttributeError, TypeError):
            continue
    return made
