"""The fixed cost of a synth: an app with one stack, as empty as the template validation allows.

All but our stacks is the same: Node, the environment, cdk.json's feature flags, the files beside the templates and the
template validation.
"""

import os

from pinekeep.operations.synthesis.toolchain import prepare_synth

prepare_synth(os.environ)

import json  # noqa: E402
from pathlib import Path  # noqa: E402

from aws_cdk import App, CfnResource, Stack  # noqa: E402 - starts Node, which must be chosen first

CDK_JSON = Path(__file__).resolve().parents[2] / "cdk.json"

app = App(
    context=json.loads(CDK_JSON.read_text())["context"],
    post_cli_context={
        "aws:cdk:enable-path-metadata": False,
        "aws:cdk:enable-asset-metadata": False,
        "aws:cdk:version-reporting": False,
        "aws:cdk:disable-creation-stack-traces": True,
    },
    analytics_reporting=False,
    tree_metadata=False,
    stack_traces=False,
)
# A template without any resource is an error, so there is one that costs nothing.
CfnResource(Stack(app, "Empty"), "Nothing", type="AWS::CloudFormation::WaitConditionHandle")
app.synth()
