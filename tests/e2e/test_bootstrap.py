"""A Region that an organization has bootstrapped in its own way: another qualifier, and roles that it has moved."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from tests.command_support import GOOD, Run, named
from tests.faults.fault import Fault

pytestmark = pytest.mark.e2e

REGION = "eu-west-1"
NAME = "west"
STACK = f"Pinekeep-{NAME}-Cmek"
ROLE = "arn:aws:iam::111122223333:role/delegated/dev/pinekeep-west-eu-west-1"
TEXT = named(NAME, GOOD[: GOOD.index("    private_link:")]).replace("us-east-1", REGION)

FORWARDING = f"Pinekeep-{NAME}-MonitoringGlobal"
WATCHED = """\
    monitoring:
      emails: [ops@example.com]
      dashboard: false
"""


@pytest.fixture(scope="module")
def platform(bootstrapped: EmbeddedAws) -> EmbeddedAws:
    """The Region has a bootstrap with the qualifier ``platform``, and no other."""
    said: list[str] = []
    CdkCli(environment=bootstrapped.environment(), tell=said.append).bootstrap(
        account=bootstrapped.account,
        region=REGION,
        options=["--qualifier", "platform", "--toolkit-stack-name", "PlatformToolkit"],
    )
    return bootstrapped


@pytest.mark.fault(
    "the Region is bootstrapped with a qualifier of the organization's own",
    sees="account 111122223333 is bootstrapped in eu-west-1 with qualifier platform, not with hnb659fds",
    safe="Nothing is changed or bootstrapped over; write `bootstrap: {qualifier: platform}` into the file.",
)
def test_another_qualifier_is_found_named_and_deployed_through(
    pinekeep: Run, folder: Path, aws: EmbeddedAws, platform: EmbeddedAws, fault: Fault
) -> None:
    file = folder / "pinekeep.yaml"
    file.write_text(TEXT)
    looked = pinekeep("preflight", "--json")
    assert looked.code == 1
    (blocking,) = [each for each in looked.json["findings"] if each["status"] == "failed"]
    fault.require_seen(blocking["found"])
    assert "write bootstrap: {qualifier: platform} in deployment west" in blocking["fix"]
    refused = pinekeep("deploy", "--yes")
    assert refused.code == 3
    assert "cdk bootstrap" not in refused.err

    mended = TEXT.replace("deployments:", "bootstrap: {qualifier: platform}\ndeployments:")
    mended = mended.replace("    cmek:", "    iam_path: /delegated/dev/\n    cmek:").rstrip()
    file.write_text(f"{mended}\n{WATCHED}")
    assert pinekeep("preflight").code == 0
    deployed = pinekeep("deploy", "--yes", "--json")
    assert deployed.code == 0, deployed.err
    assert deployed.json["stacks"][0]["outputs"]["RoleArn"] == ROLE
    client = aws.session().client("cloudformation", region_name=REGION)
    template = client.get_template(StackName=STACK)["TemplateBody"]
    assert template["Parameters"]["BootstrapVersion"]["Default"] == "/cdk-bootstrap/platform/version"

    with logging_trail(aws):
        verified = pinekeep("verify", "--json")
    assert verified.code == 0, [each for each in verified.json["findings"] if each["status"] == "failed"]
    handed = pinekeep("handoff", "--record")
    assert handed.code == 0
    assert ROLE in handed.out
    planned = pinekeep("plan", "--json")
    assert planned.code == 0, planned.err
    assert planned.json["kind"] == "safe"

    require_monitoring_of_two_regions(pinekeep, aws)
    file.write_text(f"{mended}\n")
    require_another_path_to_be_refused(pinekeep, file)
    require_recovery(pinekeep, aws)


@contextmanager
def logging_trail(aws: EmbeddedAws) -> Generator[None]:
    """Provide a trail: without one, no rule receives an API call, and a verification fails."""
    bucket, name = "example-trail-of-west", "west"
    s3, cloudtrail = (aws.session().client(each, region_name="us-east-1") for each in ("s3", "cloudtrail"))
    s3.create_bucket(Bucket=bucket)
    cloudtrail.create_trail(Name=name, S3BucketName=bucket, IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name=name)
    try:
        yield
    finally:
        cloudtrail.delete_trail(Name=name)
        s3.delete_bucket(Bucket=bucket)


def require_monitoring_of_two_regions(pinekeep: Run, aws: EmbeddedAws) -> None:
    """The stack in the other Region goes through the bootstrap of the deployment's: its own has another qualifier."""
    elsewhere = aws.session().client("cloudformation", region_name="us-east-1")
    (stack,) = elsewhere.describe_stacks(StackName=FORWARDING)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert "BootstrapVersion" not in elsewhere.get_template(StackName=FORWARDING)["TemplateBody"].get("Parameters", {})
    would = pinekeep("destroy", "--only", "monitoring", "--dry-run", "--json").require_schema("destroy")
    assert would["removed"] == [FORWARDING, f"Pinekeep-{NAME}-Monitoring"]
    gone = pinekeep("destroy", "--only", "monitoring", "--yes", "--json").require_schema("destroy")
    assert (gone["changed"], gone["removed"]) == (True, would["removed"])
    names = {each["StackName"] for each in elsewhere.describe_stacks()["Stacks"]}
    assert FORWARDING not in names
    again = pinekeep("destroy", "--only", "monitoring", "--yes")
    assert "nothing to delete: no monitoring is deployed" in again.out


def require_another_path_to_be_refused(pinekeep: Run, file: Path) -> None:
    """The path is a part of what Pinecone was given."""
    right = file.read_text()
    beside = file.with_name("pinekeep.handed-over.json")
    noted = beside.read_text()
    file.write_text(right.replace("/delegated/dev/", "/delegated/prod/"))
    locked = pinekeep("plan", "--json")
    assert locked.code == 2
    assert "hint: write iam_path: /delegated/dev/" in locked.err
    beside.unlink()
    planned = pinekeep("plan", "--json")
    assert planned.code == 1
    assert planned.json["kind"] == "destroys"
    found = [each["what"] for each in planned.json["deployments"][0]["findings"]]
    assert any(each.startswith(f"Pinecone was given the role ARN {ROLE}; it would be arn:") for each in found)
    refused = pinekeep("deploy", "--yes")
    assert refused.code != 0
    file.write_text(right)
    beside.write_text(noted)


def require_recovery(pinekeep: Run, aws: EmbeddedAws) -> None:
    """What a stack kept is taken back in through the same bootstrap."""
    client = aws.session().client("cloudformation", region_name=REGION)
    client.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    client.delete_stack(StackName=STACK)
    client.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})
    recovered = pinekeep("recover", "--yes", "--json")
    assert recovered.code == 0, recovered.err
    assert f"role {ROLE}" in recovered.json["things"]
    assert pinekeep("verify").code in (0, 1)
