"""What ``--json`` writes: one model a verb. They are a promise; fields are added, never renamed or removed."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pinekeep.errors import ExitCode, PinekeepError
from pinekeep.model.config.problems import ConfigurationError
from pinekeep.model.output.pinecone import (
    PineconeApplyOutput,
    PineconePlanOutput,
    PineconeRotateOutput,
    PineconeStatusOutput,
)


class OutputModel(BaseModel):
    """What all outputs share."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ProblemOutput(OutputModel):
    """One thing that is wrong with a configuration file, or worth a warning."""

    file: str
    """The file."""
    line: int | None
    """The line, from 1."""
    column: int | None
    """The column, from 1."""
    severity: Literal["error", "warning"]
    """An error ends the command; a warning does not."""
    code: str
    """A stable name of the rule."""
    setting: str | None
    """The setting, such as `deployments.a.region`."""
    message: str
    """What is so and what is allowed."""
    hint: str | None
    """What to do about it."""


class ErrorOutput(OutputModel):
    """What any verb writes when it fails before it has a result."""

    error: str
    """What is so, in one sentence."""
    hint: str | None
    """What to do about it."""
    exit_code: int
    """How the command ends."""
    problems: list[ProblemOutput] = []
    """What is wrong with the configuration file, where that is the reason."""

    @classmethod
    def of(cls, error: PinekeepError, code: ExitCode) -> "ErrorOutput":
        """Return the output for an error."""
        problems = error.problems if isinstance(error, ConfigurationError) else ()
        file = error.file if isinstance(error, ConfigurationError) else ""
        return cls(
            error=error.message,
            hint=error.hint,
            exit_code=int(code),
            problems=[ProblemOutput(**problem.as_json(file)) for problem in problems],
        )


class DeploymentOutput(OutputModel):
    """One deployment and its stacks."""

    name: str
    """The deployment's name."""
    account: str
    """The AWS account."""
    region: str
    """The AWS Region."""
    stacks: list[str]
    """The names of its stacks."""


class NeededStatements(OutputModel):
    """What the policy of an adopted key must have."""

    deployment: str
    """The deployment's name."""
    key_arn: str
    """The adopted key."""
    statements: list[dict[str, Any]]
    """The statements."""


class CheckOutput(OutputModel):
    """What `check` writes for a file that is right."""

    file: str
    """The configuration file."""
    deployments: list[DeploymentOutput]
    """The deployments asked for."""
    adopted_keys: list[NeededStatements]
    """What the policies of adopted keys must have."""
    warnings: list[ProblemOutput]
    """What is allowed and yet worth a word."""


class SynthOutput(OutputModel):
    """What `synth` writes."""

    folder: str
    """The cloud assembly."""
    templates: list[str]
    """The template files in it."""


class StackResult(OutputModel):
    """One stack after a deployment."""

    name: str
    """The stack's name."""
    deployment: str
    """The deployment it belongs to."""
    outputs: dict[str, str]
    """Its outputs."""


class PlannedChangeOutput(OutputModel):
    """What would be done to one resource."""

    action: Literal["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual"]
    """CloudFormation's word for it."""
    lost: bool = False
    """Whether the resource was deleted behind the stack's back, and is made again."""
    resource: str
    """The resource's logical ID."""
    type: str
    """Its type."""
    physical_id: str | None
    """What it is now; null where it is not there yet."""
    replacement: Literal["True", "False", "Conditional"]
    """Whether another resource takes its place, or may."""
    properties: list[str]
    """What changes in it."""


class PlannedStackOutput(OutputModel):
    """What would be done to one stack."""

    name: str
    """The stack's name."""
    state: str | None
    """CloudFormation's word for its state; null where there is no such stack."""
    would_change: bool
    """Whether anything would be done."""
    blocked: str | None
    """What to do before it can be deployed over; null where it can be."""
    changes: list[PlannedChangeOutput]
    """What would be done to its resources."""


class PlannedFindingOutput(OutputModel):
    """One thing to know before a deployment."""

    kind: Literal["safe", "attention", "breaks_pinecone", "destroys"]
    """What it is to Pinecone."""
    rule: str
    """The stable name of the rule that found it."""
    what: str
    """What is so."""
    why: str
    """Why that matters."""
    stack: str | None
    """The stack that it is about."""
    resource: str | None
    """The logical ID that it is about."""


class PlannedDeploymentOutput(OutputModel):
    """What would be done for one deployment."""

    name: str
    """The deployment's name."""
    account: str
    """The AWS account."""
    region: str
    """The AWS Region."""
    kind: Literal["safe", "attention", "breaks_pinecone", "destroys"]
    """The gravest kind of what was found."""
    handed_over_at: str | None
    """When it was noted that Pinecone was given its values, in UTC; null where nothing was noted."""
    stacks: list[PlannedStackOutput]
    """Its stacks, in the order in which they are deployed."""
    findings: list[PlannedFindingOutput]
    """What there is to know, the gravest first."""


class PlanOutput(OutputModel):
    """What `plan` writes."""

    kind: Literal["safe", "attention", "breaks_pinecone", "destroys"]
    """The gravest kind of all deployments."""
    would_change: bool
    """Whether anything would be done."""
    refused: bool
    """Whether `deploy` would refuse, or ask for more than a yes."""
    deployments: list[PlannedDeploymentOutput]
    """The deployments."""


class FindingOutput(OutputModel):
    """One check's result."""

    check: str
    """The check's stable name."""
    deployment: str
    """The deployment it is about."""
    what: str
    """What was looked at."""
    status: Literal["ok", "note", "failed", "unreadable"]
    """`note`: worth a word, and fails nothing.
    `unreadable`: it needs something that these credentials may not read, or AWS gave no answer."""
    found: str
    """What is so."""
    wanted: str
    """What should be so."""
    fix: str | None
    """What to do about it."""
    meaning: str | None = None
    """What it means for Pinecone, in one sentence; every failed check says it."""


class DeployOutput(OutputModel):
    """What `deploy` writes."""

    changed: bool
    """False for a dry run, and where there was nothing to change."""
    stacks: list[StackResult]
    """The stacks, with what they put out; empty for a dry run."""
    plan: PlanOutput | None = None
    """What was to be done."""
    failing: list[FindingOutput] = []
    """The checks that fail afterwards although the templates promise what they look at; exit code 1 where any does."""
    unreadable: list[FindingOutput] = []
    """The checks that could not be made for want of permissions."""


class RecoverOutput(OutputModel):
    """What `recover` writes."""

    changed: bool
    """False for a dry run."""
    deployment: str
    """The deployment."""
    stack: str
    """The stack that what is left is taken back into."""
    things: list[str]
    """What is taken back in: roles, key and alias."""
    handed_over_at: str | None
    """When it was noted that Pinecone was given them, in UTC; null where nothing was noted."""


class VerifyOutput(OutputModel):
    """What `verify` writes."""

    passed: bool
    """Whether every check was made and none failed."""
    findings: list[FindingOutput]
    """The checks, in order."""


class PreflightOutput(OutputModel):
    """What `preflight` writes."""

    clear: bool
    """Whether nothing stands in the way of a deployment: no finding is `failed`."""
    findings: list[FindingOutput]
    """What was looked at, in order."""


class AccessOutput(OutputModel):
    """What `access` writes."""

    tables: list[dict[str, Any]]
    """One decision table for each deployment: principals, requests, decisions, and the statement behind each."""


class CustomerTemplateOutput(OutputModel):
    """What `customer-template` writes."""

    deployment: str
    """The deployment."""
    customer: str
    """The customer's name in file names and aliases."""
    role_arn: str
    """The role that the customer lets in."""
    files: list[str]
    """The files that were written."""


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


class FieldOutput(OutputModel):
    """One field of a page in the Pinecone console."""

    label: str
    """The field's label."""
    value: str
    """What to put there; empty means: leave blank."""


class PageOutput(OutputModel):
    """One page of the Pinecone console to fill in."""

    deployment: str
    """The deployment it is about."""
    title: str
    """What the page does."""
    path: str
    """Where the page is."""
    fields: list[FieldOutput]
    """The fields, in the page's order."""
    warnings: list[str]
    """What to know before."""


class RecordOutput(OutputModel):
    """What is noted of one deployment, in its own account."""

    deployment: str
    """The deployment it is about."""
    parameter: str
    """The Systems Manager parameter that holds it."""
    changed: bool
    """Whether it says something that it did not say before."""
    version: int | None
    """The parameter's version; null for a dry run of the first one."""
    values: dict[str, str]
    """What Pinecone was given: `role ARN`, `key ARN`, `external ID` (or `none`), `endpoint ID`."""
    recorded_at: str
    """When it was noted, in UTC."""
    recorded_by: str
    """Who noted it."""


class HandoffOutput(OutputModel):
    """What `handoff` writes."""

    console: str
    """The address of the Pinecone console."""
    pages: list[PageOutput]
    """The pages to fill in, in order."""
    recorded: list[RecordOutput] = []
    """With `--record`: what was noted, or would be."""


class KeptOutput(OutputModel):
    """One thing that `destroy` keeps."""

    deployment: str
    """The deployment it belongs to."""
    what: str
    """What it is."""
    why: str
    """Why it is kept."""


class DestroyOutput(OutputModel):
    """What `destroy` writes."""

    changed: bool
    """False for a dry run, and where there was nothing to take away."""
    removed: list[str]
    """The stacks taken away, or that would be."""
    retired: list[str] = []
    """The endpoints that were registered with Pinecone and are noted as retired, or would be."""
    kept: list[KeptOutput]
    """What is kept, and why."""


class CutOffStepOutput(OutputModel):
    """What `revoke` or `restore` did to one thing."""

    target: str
    """The thing: `role ...`, `key ...`, or the parameter in which it is noted."""
    action: str
    """What was done to it, or would be, such as `disabled`."""
    status: Literal["planned", "done", "already", "absent", "left", "failed"]
    """`planned`: a dry run. `already`: it was so. `absent`: there is no such thing. `left`: it was not touched.
    `failed`: AWS refused; run it again."""
    detail: str | None = None
    """Why, or what to do about it."""


class RevokedOutput(OutputModel):
    """One deployment that was cut off."""

    deployment: str
    """The deployment's name."""
    how: Literal["role", "key", "both"]
    """The way."""
    steps: list[CutOffStepOutput]
    """What was done to each thing."""
    cut_off: bool | None
    """Whether nothing that Pinecone or anybody outside the account could ask for is let through, as decided from what
    is live, grants and replicas counted; null for a dry run."""
    sessions_cut_off: bool | None = None
    """Whether the sessions of Pinecone's roles are refused everything, whatever others may do; null for a dry run."""
    proof: list[str]
    """What was decided, and from what."""
    stops: str
    """What stops, and when."""
    goes_on: list[str]
    """What does not stop."""


class RevokeOutput(OutputModel):
    """What `revoke` writes."""

    changed: bool
    """False for a dry run, and where all was cut off already."""
    deployments: list[RevokedOutput]
    """The deployments."""


class RestoredOutput(OutputModel):
    """One deployment that was let in again."""

    deployment: str
    """The deployment's name."""
    steps: list[CutOffStepOutput]
    """What was found of a revocation, and what became of it; nothing where none is in force."""
    let_in: bool | None
    """Whether no role is denied everything any more and the key is enabled; null for a dry run."""
    not_restored: list[str] = []
    """What `revoke` ended and nothing brings back: grants, each with who held it and what it allowed."""


class RestoreOutput(OutputModel):
    """What `restore` writes."""

    changed: bool
    """False for a dry run, and where nothing was revoked."""
    deployments: list[RestoredOutput]
    """The deployments."""


class GateOutput(OutputModel):
    """One gate of an offboarding."""

    gate: str
    """Its stable name."""
    title: str
    """What is so once it is passed."""
    status: Literal["passed", "begun", "next", "open", "skipped"]
    """`begun`: its change was begun and not seen to its end. `skipped`: the key is not ours to disable and delete."""
    at: str | None = None
    """When it was passed, in UTC."""
    by: str | None = None
    """Who passed it."""
    saw: str | None = None
    """What was seen then, cut short."""


class OffboardOutput(OutputModel):
    """What `offboard` writes."""

    deployment: str
    """The deployment's name."""
    changed: bool
    """Whether a gate was passed or taken back."""
    done: list[str]
    """What was done."""
    gates: list[GateOutput]
    """The gates in their order, as they are now."""
    looked_at: str | None
    """The gate that was looked at; null with `--status` and `--back`, and once all were passed."""
    sees: list[str]
    """What that gate saw."""
    blocked: str | None
    """Why it cannot be passed, or null."""
    hint: str | None
    """What to do about that."""
    not_before: str | None
    """When it can be passed at the earliest, where it is only a matter of time; in UTC."""


class DemoStepOutput(OutputModel):
    """One step of the demonstration."""

    step: str
    """What was done."""
    passed: bool
    """Whether it went as it should."""
    seconds: float
    """How long it took."""
    detail: str | None = None
    """What was seen."""


class DemoOutput(OutputModel):
    """What `demo` writes."""

    passed: bool
    """Whether every step went as it should."""
    seconds: float
    """How long it took in all."""
    steps: list[DemoStepOutput]
    """The steps, in order."""


class LocalOutput(OutputModel):
    """What `local start`, `local stop` and `local status` write."""

    running: bool
    """Whether an embedded AWS runs now."""
    endpoint_url: str | None
    """Where it listens."""
    pid: int | None
    """Its process."""
    pinecone_url: str | None = None
    """Where the stand-in for Pinecone listens, if one runs."""
    environment: dict[str, str]
    """The variables with which AWS clients, and `pinekeep pinecone`, talk to them."""
    unset: list[str] = []
    """The variables to unset: after a start those that would lead elsewhere, after a stop those that a start set."""


class InitOutput(OutputModel):
    """What `init` writes."""

    file: str
    """The file that was written."""


OUTPUTS: dict[str, type[BaseModel]] = {
    "init": InitOutput,
    "check": CheckOutput,
    "synth": SynthOutput,
    "preflight": PreflightOutput,
    "plan": PlanOutput,
    "deploy": DeployOutput,
    "verify": VerifyOutput,
    "access": AccessOutput,
    "customer-template": CustomerTemplateOutput,
    "handoff": HandoffOutput,
    "permissions": PermissionsOutput,
    "recover": RecoverOutput,
    "destroy": DestroyOutput,
    "revoke": RevokeOutput,
    "restore": RestoreOutput,
    "offboard": OffboardOutput,
    "demo": DemoOutput,
    "local": LocalOutput,
    "pinecone plan": PineconePlanOutput,
    "pinecone apply": PineconeApplyOutput,
    "pinecone rotate": PineconeRotateOutput,
    "pinecone status": PineconeStatusOutput,
    "error": ErrorOutput,
}
"""The output of each verb, and of any verb that fails."""
