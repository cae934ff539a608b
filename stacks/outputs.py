"""The outputs of the stacks."""

from aws_cdk import CfnOutput, Stack


def add_output(stack: Stack, output: str, value: str, description: str) -> None:
    """Add an output to a stack. ``output``: its name, mostly one of :class:`pinekeep.model.naming.Output`."""
    # pyrefly: ignore[unnecessary-type-conversion] - an `Output` is more than jsii takes
    CfnOutput(stack, str(output), value=value, description=description)
