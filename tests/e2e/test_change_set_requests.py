"""A change set that is asked for directly is the one that the CDK command line asks for."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.deploy_role import as_deploy_role
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.config import Configuration, load
from pinekeep.operations.plan.change_sets import change_sets
from pinekeep.operations.plan.stacks import read_stack, target_of
from pinekeep.operations.synthesis.assembly import synthesize
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from tests.faults.proxy import Answer, FaultProxy, Request

pytestmark = pytest.mark.e2e

QUICKSTART = Path(__file__).resolve().parents[2] / "examples" / "quickstart.yaml"
NAME = "asked"
STACKS = [f"Pinekeep-{NAME}-Cmek", f"Pinekeep-{NAME}-PrivateLink"]
OF_EACH_RUN = {"ChangeSetName", "ClientToken", "Description", "Action", "Version"}
"""What names the change set and differs from run to run; and what boto3 and the SDK for JavaScript both send."""

Asked = dict[str, Any]


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    file = tmp_path / "pinekeep.yaml"
    file.write_text(QUICKSTART.read_text().replace("quickstart:", f"{NAME}:"))
    return load(file)


@pytest.fixture
def assembly(configuration: Configuration, tmp_path: Path) -> Path:
    synthesize(configuration, configuration.deployments, folder=tmp_path / "cdk.out")
    return tmp_path / "cdk.out"


@pytest.fixture
def asked(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Asked]]:
    """What CloudFormation was asked for by CreateChangeSet, in the order of the stacks' names."""
    found: list[Asked] = []
    proxy = FaultProxy(aws.endpoint_url)

    def note(request: Request, pass_on: Any) -> Answer:
        found.append({key: value[0] for key, value in parse_qs(request.body, keep_blank_values=True).items()})
        found.sort(key=lambda each: str(each["StackName"]))
        answer: Answer = pass_on()
        return answer

    proxy.at("CreateChangeSet", note)
    with proxy.serving() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        yield found


def comparable(asked: Asked, aws: EmbeddedAws) -> Asked:
    """What was asked for, with the template itself in place of where it is."""
    asked = {key: value for key, value in asked.items() if key not in OF_EACH_RUN}
    if place := asked.pop("TemplateURL", None):
        bucket, _, key = urlsplit(place).path.lstrip("/").partition("/")
        template = aws.session().client("s3").get_object(Bucket=bucket, Key=key)
        asked["TemplateBody"] = template["Body"].read().decode()
    return asked


def delete(cloudformation: Any) -> None:
    for each in STACKS:
        cloudformation.update_termination_protection(StackName=each, EnableTerminationProtection=False)
        cloudformation.delete_stack(StackName=each)
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=each, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
        )


class NoCdk:
    """Must not be started."""

    def prepare(self, **_: Any) -> None:
        raise AssertionError("the CDK command line is not needed")


@pytest.mark.parametrize("revert_drift", [False, True])
def test_a_change_set_is_asked_for_as_the_cdk_command_line_does(
    configuration: Configuration, assembly: Path, asked: list[Asked], aws: EmbeddedAws, revert_drift: bool
) -> None:
    deployment = configuration.deployments[NAME]
    access = Access.of_the_user({NAME: deployment})
    own, acting = access.clients_for(deployment), as_deploy_role(access, deployment)
    cloudformation = aws.session().client("cloudformation")

    def ours(*, execute: bool) -> list[Asked]:
        asked.clear()
        targets = [target_of(read_stack(own, each), acting) for each in STACKS]
        cdk: Any = NoCdk()
        with change_sets(
            targets, assembly=assembly, cdk=lambda _: cdk, revert_drift=revert_drift, tell=print
        ) as review:
            for stack, each in review.sets.items() if execute else ():
                cloudformation.execute_change_set(StackName=each.stack_id, ChangeSetName=each.name)
                review.executed.add(stack)
        return [comparable(each, aws) for each in asked]

    def theirs() -> list[Asked]:
        asked.clear()
        cdk = CdkCli(environment=dict(os.environ), tell=print)
        cdk.prepare(assembly=assembly, stacks=STACKS, change_set="theirs", revert_drift=revert_drift)
        return [comparable(each, aws) for each in asked]

    for expected in ("CREATE", "UPDATE"):
        if expected == "CREATE":
            wanted = theirs()
            delete(cloudformation)
            found = ours(execute=True)
            for each in STACKS:
                cloudformation.get_waiter("stack_create_complete").wait(
                    StackName=each, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
                )
        else:
            found, wanted = ours(execute=False), theirs()
        assert [each["ChangeSetType"] for each in found] == [expected] * 2
        assert [each["StackName"] for each in found] == STACKS
        assert found == wanted
        assert "Parameters.member.1.UsePreviousValue" in found[0] or expected == "CREATE"
    delete(cloudformation)
    kms, iam = aws.session().client("kms"), aws.session().client("iam")
    kms.delete_alias(AliasName=f"alias/pinecone/{NAME}")
    iam.delete_role(RoleName=f"pinekeep-{NAME}-us-east-1")
