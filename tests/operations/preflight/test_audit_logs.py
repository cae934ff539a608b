"""Before audit logs and monitoring are deployed: names, existing buckets, topics and log groups."""

import json
from typing import Any

import pytest

from pinekeep.account.reads.live import Unreadable
from pinekeep.operations.preflight.inventory import SOMEBODY_ELSES
from tests.operations.preflight.conftest import AUDIT_KEY, STACK, TAGS, Scene, stack
from tests.operations.preflight.fake_aws import FakeAws, not_there
from tests.operations.verification.conftest import ACCOUNT

NAME = "prod-audit-logs"
ROLE = "pinekeep-prod-us-east-1-audit"


@pytest.fixture
def new(scene: Scene) -> Scene:
    bucket = {"name": NAME, "lock": {"days": 365}}
    return scene.configured(audit_logs={"bucket": bucket}, monitoring={"emails": ["ops@example.com"]})


def test_a_free_name_and_free_roles_pass(new: Scene) -> None:
    assert new.finding("audit-bucket-name").found == f"{NAME}: free"
    assert new.finding("storage-role-names").status == "ok"
    assert new.of("storage-keys") == []
    assert new.blocked() == set()


@pytest.mark.parametrize(
    ("seen", "found"),
    [(SOMEBODY_ELSES, f"{NAME} exists already, in another account"), ({}, f"{NAME} exists already, in this account")],
)
def test_a_name_that_is_taken_stands_in_the_way(new: Scene, seen: dict[str, Any], found: str) -> None:
    assert new.when(audit_bucket=seen).refusal("audit-bucket-name") == found


def test_once_it_is_deployed_the_names_are_its_own(new: Scene) -> None:
    deployed = new.when(storage_stack=stack("Pinekeep-prod-Storage", "CREATE_COMPLETE"), audit_bucket={})
    assert deployed.of("audit-bucket-name") == deployed.of("storage-role-names") == []


@pytest.mark.parametrize(("tags", "whose"), [([], "does not belong"), (TAGS, "an earlier stack of this deployment")])
def test_a_role_that_exists_stands_in_the_way(new: Scene, tags: Any, whose: str) -> None:
    assert whose in new.when(storage_roles={ROLE: {"Tags": tags}}).refusal("storage-role-names")


def test_what_an_earlier_stack_kept_is_to_be_imported_and_never_deleted(new: Scene) -> None:
    found = new.when(audit_bucket={}, storage_roles={ROLE: {"Tags": TAGS}})
    for check in ("audit-bucket-name", "storage-role-names"):
        fix = found.finding(check).fix or ""
        assert "pinekeep recover --only storage --deployment prod" in fix
        assert "delete-role" not in fix


def test_the_key_of_the_stack_is_refused_for_bucket_and_topic(scene: Scene) -> None:
    bucket = {"name": NAME, "lock": {"days": 365}, "kms_key": AUDIT_KEY}
    monitoring = {"emails": ["ops@example.com"], "kms_key": AUDIT_KEY}
    keyed = scene.configured(audit_logs={"bucket": bucket}, monitoring=monitoring)
    assert keyed.finding("storage-keys").status == "ok"
    outputs = [{"OutputKey": "KeyArn", "OutputValue": AUDIT_KEY}]
    deployed = keyed.when(cmek_stack={**stack(STACK, "CREATE_COMPLETE"), "Outputs": outputs})
    found = deployed.of("storage-keys")
    assert [each.status for each in found] == ["failed", "failed"]
    assert found[0].found == f"audit_logs.bucket.kms_key is {AUDIT_KEY}, the key that Pinecone uses"


def test_an_existing_bucket_must_exist(keeping: Scene) -> None:
    assert keeping.blocked() == set()
    gone = keeping.when(audit_bucket=None, audit_bucket_encryption=None)
    assert gone.refusal("adopted-bucket-exists") == f"there is no bucket {NAME}"


def test_an_existing_bucket_with_another_key_stands_in_the_way(keeping: Scene) -> None:
    other = AUDIT_KEY.replace("99999999", "88888888")
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"KMSMasterKeyID": other}}]}
    assert keeping.when(audit_bucket_encryption=rules).refusal("adopted-bucket-key").endswith(other)
    assert "does not use" in keeping.when(audit_bucket_encryption=None).note("adopted-bucket-key")


@pytest.mark.parametrize(
    ("changes", "check", "found"),
    [
        ({"audit_bucket": {"BucketRegion": "eu-west-1"}}, "adopted-bucket-exists", f"{NAME} is in eu-west-1"),
        ({"audit_bucket_versioning": {}}, "adopted-bucket-lock", "versioning is off"),
        ({"audit_bucket_lock": None}, "adopted-bucket-lock", "there is no default retention"),
        ({"audit_bucket_ownership": None}, "adopted-bucket-public-access", "ACLs are enabled"),
    ],
)
def test_what_is_weak_in_an_existing_bucket_is_noted(
    keeping: Scene, changes: dict[str, Any], check: str, found: str
) -> None:
    assert keeping.when(**changes).note(check) == found


def test_a_log_group_that_does_not_exist_stands_in_the_way(keeping: Scene) -> None:
    found = keeping.when(trail_log_group=[]).refusal("trail-log-group")
    assert found == "there is no log group management-events in us-east-1"


def test_a_topic_that_does_not_exist_stands_in_the_way(keeping: Scene) -> None:
    gone = keeping.when(topic=None, topic_key_policy=None)
    assert gone.refusal("topic-exists") == f"there is no topic arn:aws:sns:us-east-1:{ACCOUNT}:ops"


def test_a_key_that_senders_may_not_use_is_noted(keeping: Scene) -> None:
    alone = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}
    told = keeping.when(topic_key_policy=json.dumps({"Statement": alone})).note("topic-encryption")
    assert told == f"the policy of {AUDIT_KEY} does not name cloudwatch.amazonaws.com"
    denied = json.dumps({"Statement": {**alone, "Effect": "Deny"}})
    assert "events.amazonaws.com, cloudwatch" in keeping.when(topic_key_policy=denied).note("topic-encryption")
    aws_managed = keeping.when(topic={"KmsMasterKeyId": "alias/aws/sns"}, topic_key_policy=None)
    assert "the key that AWS manages" in aws_managed.note("topic-encryption")
    assert keeping.when(topic={}).note("topic-encryption") == "the topic is not encrypted"


# --- Reading ---


def test_a_bucket_of_another_account_is_told_from_a_call_that_is_denied(new: Scene) -> None:
    aws = FakeAws()
    assert aws.read(new.deployment).audit_bucket == {"BucketRegion": "us-east-1"}
    assert aws.of("head_bucket") == [{"Bucket": NAME, "ExpectedBucketOwner": ACCOUNT}]
    aws.refuse("head_bucket", "404")
    assert aws.read(new.deployment).audit_bucket is None
    aws.refuse("head_bucket", "403", "Forbidden")
    assert isinstance(aws.read(new.deployment).audit_bucket, Unreadable)

    def taken(Bucket: str, **_: Any) -> Any:  # noqa: N803 - AWS's name
        raise not_there("403" if Bucket == NAME else "404")

    aws.answers["head_bucket"] = taken
    assert aws.read(new.deployment).audit_bucket == SOMEBODY_ELSES


def test_of_an_existing_bucket_its_settings_are_read_and_of_log_groups_the_one_of_the_name(keeping: Scene) -> None:
    seen = FakeAws().read(keeping.deployment)
    assert seen.audit_bucket_versioning == {"Status": "Enabled"}
    assert (seen.audit_bucket_lock, seen.audit_bucket_encryption, seen.audit_bucket_public_access) == (None,) * 3
    assert seen.trail_log_group == [{"logGroupName": "management-events"}]
    assert seen.topic_key_policy == "{}"


def test_new_roles_and_a_new_key_count_towards_the_quotas(new: Scene, keeping: Scene) -> None:
    both = new.configured(storage_integrations={"imports": {"use": "import", "bucket": "vectors"}}).subject.demand
    alone = new.configured().subject.demand
    assert (both.roles, both.policies) == (alone.roles + 1, alone.policies + 1)
    assert alone.keys["us-east-1"] == keeping.subject.demand.keys["us-east-1"] + 1
