"""What goes wrong while deploying, with the real CDK command line against the embedded AWS."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import named
from tests.faults.conftest import CMEK_ONLY, Command, family_runs, interrupt
from tests.faults.fault import Fault
from tests.faults.proxy import FaultProxy, after, cut, login_page, once_done, refused, saying, wait_until, wordless

pytestmark = pytest.mark.e2e

MAKE, RUN, WAIT = "CreateChangeSet", "ExecuteChangeSet", "DescribeStackEvents"


@pytest.fixture
def name(command: Command) -> str:
    """A deployment, in pinekeep.yaml where the command stands."""
    (command.folder / "pinekeep.yaml").write_text(named("fault", CMEK_ONLY))
    return "fault"


def keys_of(aws: EmbeddedAws, name: str) -> list[str]:
    """Return the keys that were ever made for a deployment, and are not waiting for deletion."""
    kms = aws.session().client("kms")
    found = []
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            metadata = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if name in metadata["Description"] and metadata["KeyState"] != "PendingDeletion":
                found.append(str(metadata["Arn"]))
    return found


def status_of(aws: EmbeddedAws, name: str) -> str | None:
    cloudformation = aws.session().client("cloudformation")
    found = {each["StackName"]: each["StackStatus"] for each in cloudformation.describe_stacks()["Stacks"]}
    return found.get(f"Pinekeep-{name}-Cmek")


def require_whole(command: Command, aws: EmbeddedAws, name: str) -> str:
    """Deploy again: it ends well, and there is one key, no more. Give what is told of it."""
    again = command("deploy", "--yes")
    assert again.code == 0, again.err
    assert len(keys_of(aws, name)) == 1
    verified = command("verify")
    assert verified.code == 0, verified.out
    return again.err


def require_nothing_left(scratch: Path) -> None:
    assert [each.name for each in scratch.iterdir() if each.name.startswith("pinekeep-")] == []


# --- It ends in the middle ---


@pytest.mark.fault(
    "the command is killed while it deploys, at any point (a closed laptop, a lost runner)",
    sees="next: `pinekeep verify`",
    safe="Run `pinekeep deploy` again: it takes up what is there. There is one key, never a second.",
)
@pytest.mark.parametrize(("when", "operation"), [(once_done, MAKE), (after, RUN), (once_done, RUN)])
def test_a_deployment_that_was_killed_is_taken_up_again(
    fault: Fault,
    command: Command,
    proxy: FaultProxy,
    bootstrapped: EmbeddedAws,
    name: str,
    operation: str,
    when: Callable[..., Any],
) -> None:
    running = command.start("deploy", "--yes")
    proxy.at(operation, when(lambda: interrupt(running, signal.SIGKILL)), times=1)
    running.communicate(timeout=120)
    assert running.returncode == -signal.SIGKILL
    wait_until(lambda: not family_runs(running))
    proxy.forget()
    wait_until(lambda: not (status_of(bootstrapped, name) or "").endswith("CREATE_IN_PROGRESS"))
    fault.require_seen(require_whole(command, bootstrapped, name))


@pytest.mark.fault(
    "Ctrl-C while it deploys, at any point",
    sees="interrupted",
    safe="No process and no folder is left on your machine. CloudFormation finishes what it has begun; deploy again.",
)
@pytest.mark.parametrize("operation", ["GetCallerIdentity", MAKE, WAIT])
def test_an_interrupted_deployment_leaves_nothing_running_and_is_taken_up_again(
    fault: Fault,
    command: Command,
    proxy: FaultProxy,
    bootstrapped: EmbeddedAws,
    name: str,
    scratch: Path,
    operation: str,
) -> None:
    running = command.start("deploy", "--yes")
    proxy.at(operation, once_done(lambda: interrupt(running)), times=1)
    ended = command.end(running)
    assert ended.code == 130, ended.err
    fault.require_seen(ended.err)
    assert not family_runs(running)
    require_nothing_left(scratch)
    proxy.forget()
    wait_until(lambda: not (status_of(bootstrapped, name) or "").endswith("CREATE_IN_PROGRESS"))
    require_whole(command, bootstrapped, name)


@pytest.mark.fault(
    "a pipeline is cancelled (SIGTERM), or the terminal is closed (SIGHUP), while it deploys",
    sees="ended by SIG",
    safe="As after Ctrl-C: no process and no folder is left. Exit code 143 or 129; deploy again.",
)
@pytest.mark.parametrize(
    ("operation", "number", "code"),
    [("GetCallerIdentity", signal.SIGTERM, 143), (MAKE, signal.SIGTERM, 143), (WAIT, signal.SIGHUP, 129)],
)
def test_a_cancelled_deployment_leaves_nothing_running_and_is_taken_up_again(
    fault: Fault,
    command: Command,
    proxy: FaultProxy,
    bootstrapped: EmbeddedAws,
    name: str,
    scratch: Path,
    operation: str,
    number: signal.Signals,
    code: int,
) -> None:
    running = command.start("deploy", "--yes")
    proxy.at(operation, once_done(lambda: running.send_signal(number)), times=1)
    ended = command.end(running)
    assert ended.code == code, ended.err
    fault.require_seen(ended.err)
    assert not family_runs(running)
    require_nothing_left(scratch)
    proxy.forget()
    wait_until(lambda: not (status_of(bootstrapped, name) or "").endswith("CREATE_IN_PROGRESS"))
    require_whole(command, bootstrapped, name)


def test_no_child_goes_on_when_the_command_alone_is_killed(command: Command, proxy: FaultProxy, name: str) -> None:
    """Whoever sends kill -9 sends it to the command; the CDK command line must not go on by itself."""
    over = threading.Event()

    def kill() -> None:
        running.send_signal(signal.SIGKILL)
        over.wait(30)

    running = command.start("deploy", "--yes")
    proxy.at(MAKE, after(kill), times=1)
    running.wait(timeout=120)
    try:
        wait_until(lambda: not family_runs(running), seconds=5)
    finally:
        over.set()
    running.communicate(timeout=10)
    assert f"{name}-Cmek" not in proxy.calls


# --- AWS, or the way to it, fails in the middle ---


@pytest.mark.fault(
    "a login page answers in AWS's place (a hotel's network, a company's proxy)",
    sees="a web page came back instead of AWS's answer to …",
    safe="Nothing was changed: it is never taken for an answer. Sign in to the network and run it again.",
)
@pytest.mark.parametrize(
    "verb", [("deploy", "--yes"), ("verify",), ("preflight",), ("plan",)], ids=lambda verb: verb[0]
)
def test_a_login_page_is_told(fault: Fault, command: Command, proxy: FaultProxy, name: str, verb: tuple[str]) -> None:
    proxy.at("*", login_page)
    ended = command(*verb)
    assert ended.code == 3, ended.err
    assert "please report it" not in ended.err
    fault.require_seen(ended.err)


@pytest.mark.fault(
    "AWS, or what stands on the way, answers 429 without a word",
    sees="next: `pinekeep verify`",
    safe="Calls are made again, more slowly each time; nothing is to be done.",
)
def test_a_429_without_a_body_is_made_again(fault: Fault, command: Command, proxy: FaultProxy, name: str) -> None:
    proxy.at("DescribeStacks", wordless(429), times=2)
    ended = command("deploy", "--yes")
    assert ended.code == 0, ended.err
    fault.require_seen(ended.err)


@pytest.mark.fault(
    "AWS, or what stands on the way, gives no answer",
    sees="waiting for sts in us-east-1 … error: 127.0.0.1 did not answer in time",
    safe="Nothing was changed. Each call has an end after about a minute, however slowly an answer trickles in.",
)
def test_an_answer_that_does_not_come_is_told_while_it_is_waited_for(
    fault: Fault, command: Command, proxy: FaultProxy, name: str
) -> None:
    # How long it waits is held by tests/account/client/test_clients.py.
    less_patient = "from pinekeep.account.client import clients; clients.be_patient.__kwdefaults__.update("
    less_patient += "patience=clients.Patience(request=6.0, call=6.5))"
    over = threading.Event()
    proxy.at("GetCallerIdentity", after(lambda: over.wait(110)))
    running = command.start("verify", first=less_patient)
    out, err = running.communicate(timeout=110)
    over.set()
    assert running.returncode == 3, err
    assert "Traceback" not in out + err
    fault.require_seen(err)


@pytest.mark.fault(
    "the credentials expire in the middle of a deployment",
    sees="the AWS credentials have expired",
    safe="Sign in and deploy again. CloudFormation works with a role of its own and goes on with what it has begun.",
)
def test_credentials_that_expire_while_deploying_are_told(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    expired = refused("ExpiredToken", "The security token included in the request is expired", status=403)
    proxy.at(RUN, after(lambda: proxy.at("*", expired)))
    ended = command("deploy", "--yes")
    assert ended.code == 3, ended.err
    fault.require_seen(ended.err)
    proxy.forget()
    wait_until(lambda: not (status_of(bootstrapped, name) or "").endswith("IN_PROGRESS"))
    require_whole(command, bootstrapped, name)


@pytest.mark.fault(
    "the network is cut for a while, while it waits for CloudFormation",
    sees="next: `pinekeep verify`",
    safe="It asks again for about a minute, and CloudFormation goes on by itself. After that, deploy again.",
)
def test_a_network_that_comes_back_is_waited_for(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    proxy.at(WAIT, cut, times=2)
    ended = command("deploy", "--yes")
    assert ended.code == 0, ended.err
    fault.require_seen(ended.err)
    assert len(keys_of(bootstrapped, name)) == 1


@pytest.mark.fault(
    "there is no way to AWS",
    sees="127.0.0.1 cannot be reached",
    safe="Nothing was changed.",
)
def test_a_network_that_is_not_there_is_told(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    proxy.at("*", cut)
    ended = command("deploy", "--yes")
    assert ended.code == 3, ended.err
    fault.require_seen(ended.err)
    assert status_of(bootstrapped, name) is None


@pytest.mark.fault(
    "AWS asks to slow down for a while",
    sees="next: `pinekeep verify`",
    safe="Calls are made again, more slowly each time; nothing is to be done.",
)
def test_a_throttled_call_is_made_again(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    proxy.at("DescribeStacks", refused("Throttling", "Rate exceeded"), times=2)
    ended = command("deploy", "--yes")
    assert ended.code == 0, ended.err
    fault.require_seen(ended.err)


@pytest.mark.fault(
    "AWS asks to slow down and does not stop",
    sees="AWS is asked too often and refuses DescribeStacks for now",
    safe="Nothing was changed; wait a minute and run it again.",
)
def test_a_call_that_is_throttled_for_good_is_told(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    proxy.at("DescribeStacks", refused("Throttling", "Rate exceeded"))
    ended = command("deploy", "--yes")
    assert ended.code == 3
    fault.require_seen(ended.err)
    assert status_of(bootstrapped, name) is None


@pytest.mark.fault(
    "the change set fails",
    sees="the execution role is on strike",
    safe="Nothing was changed.",
)
def test_a_change_set_that_fails_is_told_with_its_reason(
    fault: Fault, command: Command, proxy: FaultProxy, bootstrapped: EmbeddedAws, name: str
) -> None:
    failed = "<Status>FAILED</Status><StatusReason>the execution role is on strike</StatusReason>"
    instead = {"<StatusReason>[^<]*</StatusReason>|<StatusReason/>": "", "<Status>CREATE_COMPLETE</Status>": failed}
    proxy.at("DescribeChangeSet", saying(instead))
    ended = command("deploy", "--yes")
    assert ended.code == 3, ended.err
    fault.require_seen(ended.err)
    assert keys_of(bootstrapped, name) == []


@pytest.mark.fault(
    "there is nothing to change",
    sees="nothing had to be changed",
    safe="Nothing was changed; the command ends well.",
)
def test_an_empty_change_set_changes_nothing(
    fault: Fault, command: Command, bootstrapped: EmbeddedAws, name: str
) -> None:
    assert command("deploy", "--yes").code == 0
    again = command("deploy", "--yes")
    assert again.code == 0, again.err
    fault.require_seen(again.err)
    assert len(keys_of(bootstrapped, name)) == 1


# --- The first deployment fails ---


@pytest.fixture
def hidden_alias(bootstrapped: EmbeddedAws, proxy: FaultProxy, name: str) -> str:
    """An alias of somebody else's that appears only after everything was looked at."""
    kms = bootstrapped.session().client("kms")
    arn = kms.create_key(Description="somebody else's")["KeyMetadata"]["Arn"]
    proxy.at(RUN, after(lambda: kms.create_alias(AliasName=f"alias/pinecone/{name}", TargetKeyId=arn)), times=1)
    return str(arn)


@pytest.mark.fault(
    "the first deployment fails in CloudFormation",
    sees="something of that name exists already and does not belong to the stack",
    safe="Everything that it had made is taken away again: no key, no role is left over.",
)
def test_a_first_deployment_that_fails_leaves_no_key_and_no_role(
    fault: Fault, command: Command, bootstrapped: EmbeddedAws, name: str, hidden_alias: str
) -> None:
    ended = command("deploy", "--yes")
    assert ended.code == 3, ended.err
    fault.require_seen(ended.err)
    assert keys_of(bootstrapped, name) == []
    roles = bootstrapped.session().client("iam").list_roles()["Roles"]
    assert not [each["RoleName"] for each in roles if name in each["RoleName"]]
