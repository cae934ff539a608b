"""Holding the templates against the rules of cdk-nag: every pack that it has."""

from typing import Final

import cdk_nag
from aws_cdk import App, Stack, Validations

from pinekeep.constructs.acknowledgments import acknowledge_patterns

PACKS: Final = (
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.NIST80053R4Checks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
)


def attach_nag(app: App) -> None:
    """Make synthesizing the app fail on findings that :mod:`pinekeep.constructs.acknowledgments` does not accept.

    Warnings count. The findings stand in ``validation-report.json`` in the cloud assembly. Attach it where the
    app is made, not in a stack: ``Template.from_stack`` would raise in the tests of who uses the stack.

    Args:
        app: the app, before it is synthesized.
    """
    for stack in app.node.children:
        if isinstance(stack, Stack):
            acknowledge_patterns(stack)
    Validations.of(app).add_plugins(*(pack() for pack in PACKS))
