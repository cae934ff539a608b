import subprocess

import pytest

from pinekeep.emulator.shell import interfering, is_here, left_behind, lines

SETS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "1"}


def test_what_would_lead_elsewhere_is_unset() -> None:
    names = interfering({"AWS_ENDPOINT_URL_KMS": "https://x", "AWS_ENDPOINT_URL": "y"}, sets=SETS)
    assert {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"} <= set(names)
    assert {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "HTTPS_PROXY", "all_proxy", "AWS_ENDPOINT_URL_KMS"} <= set(names)
    assert not set(names) & set(SETS)


@pytest.mark.process
def test_a_shell_takes_the_lines() -> None:
    script = "\n".join([*lines(sets={"ADDRESS": "it's a; $(rm)"}, unsets=["AWS_PROFILE"]), "env"])
    done = subprocess.run(
        ["/bin/sh", "-c", script], env={"AWS_PROFILE": "x", "PATH": "/bin"}, capture_output=True, text=True, check=True
    )
    assert "ADDRESS=it's a; $(rm)" in done.stdout
    assert "AWS_PROFILE" not in done.stdout


def test_what_a_start_has_set_is_unset_by_a_stop() -> None:
    assert left_behind(SETS, was=SETS, address="AWS_ENDPOINT_URL") == list(SETS)
    assert left_behind({}, was=SETS, address="AWS_ENDPOINT_URL") == list(SETS)


def test_credentials_of_somebody_elses_are_left_alone() -> None:
    environment = {"AWS_ACCESS_KEY_ID": "AKIA…", "AWS_REGION": "eu-west-1"}
    assert left_behind(environment, was=SETS, address="AWS_ENDPOINT_URL") == ["AWS_ENDPOINT_URL"]


def test_a_shell_that_points_at_one_that_is_gone_is_cleaned() -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:99", "AWS_ACCESS_KEY_ID": "other"}
    assert left_behind(environment, was=SETS, address="AWS_ENDPOINT_URL") == list(SETS)


def test_an_address_on_this_machine_is_known() -> None:
    assert is_here("http://127.0.0.1:4566")
    assert is_here("http://localhost:4566")
    assert not is_here("https://kms.us-east-1.amazonaws.com")
    assert not is_here("")
