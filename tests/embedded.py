"""Bootstrapping an embedded AWS without starting Node: the CDK's own template, deployed by boto3."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pinekeep.emulator.server import EmbeddedAws

CDK = Path(__file__).parents[1] / "node_modules" / "aws-cdk"
TEMPLATE = CDK / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"


@cache
def _template() -> str:
    return TEMPLATE.read_text(encoding="utf-8")


def bootstrap(
    aws: EmbeddedAws,
    *,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> None:
    """Make what `cdk bootstrap` makes. tests/e2e/test_bootstrap.py does the same with the command line itself."""
    given = {"FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY", **(parameters or {})}  # as the command line does
    cloudformation = aws.session(account, region=region or aws.region).client("cloudformation")
    cloudformation.create_stack(
        StackName="CDKToolkit",
        TemplateBody=_template(),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="CDKToolkit", WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
    )
