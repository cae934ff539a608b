"""The output of the `pinecone` commands. No model here has a place for a secret."""

from typing import Literal

from pinekeep.model.output import OutputModel


class PineconeStepOutput(OutputModel):
    """One thing to do, or done."""

    kind: Literal["project", "key", "roles", "binding"]
    """What it is about: the project, an API key, an API key's roles, a role binding."""
    what: str
    """What is done, in words."""


class PineconePlanOfDeployment(OutputModel):
    """What there is to do for one deployment."""

    deployment: str
    """The deployment's name."""
    project: str
    """The project's name."""
    project_id: str | None
    """The project's ID; null where it is not there yet."""
    steps: list[PineconeStepOutput]
    """What there is to do, in order; empty where all is as the file says."""
    notes: list[str]
    """What is there and not in the file: it is left alone."""
    problems: list[str]
    """What stands in the way. While there is any, nothing is done."""


class PineconePlanOutput(OutputModel):
    """What `pinecone plan` writes."""

    in_order: bool
    """Whether there is nothing to do, and nothing in the way."""
    deployments: list[PineconePlanOfDeployment]
    """The deployments that have a `pinecone` section."""


class PineconeApplyOutput(OutputModel):
    """What `pinecone apply` writes."""

    changed: bool
    """Whether something was done; false for a dry run."""
    deployments: list[PineconePlanOfDeployment]
    """The deployments with what was done, or would be."""


class FleetProjectOutput(OutputModel):
    """The project of one account and Region of a fleet."""

    account: str
    """The account."""
    region: str
    """The Region."""
    project: str
    """The project's name."""
    project_id: str | None
    """The project's ID before the run; null where it was not there yet."""
    status: Literal["in order", "planned", "applied", "skipped", "refused", "failed"]
    """`skipped`: not deployed yet. `refused`: something stands in the way. `failed`: a step failed, and a further run
    continues."""
    steps: list[PineconeStepOutput]
    """What there was to do, in order."""
    notes: list[str]
    """What is there and not in the file: it is left alone."""
    reason: str | None
    """Why it was skipped or refused, or how it failed."""
    fix: str | None
    """What to do about it."""


class FleetProjectsOutput(OutputModel):
    """What `pinecone plan` and `pinecone apply` write with `--fleet`."""

    fleet: str
    """The fleet's name."""
    changed: bool
    """Whether something was done; false for a plan or a dry run."""
    passed: bool
    """Whether no account and Region was skipped or refused, or failed."""
    targets: list[FleetProjectOutput]
    """By account, then by Region."""


class PineconeRotatedKey(OutputModel):
    """One API key that was exchanged, or would be."""

    deployment: str
    """The deployment's name."""
    key: str
    """The key's name."""
    secret: str
    """The secret that holds its value."""
    old_ids: list[str]
    """The IDs of the keys that it takes the place of."""
    new_id: str | None
    """The ID of the new key; null for a dry run."""
    old_deleted: bool
    """Whether the old keys are deleted."""
    steps: list[str]
    """What is done, in words, in order."""


class PineconeRotateOutput(OutputModel):
    """What `pinecone rotate` writes."""

    changed: bool
    """Whether something was done; false for a dry run."""
    keys: list[PineconeRotatedKey]
    """The keys, in order."""


class FleetRotationOutput(OutputModel):
    """The API keys of one account and Region of a fleet."""

    account: str
    """The account."""
    region: str
    """The Region."""
    keys: list[PineconeRotatedKey]
    """The keys that were exchanged, or would be."""
    reason: str | None
    """Why keys were left out, or how the rotation failed; null if it did not. A further run completes it."""
    fix: str | None
    """What to do about it."""


class FleetRotationsOutput(OutputModel):
    """What `pinecone rotate` writes with `--fleet`."""

    fleet: str
    """The fleet's name."""
    changed: bool
    """Whether something was done; false for a dry run."""
    passed: bool
    """Whether nothing was left out and nothing failed."""
    targets: list[FleetRotationOutput]
    """By account, then by Region; without accounts that have no API keys."""


class PineconeProjectOutput(OutputModel):
    """One project of the organization."""

    id: str
    """Its ID."""
    name: str
    """Its name; others may have the same."""
    cmek: bool
    """Whether everything in it must be encrypted with the customer's key."""
    deployment: str | None
    """The deployment whose project it is."""


class PineconeIndexOutput(OutputModel):
    """One index of a project."""

    name: str
    """Its name."""
    kind: str
    """`managed` (serverless), `pod` or `byoc`; `unreadable` where the answer's shape is not known."""
    cloud: str | None
    """The cloud it is in; null where the API does not tell."""
    region: str | None
    """The cloud's region, or the environment."""
    state: str
    """Pinecone's word for how it is."""
    host: str | None
    """Where it is reached."""
    private_host: str | None
    """Where it is reached through a private endpoint."""
    cmek_id: str | None
    """The key it is encrypted with; null where that is Pinecone's own."""
    problems: list[str]
    """What is not as it should be."""


class PineconeKeyOutput(OutputModel):
    """One API key of a project, without its value."""

    id: str | None
    """Its ID; null where it is not there."""
    name: str
    """Its name."""
    roles: list[str]
    """What it may do."""
    secret: str | None
    """The secret that is to hold its value; null for a key that the file does not name."""
    stored: bool
    """Whether readers of the secret get this key's value."""
    problems: list[str]
    """What is not as it should be."""


class ConsoleTaskOutput(OutputModel):
    """Something that only the Pinecone console can do."""

    what: str
    """What it is."""
    page: str
    """The page to open."""
    why: str
    """What it is good for, or what to know before."""


class PineconeStatusOfDeployment(OutputModel):
    """How one deployment's project is."""

    deployment: str
    """The deployment's name."""
    project: str
    """The project's name."""
    project_id: str | None
    """The project's ID; null where it is not there."""
    cmek: bool | None
    """Whether it was made with CMEK; null where it is not there."""
    cmek_wanted: bool
    """Whether the deployment has `cmek`."""
    wanted_keys: list[str]
    """The ARNs of the keys that its indexes may be encrypted with, as far as they are known."""
    indexes: list[PineconeIndexOutput] | None
    """Its indexes; null where they could not be read."""
    indexes_unread: str | None
    """Why its indexes could not be read."""
    keys: list[PineconeKeyOutput]
    """Its API keys: those of the file, then others."""
    problems: list[str]
    """What is not as it should be."""
    notes: list[str]
    """What CMEK and private endpoints mean for it."""
    console: list[ConsoleTaskOutput]
    """What only the Pinecone console can do."""


class PineconeStatusOutput(OutputModel):
    """What `pinecone status` writes."""

    passed: bool
    """Whether nothing was found that is not as it should be."""
    organization: str | None
    """The organization's name."""
    plan: str | None
    """The organization's plan, in Pinecone's word; null where the API does not tell."""
    projects: list[PineconeProjectOutput]
    """The projects that the service account can see."""
    deployments: list[PineconeStatusOfDeployment]
    """The deployments that have a `pinecone` section."""


class FleetProjectStatusOutput(OutputModel):
    """The project of one account and Region of a fleet."""

    account: str
    """The account."""
    region: str
    """The Region."""
    status: PineconeStatusOfDeployment | None
    """How the project is; null where it could not be read."""
    reason: str | None
    """Why it could not be read."""
    fix: str | None
    """What to do about it."""


class FleetProjectStatusesOutput(OutputModel):
    """What `pinecone status` writes with `--fleet`."""

    fleet: str
    """The fleet's name."""
    passed: bool
    """Whether everything could be read, and is as the file says."""
    targets: list[FleetProjectStatusOutput]
    """By account, then by Region."""
