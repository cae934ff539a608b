"""Whose credentials are used, without reading the same things twice."""

import pytest

from pinekeep.aws.access import Access
from pinekeep.errors import WrongInputError


def test_the_clients_of_a_region_are_made_once() -> None:
    access = Access.of_the_user()
    assert access.clients_for("us-east-1") is access.clients_for("us-east-1")
    assert access.clients_for("us-east-1") is not access.clients_for("us-west-2")
    assert Access.of_the_user().clients_for("us-east-1") is not access.clients_for("us-east-1")


def test_sessions_of_other_credentials_share_the_descriptions_of_the_services(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "own")
    access = Access.of_the_user()
    assumed = {"AccessKeyId": "assumed", "SecretAccessKey": "x", "SessionToken": "y"}
    own, other = access.clients_for("us-east-1"), access.clients_as("us-east-1", assumed)
    models = {id(each.client("kms").meta.service_model.metadata) for each in (own, other)}
    assert len(models) == 1
    assert [each.credentials().access_key for each in (own, other)] == ["own", "assumed"]


@pytest.mark.parametrize("proxy", ["socks5h://127.0.0.1:1080", "ftp://127.0.0.1:21", "http://127.0.0.1:x"])
def test_a_proxy_that_cannot_be_used_is_refused_with_its_variable(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(WrongInputError, match="HTTPS_PROXY"):
        Access.of_the_user()


def test_a_proxy_that_aws_is_reached_without_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1080")
    monkeypatch.setenv("NO_PROXY", ".amazonaws.com")
    Access.of_the_user()


def test_all_proxy_is_none_of_the_aws_sdks_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1080")
    Access.of_the_user()
