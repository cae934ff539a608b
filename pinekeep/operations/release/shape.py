"""A released shape: a sample deployment with placeholders, and what replaces them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pinekeep.model import naming
from pinekeep.operations.release import samples
from pinekeep.operations.release.parameterization import ConditionalResource, Slot, optional
from pinekeep.operations.release.parameters import Parameter


@dataclass(frozen=True, kw_only=True)
class ReleasedShape:
    """A shape of deployments that has a released template.

    Attributes:
        key: its name in file names.
        title: what the template creates, for the console's list and the page.
        part: the part of a deployment, as the configuration file calls it.
        sample: the settings of the sample deployment.
        slots: what replaces the sample's placeholders.
        properties: values by the name of the property that gets them; they may have placeholders, too.
        conditional: the resources that only some stacks of the template create.
        conditions: the conditions of the slots and of these resources.
        rules: the rules that the console checks before it creates anything.
    """

    key: str
    title: str
    part: str
    sample: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    slots: tuple[Slot, ...]
    properties: Mapping[str, Any] = field(default_factory=dict)
    conditional: tuple[ConditionalResource, ...] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """The name that the launch link proposes for the stack, with NAME for that of the deployment."""
        return naming.cmek_stack("NAME") if self.part == "cmek" else naming.private_link_stack("NAME")


def ref(name: str) -> dict[str, str]:
    """Return a reference to a parameter or pseudo parameter."""
    return {"Ref": name}


def equals(parameter: str, value: str) -> dict[str, Any]:
    """Return the condition that a parameter has a value."""
    return {"Fn::Equals": [ref(parameter), value]}


def differs(parameter: str, value: str) -> dict[str, Any]:
    """Return the condition that a parameter has another value."""
    return {"Fn::Not": [equals(parameter, value)]}


def given(parameter: str) -> dict[str, Any]:
    """Return the condition that a parameter is not empty."""
    return differs(parameter, "")


def rule(assertion: Mapping[str, Any], description: str) -> dict[str, Any]:
    """Return a rule of one assertion."""
    return {"Assertions": [{"Assert": dict(assertion), "AssertDescription": description}]}


HAS_BOUNDARY: Final = "HasBoundary"
COMMON: Final = (
    Slot(placeholder=samples.NAME, value=ref("DeploymentName"), variable="DeploymentName"),
    Slot(placeholder=samples.ACCOUNT, value=ref("AWS::AccountId"), variable="AWS::AccountId"),
    Slot(placeholder=samples.REGION, value=ref("AWS::Region"), variable="AWS::Region"),
)
"""What every template has."""
BOUNDED: Final = (
    Slot(placeholder=samples.BOUNDARY, value=optional(HAS_BOUNDARY, ref("PermissionsBoundary"))),
    Slot(placeholder=samples.PATH, value=ref("RolePath"), variable="RolePath"),
)
"""What every template with roles has."""
BOUNDARY_CONDITION: Final = {HAS_BOUNDARY: given("PermissionsBoundary")}
