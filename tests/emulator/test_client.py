import os
from pathlib import Path

import pytest

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.server import EmbeddedAws

ELSEWHERE = {
    "AWS_PROFILE": "work",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:9",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/real",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_REGION": "eu-west-3",
    "CDK_DEFAULT_ACCOUNT": "123456789012",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
}


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user whose environment and files all point somewhere else."""
    config = tmp_path / "config"
    config.write_text("[profile work]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:9\n[default]\nregion = x\n")
    for name, value in {**ELSEWHERE, "AWS_CONFIG_FILE": str(config)}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("elsewhere")
def test_a_session_reads_nothing_of_the_user(embedded_aws: EmbeddedAws) -> None:
    session = embedded_aws.session("222233334444")
    assert session.region_name == "us-east-1"
    assert session.client("sts").get_caller_identity()["Account"] == "222233334444"
    assert session.client("kms").meta.endpoint_url == embedded_aws.endpoint_url
    assert session.client("kms").list_keys()["Keys"] == []


@pytest.mark.usefixtures("elsewhere")
def test_the_environment_of_a_child_holds_nothing_of_the_user(embedded_aws: EmbeddedAws) -> None:
    environment = embedded_aws.environment()
    assert environment["AWS_ENDPOINT_URL"] == embedded_aws.endpoint_url
    assert environment["AWS_ACCESS_KEY_ID"] == "111122223333"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert environment["NO_PROXY"] == "127.0.0.1,localhost"
    assert Path(environment["CDK_HOME"]).is_relative_to(embedded_aws.folder)
    kept = {name: value for name, value in environment.items() if name in ELSEWHERE}
    assert set(kept) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}
    assert not set(kept.values()) & set(ELSEWHERE.values())


def test_the_environment_takes_the_credentials_that_sts_gives(embedded_aws: EmbeddedAws) -> None:
    given = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "later"}
    environment = embedded_aws.environment(credentials=given)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    assert [environment[name] for name in names] == ["ASIAEXAMPLE", "s", "t"]


def test_an_account_number_that_lost_its_leading_zero_is_refused(embedded_aws: EmbeddedAws) -> None:
    with pytest.raises(LocalAwsError, match=r"(?i)An AWS account number has 12 digits, got: '11222333344'"):
        embedded_aws.session("11222333344")


def test_credentials_without_a_secret_are_refused(embedded_aws: EmbeddedAws) -> None:
    with pytest.raises(LocalAwsError, match=r"(?i)The credentials have no SecretAccessKey"):
        embedded_aws.environment(credentials={"AccessKeyId": "ASIAEXAMPLE"})
