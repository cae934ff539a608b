"""Snapshots: everything goes back, in every account and Region, also in services that were not used before."""

import pytest

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.server import EmbeddedAws

pytestmark = pytest.mark.process


def test_everything_goes_back_and_can_be_gone_back_to_again() -> None:
    with EmbeddedAws() as aws:
        kms = aws.session().client("kms")
        key = kms.create_key(Description="kept")["KeyMetadata"]["KeyId"]
        aws.take_snapshot("one-key")
        for _ in range(2):
            kms.disable_key(KeyId=key)
            kms.create_key(Description="another")
            elsewhere = aws.session("444455556666", region="eu-west-1")
            elsewhere.client("kms").create_key()
            elsewhere.client("secretsmanager").create_secret(Name="late", SecretString="x")
            aws.restore_snapshot("one-key")
            assert [each["KeyId"] for each in kms.list_keys()["Keys"]] == [key]
            assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
            assert elsewhere.client("kms").list_keys()["Keys"] == []
            assert elsewhere.client("secretsmanager").list_secrets()["SecretList"] == []
        elsewhere.client("secretsmanager").create_secret(Name="late", SecretString="x")


def test_an_unknown_snapshot_is_refused() -> None:
    with EmbeddedAws() as aws, pytest.raises(LocalAwsError, match="no snapshot 'nothing'"):
        aws.restore_snapshot("nothing")
