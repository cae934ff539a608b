"""Profiles whose role takes a code of an MFA device."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import named
from tests.faults.conftest import CMEK_ONLY, Command
from tests.faults.fault import Fault
from tests.faults.terminal import at_a_terminal

ACCOUNT = "111122223333"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/jane"
ROLE = "MfaDeployers"
CODE = "924613"
QUESTION = f"Enter MFA code for {DEVICE}: "
CONFIG = f"""\
[profile team]
role_arn = arn:aws:iam::{ACCOUNT}:role/{ROLE}
source_profile = jane
mfa_serial = {DEVICE}

[profile jane]
aws_access_key_id = {ACCOUNT}
aws_secret_access_key = embedded
"""


@pytest.fixture
def role(bootstrapped: EmbeddedAws) -> None:
    """A role of the account that its own principals may assume, and that may do everything."""
    iam = bootstrapped.session().client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


@pytest.fixture
def mfa(role: None, command: Command, tmp_path: Path) -> Command:
    """The command with `AWS_PROFILE` of a role with `mfa_serial`, in the way of the team of a file."""
    config = tmp_path / "aws-config"
    config.write_text(CONFIG)
    (command.folder / "pinekeep.yaml").write_text(named("fault", CMEK_ONLY))
    environment = {
        name: value
        for name, value in command.environment.items()
        if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SHARED_CREDENTIALS_FILE")
    }
    return replace(
        command,
        environment={
            **environment,
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PROFILE": "team",
        },
    )


def run(mfa: Command, *arguments: str, code: str = CODE) -> tuple[int, str]:
    return at_a_terminal(
        [sys.executable, "-m", "pinekeep", *arguments],
        folder=mfa.folder,
        environment={**mfa.environment, "PYTHONPATH": os.getcwd(), "TERM": "dumb"},  # noqa: PTH109
        answers={QUESTION: code},
    )


@pytest.mark.parametrize("large", [False, True], ids=["by boto3", "by the CDK command line"])
def test_a_deployment_asks_for_one_code_however_many_calls_and_processes_it_makes(
    mfa: Command, bootstrapped: EmbeddedAws, large: bool
) -> None:
    if large:
        # The CDK command line publishes a template that is too large for a request.
        tags = ", ".join(f"tag{number}: '{'x' * 250}'" for number in range(45))
        (mfa.folder / "pinekeep.yaml").write_text(named("large").replace("{team: search}", "{" + tags + "}"))
    before = published(bootstrapped)
    for verb in (["preflight"], ["deploy", "--yes"], ["verify"]):
        code, shown = run(mfa, *verb)
        assert code == 0, shown
        assert shown.count("MFA code") == 1, shown
        assert not shown[: shown.index("MFA code")].removesuffix("Enter ").strip(), "it asks before anything else"
        assert CODE not in shown
        assert "Traceback" not in shown
    assert (published(bootstrapped) > before) is large


def published(aws: EmbeddedAws) -> int:
    """Count the files that the CDK command line has published."""
    bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-us-east-1"
    return int(aws.session().client("s3").list_objects_v2(Bucket=bucket).get("KeyCount", 0))


@pytest.mark.fault(
    "a profile needs an MFA code, and there is no terminal",
    sees="AWS profile 'team' needs a code of the MFA device arn:aws:iam::111122223333:mfa/jane, and there is no "
    "terminal to enter it at…"
    "aws configure export-credentials --profile team --format env",
    safe="Nothing was read or changed.",
)
@pytest.mark.parametrize("verb", [("preflight",), ("deploy", "--yes"), ("verify", "--json"), ("revoke", "--yes")])
def test_without_a_terminal_mfa_is_named_with_the_way_out(mfa: Command, fault: Fault, verb: tuple[str, ...]) -> None:
    result = mfa(*verb)
    assert result.code == 3, result
    assert '"$(aws configure export-credentials' in result.err or verb[-1] == "--json"
    fault.require_seen(result.err + result.out)


@pytest.mark.fault(
    "something else than an MFA code is typed",
    sees="a code of the MFA device arn:aws:iam::111122223333:mfa/jane is six digits, and something else was typed",
    safe="Nothing was read or changed.",
)
def test_what_is_no_code_is_refused_and_not_repeated(mfa: Command, fault: Fault) -> None:
    code, shown = run(mfa, "preflight", code="hunter2")
    assert code == 3
    assert "hunter2" not in shown
    fault.require_seen(shown)
