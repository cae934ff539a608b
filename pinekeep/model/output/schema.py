"""The output of each command with `--json`, and its JSON Schema."""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from pinekeep.model.output import OutputModel
from pinekeep.model.output.access import AccessOutput, PermissionsOutput
from pinekeep.model.output.association import AssociateOutput
from pinekeep.model.output.audit import AuditQueriesOutput, AuditQueryOutput, AuditReportOutput, AuditTailOutput
from pinekeep.model.output.callers import CallersOutput
from pinekeep.model.output.configuration import CheckOutput, ErrorOutput, InitOutput, SynthOutput
from pinekeep.model.output.connectivity import PrivateLinkCheckOutput, PrivateLinkScriptOutput
from pinekeep.model.output.deployment import DeployOutput, DestroyOutput, RecoverOutput
from pinekeep.model.output.fleet_deployment import FleetDeployOutput, FleetRemoveOutput
from pinekeep.model.output.fleet_handoff import FleetHandoffOutput
from pinekeep.model.output.fleet_plan import FleetPlanOutput
from pinekeep.model.output.fleet_status import FleetStatusOutput
from pinekeep.model.output.fleet_targets import FleetTargetsOutput
from pinekeep.model.output.fleet_verification import (
    FleetQueriesOutput,
    FleetQueryOutput,
    FleetReportOutput,
    FleetVerifyOutput,
)
from pinekeep.model.output.forwarding import ForwardingOutput
from pinekeep.model.output.handoff import CustomerTemplatesOutput, HandoffOutput
from pinekeep.model.output.local import DemoOutput, LocalOutput
from pinekeep.model.output.monitoring import MonitoringFenceOutput, MonitoringTestOutput
from pinekeep.model.output.pinecone import (
    FleetProjectsOutput,
    FleetProjectStatusesOutput,
    FleetRotationsOutput,
    PineconeApplyOutput,
    PineconePlanOutput,
    PineconeRotateOutput,
    PineconeStatusOutput,
)
from pinekeep.model.output.plan import PlanOutput
from pinekeep.model.output.probe import ProbeOutput
from pinekeep.model.output.release import ParametersOutput, ReleaseOutput
from pinekeep.model.output.revocation import OffboardOutput, RestoreOutput, RevokeOutput
from pinekeep.model.output.verification import PreflightOutput, VerifyOutput
from pinekeep.model.output.zones import ZonesOutput

OUTPUTS: Final[dict[str, type[OutputModel]]] = {
    "init": InitOutput,
    "check": CheckOutput,
    "synth": SynthOutput,
    "release": ReleaseOutput,
    "parameters": ParametersOutput,
    "preflight": PreflightOutput,
    "plan": PlanOutput,
    "deploy": DeployOutput,
    "verify": VerifyOutput,
    "access": AccessOutput,
    "customer-template": CustomerTemplatesOutput,
    "handoff": HandoffOutput,
    "fleet handoff": FleetHandoffOutput,
    "permissions": PermissionsOutput,
    "recover": RecoverOutput,
    "destroy": DestroyOutput,
    "revoke": RevokeOutput,
    "restore": RestoreOutput,
    "offboard": OffboardOutput,
    "demo": DemoOutput,
    "local": LocalOutput,
    "pinecone plan": PineconePlanOutput,
    "pinecone plan --fleet": FleetProjectsOutput,
    "pinecone apply": PineconeApplyOutput,
    "pinecone apply --fleet": FleetProjectsOutput,
    "pinecone rotate": PineconeRotateOutput,
    "pinecone rotate --fleet": FleetRotationsOutput,
    "pinecone status": PineconeStatusOutput,
    "pinecone status --fleet": FleetProjectStatusesOutput,
    "private-link zones": ZonesOutput,
    "private-link check": PrivateLinkCheckOutput,
    "private-link check --write-script": PrivateLinkScriptOutput,
    "private-link probe": ProbeOutput,
    "private-link forwarding": ForwardingOutput,
    "private-link associate": AssociateOutput,
    "private-link callers": CallersOutput,
    "audit query": AuditQueryOutput,
    "audit query --list": AuditQueriesOutput,
    "audit report": AuditReportOutput,
    "audit tail": AuditTailOutput,
    "monitoring test": MonitoringTestOutput,
    "monitoring fence": MonitoringFenceOutput,
    "fleet targets": FleetTargetsOutput,
    "fleet plan": FleetPlanOutput,
    "fleet deploy": FleetDeployOutput,
    "fleet status": FleetStatusOutput,
    "fleet remove": FleetRemoveOutput,
    "fleet verify": FleetVerifyOutput,
    "fleet query": FleetQueryOutput,
    "fleet query --list": FleetQueriesOutput,
    "fleet report": FleetReportOutput,
    "error": ErrorOutput,
}
"""The output of each command, and of any command that fails."""


def output_schema() -> dict[str, Any]:
    """Return one schema for all verbs: ``$defs`` holds each verb's, and any one of them may be what is written."""
    references, definitions = models_json_schema(
        [(model, "serialization") for model in OUTPUTS.values()], title="What pinekeep --json writes"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **definitions,
        "anyOf": [references[model, "serialization"] for model in OUTPUTS.values()],
    }
