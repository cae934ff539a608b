"""Holding the templates against the rules of cdk-nag: AwsSolutions and NIST 800-53 r5."""

from aws_cdk import App, Stack, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from stacks.acknowledgments import acknowledge_patterns


def attach_nag(app: App) -> None:
    """Make synthesizing the app fail on findings that :mod:`stacks.acknowledgments` does not accept.

    Warnings count. The findings stand in ``validation-report.json`` in the cloud assembly. Attach it where the
    app is made, not in a stack: ``Template.from_stack`` would raise in the tests of who uses the stack.

    Args:
        app: the app, before it is synthesized.
    """
    for stack in app.node.children:
        if isinstance(stack, Stack):
            acknowledge_patterns(stack)
    Validations.of(app).add_plugins(AwsSolutionsChecks(), NIST80053R5Checks())
