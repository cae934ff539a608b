"""Checking the templates with all rule packs of cdk-nag."""

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
    """Make synthesis fail on findings, warnings too, that :mod:`pinekeep.constructs.acknowledgments` does not accept.

    They are in ``validation-report.json`` in the cloud assembly. Call it for the app: in a stack,
    ``Template.from_stack`` would raise in its users' tests.
    """
    for stack in app.node.children:
        if isinstance(stack, Stack):
            acknowledge_patterns(stack)
    Validations.of(app).add_plugins(*(pack() for pack in PACKS))
