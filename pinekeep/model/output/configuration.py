"""The output of `init`, `check` and `synth`, and of a command that fails."""

from typing import Any, Literal

from pinekeep.errors import ExitCode, PinekeepError
from pinekeep.model.config.problems import ConfigurationError
from pinekeep.model.output import OutputModel


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


class FleetOutput(OutputModel):
    """One fleet."""

    name: str
    """The fleet's name."""
    stack_set: str
    """The name of its stack set."""
    accounts: int
    """The number of accounts, without those of organizational units that have no row."""
    targets: int
    """The number of accounts and Regions."""


class CheckOutput(OutputModel):
    """What `check` writes for a file that is right."""

    file: str
    """The configuration file."""
    deployments: list[DeploymentOutput]
    """The deployments asked for."""
    fleets: list[FleetOutput] = []
    """The fleets, where no deployments were asked for."""
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


class InitOutput(OutputModel):
    """What `init` writes."""

    file: str
    """The file that was written."""
