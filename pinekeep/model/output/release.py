"""The output of `release` and `parameters`."""

from pinekeep.model.output import OutputModel


class ReleaseOutput(OutputModel):
    """What `release` writes."""

    version: str
    """The version of Pinekeep that the templates are of."""
    files: list[str]
    """The files that were written."""


class StackParametersOutput(OutputModel):
    """The released template and the parameters of one stack."""

    deployment: str
    """The deployment's name."""
    part: str
    """The part of the deployment: `cmek` or `private_link`."""
    stack: str
    """The name of the stack."""
    account: str
    """The account of the stack."""
    region: str
    """The Region of the stack."""
    template: str
    """The file name of the released template."""
    parameters: dict[str, str]
    """The values of the parameters, by name."""
    launch_link: str | None
    """The address that opens the CloudFormation console with template and parameters; null without `--bucket-url`."""
    file: str | None
    """The file that was written; null without `--out`."""


class ParametersOutput(OutputModel):
    """What `parameters` prints."""

    stacks: list[StackParametersOutput]
    """The stacks, in the order of the file."""
