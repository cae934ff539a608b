"""The output of `demo` and `local`."""

from pinekeep.model.output import OutputModel


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
