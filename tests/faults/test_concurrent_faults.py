"""Others who work on the same stacks at the same time, with the embedded AWS."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from tests.command_support import named
from tests.faults.conftest import CMEK_ONLY, Command, interrupt
from tests.faults.fault import Fault
from tests.faults.proxy import FaultProxy, after, once_done, refused

pytestmark = pytest.mark.e2e

MAKE = "CreateChangeSet"


@pytest.fixture
def name(command: Command) -> str:
    """A deployment, in pinekeep.yaml where the command stands."""
    (command.folder / "pinekeep.yaml").write_text(named("fault", CMEK_ONLY))
    return "fault"


class Other:
    """Somebody else who updates the stack of a deployment, each time with the other trusted Region."""

    def __init__(self, aws: EmbeddedAws, name: str) -> None:
        self.stack = f"Pinekeep-{name}-Cmek"
        self.cloudformation: Any = aws.session().client("cloudformation")
        self.regions = ["us-east-1", "us-west-2"]

    def update(self) -> None:
        client, (now, other) = self.cloudformation, self.regions
        template = client.get_template(StackName=self.stack, TemplateStage="Original")["TemplateBody"]
        text = template if isinstance(template, str) else json.dumps(template)
        said, instead = f"pinecone_cmek_access_{now}", f"pinecone_cmek_access_{other}"
        assert said in text
        client.update_stack(
            StackName=self.stack, TemplateBody=text.replace(said, instead), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        client.get_waiter("stack_update_complete").wait(
            StackName=self.stack, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
        )
        self.regions.reverse()


@pytest.fixture
def other(bootstrapped: EmbeddedAws, name: str) -> Other:
    return Other(bootstrapped, name)


def left_behind(aws: EmbeddedAws, name: str) -> list[str]:
    """What is left of stacks in review, and of change sets of ours that were not executed."""
    client = aws.session().client("cloudformation")
    stacks = [each for each in client.describe_stacks()["Stacks"] if name in each["StackName"]]
    return [each["StackName"] for each in stacks if each["StackStatus"] == "REVIEW_IN_PROGRESS"] + [
        one["ChangeSetName"]
        for each in stacks
        for one in client.list_change_sets(StackName=each["StackName"])["Summaries"]
        if one["ExecutionStatus"] != "EXECUTE_COMPLETE"
    ]


@pytest.mark.fault(
    "somebody else keeps deploying the same stack while `plan` looks at it",
    sees="someone else is changing stack … it changed while it was read",
    safe="Nothing is told of a state that moved: the stack is looked at three times, then it is exit code 3.",
)
def test_a_plan_never_answers_from_a_state_that_moved(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str, other: Other
) -> None:
    assert command("deploy", "--yes").code == 0
    proxy.forget()
    proxy.at(MAKE, after(other.update))
    ended = command("plan")
    assert ended.code == 3, ended.out
    fault.require_seen(ended.err)
    assert proxy.calls.count(f"cloudformation:{MAKE}") == 3
    assert left_behind(bootstrapped, name) == []


def test_a_plan_tells_of_what_is_so_once_the_other_deployment_is_done(
    command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str, other: Other
) -> None:
    assert command("deploy", "--yes").code == 0
    file = command.folder / "pinekeep.yaml"
    file.write_text(file.read_text().replace("regions: [us-east-1]", "regions: [us-west-2]"))
    # They deploy what the file says, and at once take it back: at the first look the change set is empty.
    proxy.at(MAKE, after(other.update), times=1)
    proxy.at("DeleteChangeSet", after(other.update), times=1)
    ended = command("plan")
    assert ended.code == 1, ended.err
    assert "Pinecone's access role of us-east-1 could no longer assume the role" in ended.out
    assert left_behind(bootstrapped, name) == []


@pytest.mark.fault(
    "`plan` is killed between deleting its change set and the stack that was only made for it",
    sees="nothing was ever deployed to it; a change set was made for it",
    safe="Such a stack waits for nobody: the next `plan` or `deploy` uses it and clears it away.",
)
def test_a_stack_in_review_without_a_change_set_is_cleared_away(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    process = command.start("plan")
    proxy.at("DeleteStack", after(lambda: interrupt(process, signal.SIGKILL)))
    process.wait(timeout=120)
    process.communicate()
    proxy.forget()
    client = bootstrapped.session().client("cloudformation")
    if not left_behind(bootstrapped, name):  # the call had come through all the same
        made = client.create_change_set(
            StackName=f"Pinekeep-{name}-Cmek",
            ChangeSetName="one",
            ChangeSetType="CREATE",
            TemplateBody='{"Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}',
        )
        client.delete_change_set(StackName=made["StackId"], ChangeSetName=made["Id"])
    assert left_behind(bootstrapped, name) == [f"Pinekeep-{name}-Cmek"]
    looked = command("preflight")
    fault.require_seen(looked.out + looked.err)
    assert command("plan").code == 0
    assert left_behind(bootstrapped, name) == []


def test_a_stack_that_could_not_be_deleted_is_told_and_cleared_away_by_the_next_run(
    command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    proxy.at("DeleteStack", refused("AccessDenied"))
    ended = command("plan")
    assert ended.code == 0, ended.err
    assert "may be left behind" in ended.err
    assert left_behind(bootstrapped, name) == [f"Pinekeep-{name}-Cmek"]
    proxy.forget()
    assert command("plan").code == 0
    assert left_behind(bootstrapped, name) == []


@pytest.mark.fault(
    "somebody runs `cdk diff` while a first deployment waits for its yes: that deletes the stack in review",
    sees="next: `pinekeep verify`",
    safe="The change set is made anew and executed only where it does exactly what was shown.",
)
def test_a_first_deployment_survives_a_cdk_diff_of_somebody_else(
    fault: Fault,
    command: Command,
    proxy: FaultProxy,
    bootstrapped: EmbeddedAws,
    name: str,
    tmp_path: Path,
) -> None:
    client = bootstrapped.session().client("cloudformation")
    cdk = CdkCli(environment=bootstrapped.environment(), tell=print)
    assembly = tmp_path / "theirs"
    assert command("synth", "--out", str(assembly)).code == 0

    def diff() -> None:
        assert left_behind(bootstrapped, name) != []
        cdk._run("diff", "--app", str(assembly), f"Pinekeep-{name}-Cmek")
        assert left_behind(bootstrapped, name) == []

    # The change set was described, the plan is shown; the stack is looked at once more before it is executed.
    proxy.at("DescribeStacks", after(diff), first=_calls_before_the_answer(command, proxy), times=1)
    ended = command("deploy", "--yes")
    assert ended.code == 0, ended.err
    fault.require_seen(ended.err)
    assert client.describe_stacks(StackName=f"Pinekeep-{name}-Cmek")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def _calls_before_the_answer(command: Command, proxy: FaultProxy) -> int:
    """How many times stacks are described until a deployment has been shown, and the first time after that."""
    proxy.forget()
    assert command("deploy", "--dry-run").code == 0
    calls = proxy.calls[: proxy.calls.index("cloudformation:DeleteChangeSet")]
    proxy.forget()
    return calls.count("cloudformation:DescribeStacks") + 1


def test_two_plans_at_once_leave_nothing_behind(
    command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    second: list[Any] = []
    proxy.at(MAKE, once_done(lambda: second.append(command("plan"))), times=1)
    first = command("plan")
    (between,) = second
    assert (first.code, between.code) == (0, 0), first.err + between.err
    assert left_behind(bootstrapped, name) == []
