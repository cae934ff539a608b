"""A released template, launched with the parameters of a deployment, is that deployment to `verify`."""

from pathlib import Path

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import GOOD, Run, named

PASSED = {
    "cmek-stack-policy",
    "cmek-stack-protection",
    "decisions-as-planned",
    "key-kind",
    "key-policy-users",
    "key-rotation",
    "role-permissions-boundary",
    "trust-policy-conditions",
    "trust-policy-principals",
}

pytestmark = pytest.mark.process


def test_a_launched_template_passes_verification(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    settings = GOOD[: GOOD.index("    private_link:")].replace("    tags: {team: search}\n", "")
    (folder / "pinekeep.yaml").write_text(named("launched", settings))
    assert pinekeep("release", "--out", "release").code == 0
    result = pinekeep("parameters", "--json")
    (stack,) = result.require_schema("parameters")["stacks"]
    cloudformation = aws.session().client("cloudformation")
    cloudformation.create_stack(
        StackName=stack["stack"],
        TemplateBody=(folder / "release" / stack["template"]).read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in stack["parameters"].items()],
        StackPolicyBody=(folder / "release" / "stack-policy.json").read_text(),
        EnableTerminationProtection=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=stack["stack"], WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    verified = pinekeep("verify", "--json")
    findings = {each["check"]: each for each in verified.require_schema("verify")["findings"]}
    assert {name: each["found"] for name, each in findings.items() if each["status"] == "failed"} == {}
    assert {name for name, each in findings.items() if each["status"] == "ok"} >= PASSED
