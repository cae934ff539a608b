"""Snapshots: everything goes back, in every account and Region, also in services that were not used before."""

import pytest

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.stack_sets_support import FIRST, Administrator

pytestmark = pytest.mark.process


def test_everything_goes_back_and_can_be_gone_back_to_again() -> None:
    with EmbeddedAws() as aws:
        kms = aws.session().client("kms")
        fleet = Administrator(aws.session().client("cloudformation"))
        units = aws.organize({"dev": [FIRST]})
        fleet.client.activate_organizations_access()
        targets = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev"]]}, "Regions": ["us-east-1"]}
        fleet.create("kept", PermissionModel="SERVICE_MANAGED")
        key = kms.create_key(Description="kept")["KeyMetadata"]["KeyId"]
        aws.take_snapshot("one-key")
        for _ in range(2):
            fleet.run("create_stack_instances", "kept", **targets)
            kms.disable_key(KeyId=key)
            kms.create_key(Description="another")
            elsewhere = aws.session(FIRST, region="eu-west-1")
            elsewhere.client("kms").create_key()
            elsewhere.client("secretsmanager").create_secret(Name="late", SecretString="x")
            aws.restore_snapshot("one-key")
            assert fleet.instances("kept") == {}
            assert fleet.client.list_stack_set_operations(StackSetName="kept")["Summaries"] == []
            assert aws.session(FIRST).client("cloudformation").list_stacks()["StackSummaries"] == []
            assert [each["KeyId"] for each in kms.list_keys()["Keys"]] == [key]
            assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
            assert elsewhere.client("kms").list_keys()["Keys"] == []
            assert elsewhere.client("secretsmanager").list_secrets()["SecretList"] == []
        elsewhere.client("secretsmanager").create_secret(Name="late", SecretString="x")


def test_an_unknown_snapshot_is_refused() -> None:
    with EmbeddedAws() as aws, pytest.raises(LocalAwsError, match="no snapshot 'nothing'"):
        aws.restore_snapshot("nothing")
