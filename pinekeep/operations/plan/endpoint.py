"""The endpoints of a deployment as they are and as they would be. Pure."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pinekeep.model.naming import Output
from pinekeep.operations.plan.changes import Action, Change, Replacement

ENDPOINT_TYPE: Final = "AWS::EC2::VPCEndpoint"
NEW_ENDPOINT: Final = "a new endpoint"
"""What stands for the ID of an endpoint that is made by the deployment."""

Template = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The endpoints of one state of a deployment.

    Attributes:
        serving: the ID of the one that serves clients; None where there is none.
        standby: the ID of the one beside it; None where there is none.
        by_logical_id: their IDs by logical ID.
        name_taken_in: the VPC, as the template has it, in which the one that serves has its private DNS name; None
            where that is off.
    """

    serving: str | None = None
    standby: str | None = None
    by_logical_id: Mapping[str, str] = field(default_factory=dict)
    name_taken_in: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The IDs of those that there are."""
        return tuple(each for each in (self.serving, self.standby) if each is not None)


def deployed_endpoints(template: Template | None, outputs: Mapping[str, str]) -> Endpoints:
    """Return the endpoints of the stack.

    Args:
        template: what was deployed last; None where nothing was.
        outputs: what the stack puts out.
    """
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
    """Return the endpoints that would be there.

    Args:
        template: the template that is to be deployed; None leaves them as they are.
        before: those that are there.
    """
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


def is_spare(change: Change, *, standby: str | None, gone: Collection[str]) -> bool:
    """Whether a change is of an endpoint that serves nobody: one on standby, or one that is not there any more."""
    return change.physical_id is not None and (change.physical_id == standby or change.physical_id in gone)


def _is_another(change: Change) -> bool:
    return change.action is Action.ADD or change.replacement is not Replacement.NEVER


def _logical_id(template: Template | None, role: Output) -> str | None:
    output = ((template or {}).get("Outputs") or {}).get(role.value) or {}
    value = output.get("Value")
    return str(value["Ref"]) if isinstance(value, Mapping) and "Ref" in value else None


def _name_taken_in(template: Template | None) -> str | None:
    resources = (template or {}).get("Resources") or {}
    properties = (resources.get(_logical_id(template, Output.VPC_ENDPOINT_ID)) or {}).get("Properties") or {}
    return json.dumps(properties.get("VpcId")) if properties.get("PrivateDnsEnabled") else None
