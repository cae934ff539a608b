"""The output of `revoke`, `restore` and `offboard`."""

from typing import Literal

from pinekeep.model.output import OutputModel


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
