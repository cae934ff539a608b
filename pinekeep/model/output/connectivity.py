"""The output of `private-link check`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class ClientStepOutput(OutputModel):
    """One step of the check."""

    step: Literal["host", "resolver", "addresses", "connection", "certificate", "proxy", "request"]
    """The step's stable name."""
    status: Literal["ok", "note", "failed", "skipped"]
    """`note`: worth a look, and fails nothing. `skipped`: a step before it failed, or there is no API key."""
    code: str
    """The verdict of a step that failed, the name of a note, or the status."""
    found: str
    """What was seen."""
    fix: str | None
    """What to do about it."""
    seconds: float
    """How long it took."""


class PrivateLinkCheckOutput(OutputModel):
    """What `private-link check` and its script write."""

    version: Literal[1]
    """The version of these fields."""
    passed: bool
    """Whether no step failed."""
    verdict: str
    """`ok`, or the code of the first step that failed."""
    summary: str
    """The verdict in one sentence."""
    fix: str | None
    """What to do about it."""
    host: str
    """The private name of the index."""
    region: str | None
    """The AWS Region of the name's environment; null if private endpoints are not documented for it."""
    addresses: list[str]
    """What the private name resolves to, in the order of the operating system."""
    request_made: bool
    """Whether a request with the API key was sent."""
    steps: list[ClientStepOutput]
    """The steps, in order."""


class PrivateLinkScriptOutput(OutputModel):
    """What `private-link check --write-script FILE --json` writes."""

    script: str
    """The path of the script."""
    written: bool
    """Whether it was written; false if the same script was there already."""
