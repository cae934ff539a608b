"""Whose credentials are used, without reading the same things twice."""

import pytest

from pinekeep.aws.access import Access


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
