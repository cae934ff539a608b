"""Asking for the code of an MFA device, and what becomes of it."""

import getpass
import io
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import AssumeRoleCredentialFetcher

from pinekeep.account.credentials.mfa import mfa_prompter
from pinekeep.account.credentials.sessions import environment_of, session_of_profile, session_of_role
from pinekeep.errors import AwsRefusedError, ExitCode

DEVICE = "arn:aws:iam::111122223333:mfa/jane"
QUESTION = f"Enter MFA code for {DEVICE}: "


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed, the last first; asked at a terminal."""
    left: list[str] = []

    def ask(question: str) -> str:
        assert question == QUESTION
        if not left:
            raise EOFError
        return left.pop()

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", ask)
    return left


def test_a_code_is_handed_on_without_what_stands_around_it(typed: list[str]) -> None:
    typed.append(" 123456 ")
    assert mfa_prompter("team", of_the_file=False)(QUESTION) == "123456"


@pytest.mark.parametrize("answer", ["", "12345", "1234567", "hunter2", "12345\u0664", None])
def test_what_is_no_code_is_refused_and_not_repeated(typed: list[str], answer: str | None) -> None:
    if answer is not None:
        typed.append(answer)
    with pytest.raises(AwsRefusedError, match="is six digits") as refused:
        mfa_prompter("team", of_the_file=False)(QUESTION)
    assert not answer or answer not in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize(
    ("profile", "of_the_file", "way_out"),
    [
        ("team", False, 'eval "$(aws configure export-credentials --profile team --format env)"'),
        ("a b;c", False, "--profile 'a b;c' --format env"),
        (None, False, "--profile default --format env"),
        ("team", True, "set `profile` in the file to a profile without `mfa_serial`, or `assume_role`"),
    ],
)
@pytest.mark.parametrize("stdin", [None, io.StringIO()])
def test_without_a_terminal_nobody_is_asked_and_the_way_out_is_told(
    monkeypatch: pytest.MonkeyPatch, stdin: Any, profile: str | None, of_the_file: bool, way_out: str
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(getpass, "getpass", lambda _: pytest.fail("it asks"))
    with pytest.raises(AwsRefusedError, match=f"MFA device {DEVICE}, and there is no terminal") as refused:
        mfa_prompter(profile, of_the_file=of_the_file)(QUESTION)
    assert refused.value.exit_code == ExitCode.AWS_REFUSED
    assert way_out in str(refused.value.hint)


def test_botocore_asks_through_the_prompter_that_a_session_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "c").write_text(
        f"[profile team]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = jane\nmfa_serial = {DEVICE}\n"
        "[profile jane]\naws_access_key_id = x\naws_secret_access_key = y\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "c"))
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        raise AwsRefusedError("no")

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "_create_client", lambda _: pytest.fail("it calls"))
    session = session_of_profile("team", region="us-east-1", ask_code=ask)
    with pytest.raises(AwsRefusedError):
        session.get_credentials().get_frozen_credentials()
    assert asked == [QUESTION]


# --- The credentials of a role ---


def answer(number: int, *, minutes: int) -> Mapping[str, Any]:
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    keys = {"AccessKeyId": f"key{number}", "SecretAccessKey": "secret", "SessionToken": f"token{number}"}
    return {"Credentials": {**keys, "Expiration": ends}}


def test_a_role_is_assumed_again_before_its_credentials_end() -> None:
    again: list[int] = []

    def assume() -> Mapping[str, Any]:
        again.append(1)
        return answer(2, minutes=60)

    lasting = session_of_role(assume, first=answer(1, minutes=60)).get_credentials()
    assert lasting.get_frozen_credentials().access_key == "key1"
    assert not again
    ending = session_of_role(assume, first=answer(1, minutes=1)).get_credentials()
    assert [ending.get_frozen_credentials().access_key for _ in range(3)] == ["key2"] * 3
    assert len(again) == 1


def test_a_child_process_is_given_the_keys_and_no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"AWS_PROFILE": "team", "AWS_DEFAULT_PROFILE": "team", "AWS_ACCESS_KEY_ID": "other", "AWS_ROLE_ARN": "r"}
    for name, value in {**given, "AWS_CA_BUNDLE": "/bundle"}.items():
        monkeypatch.setenv(name, value)
    session = session_of_role(lambda: pytest.fail("again"), first=answer(1, minutes=60))
    found = environment_of(session)
    assert {name: value for name, value in found.items() if name in given or ("SE" in name and name[:4] == "AWS_")} == {
        "AWS_ACCESS_KEY_ID": "key1",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token1",
    }
    assert found["AWS_CA_BUNDLE"] == "/bundle"
