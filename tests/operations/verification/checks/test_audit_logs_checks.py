"""Audit logs and storage integrations in which everything is right, made wrong in one thing at a time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from pinekeep.account.reads.live import AuditFiles, Live, LiveRole, Unreadable
from pinekeep.model.arns import policy_arn
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import audit_role_arn_of, storage_role_names_of
from pinekeep.model.naming import storage_policy
from pinekeep.model.policies.storage import audit_bucket_policy, storage_permissions, storage_trust
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import check
from tests.operations.verification.conftest import ACCOUNT, KEY_ARN, NOW, stack

BUCKET = "example-audit-logs"
AUDIT_KEY = KEY_ARN.replace("0f1e2d3c", "99999999")
BLOCKED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
NEW = {"name": BUCKET, "lock": {"mode": "governance", "days": 365}}
SETTINGS: dict[str, Any] = {
    "account": ACCOUNT,
    "region": "us-east-1",
    "audit_logs": {"bucket": NEW, "prefix": "pinecone"},
    "storage_integrations": {"imports": {"use": "import", "bucket": "example-vectors"}},
}


def encrypted_with(key: str | None) -> dict[str, Any]:
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]}


def locked(mode: str = "GOVERNANCE", **length: int) -> dict[str, Any]:
    retention = {"Mode": mode, **(length or {"Days": 365})}
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}


def files(*, ago: timedelta | None = timedelta(minutes=20), complete: bool = True, test: bool = True) -> AuditFiles:
    newest = None if ago is None else ("pinecone/a.json", NOW - ago)
    return AuditFiles(0 if ago is None else 3, complete=complete, newest=newest, test_object=test)


PROTECTED = {**stack("CREATE_COMPLETE", {"AuditKeyArn": AUDIT_KEY}), "EnableTerminationProtection": True}


@dataclass(frozen=True)
class World:
    settings: dict[str, Any] = field(default_factory=lambda: SETTINGS)
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def deployment(self) -> Deployment:
        return Deployment.model_validate(self.settings)

    @property
    def live(self) -> Live:
        role = audit_role_arn_of("prod", self.deployment)
        right = Live(
            storage_stack=PROTECTED,
            storage_roles={name: self.role(name) for name in storage_role_names_of("prod", self.deployment)},
            audit_bucket={"BucketRegion": "us-east-1"},
            audit_versioning={"Status": "Enabled"},
            audit_lock=locked(),
            audit_encryption=encrypted_with(AUDIT_KEY),
            audit_public_access=BLOCKED,
            audit_ownership={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            audit_policy=json.dumps(audit_bucket_policy(bucket=BUCKET, role=role, kms_key=AUDIT_KEY)),
            audit_key=AUDIT_KEY,
            audit_files=files(),
        )
        return replace(right, **self.changes)

    def role(self, setting: str, **changes: Any) -> LiveRole:
        name = storage_role_names_of("prod", self.deployment)[setting]
        arn = policy_arn(account=ACCOUNT, policy_name=storage_policy(name))
        common: dict[str, Any] = {"account": ACCOUNT, "region": "us-east-1"}
        key = self.settings["audit_logs"]["bucket"].get("kms_key")
        permissions = (
            storage_permissions(use="audit", bucket=BUCKET, prefix="pinecone", kms_key=key, **common)
            if setting == "audit_logs"
            else storage_permissions(use="import", bucket="example-vectors", prefix=None, **common)
        )
        right = LiveRole(
            role={"Arn": "", "AssumeRolePolicyDocument": storage_trust()},
            inline_policies=[],
            attached_policies=[{"PolicyArn": arn}],
            attached_documents={arn: permissions},
        )
        return replace(right, **changes)

    def when(self, **changes: Any) -> "World":
        return replace(self, changes={**self.changes, **changes})

    def with_role(self, setting: str, **changes: Any) -> "World":
        return self.when(storage_roles={**(self.live.storage_roles or {}), setting: self.role(setting, **changes)})

    def with_bucket(self, bucket: dict[str, Any]) -> "World":
        return replace(self, settings={**self.settings, "audit_logs": {"bucket": bucket, "prefix": "pinecone"}})

    def findings(self) -> list[Finding]:
        return check(name="prod", deployment=self.deployment, pinecone_account=None, live=self.live, now=NOW)

    def finding(self, check_id: str, what: str = "") -> Finding:
        (found,) = [each for each in self.findings() if each.check == check_id and what in each.what]
        return found

    def told(self, check_id: str, what: str = "") -> tuple[str, str]:
        found = self.finding(check_id, what)
        assert (found.fix is None) == (found.status == "ok"), found
        return found.status, found.found

    def failures(self) -> set[str]:
        return {each.check for each in self.findings() if each.status == "failed"}


WORLD = World()
ADOPTED = WORLD.with_bucket({"adopt": BUCKET, "kms_key": AUDIT_KEY})


def test_where_all_is_right_every_check_passes() -> None:
    found = {each.check: each.status for each in WORLD.findings() if each.check.startswith(("audit-", "storage-"))}
    assert found == dict.fromkeys(
        (
            "storage-stack-state",
            "storage-stack-protection",
            "storage-role",
            "audit-bucket",
            "audit-bucket-lock",
            "audit-bucket-encryption",
            "audit-bucket-public-access",
            "audit-bucket-policy",
            "audit-files",
            "audit-test-object",
        ),
        "ok",
    )
    assert WORLD.failures() == ADOPTED.failures() == set()


def test_a_stack_that_is_half_made_or_unprotected_fails() -> None:
    half = WORLD.when(storage_stack=stack("ROLLBACK_COMPLETE", {"AuditKeyArn": AUDIT_KEY}))
    assert half.told("storage-stack-state")[0] == "failed"
    assert WORLD.when(storage_stack=None).told("storage-stack-state")[0] == "failed"
    bare = {**PROTECTED, "EnableTerminationProtection": False}
    found = WORLD.when(storage_stack=bare).finding("storage-stack-protection")
    assert found.status == "failed"
    assert "--stack-name Pinekeep-prod-Storage" in str(found.fix)


def test_a_bucket_that_is_gone_fails_once() -> None:
    gone = dict.fromkeys(("versioning", "lock", "encryption", "public_access", "ownership", "policy", "files"))
    world = WORLD.when(audit_bucket=None, **{f"audit_{each}": None for each in gone})
    assert world.failures() == {"audit-bucket"}
    assert world.told("audit-bucket") == ("failed", f"there is no bucket {BUCKET}")


def test_a_bucket_in_another_region_is_noted() -> None:
    assert ADOPTED.when(audit_bucket={"BucketRegion": "eu-west-1"}).told("audit-bucket")[0] == "note"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"audit_versioning": {"Status": "Suspended"}}, "versioning is Suspended"),
        ({"audit_lock": None}, "the default retention is no default retention, not governance for 365 days"),
        ({"audit_lock": locked(Days=30)}, "the default retention is governance for 30 days, not governance for 365"),
        ({"audit_lock": locked("COMPLIANCE", Years=1)}, "is compliance for 1 years, not governance for 365 days"),
    ],
)
def test_a_weaker_lock_fails(changes: dict[str, Any], found: str) -> None:
    world = WORLD.when(**changes)
    assert world.failures() == {"audit-bucket-lock"}
    assert found in world.finding("audit-bucket-lock").found


def test_a_lock_in_years_is_compared_as_years() -> None:
    world = WORLD.with_bucket({"name": BUCKET, "lock": {"mode": "governance", "years": 2}})
    assert world.when(audit_lock=locked(Years=2)).told("audit-bucket-lock")[0] == "ok"
    assert world.when(audit_lock=locked(Days=2)).told("audit-bucket-lock")[0] == "failed"


def test_a_bucket_without_a_lock_is_noted_and_one_that_got_a_lock_fails() -> None:
    world = WORLD.with_bucket({"name": BUCKET, "lock": "none"})
    assert world.when(audit_lock={"ObjectLockEnabled": "Enabled"}).told("audit-bucket-lock")[0] == "note"
    assert world.told("audit-bucket-lock")[0] == "failed"


def test_of_a_bucket_of_yours_what_is_weak_is_noted() -> None:
    weak = ADOPTED.when(audit_lock=None, audit_public_access=None, audit_versioning={}, audit_policy=None)
    assert weak.failures() == set()
    assert weak.told("audit-bucket-lock") == ("note", "versioning off, no default retention")
    assert weak.told("audit-bucket-public-access")[0] == "note"
    assert "aws s3api put-public-access-block" in (weak.finding("audit-bucket-public-access").fix or "")


def test_the_key_that_pinecone_uses_fails_for_any_bucket() -> None:
    cmek = {"trust": {"regions": ["us-east-1"], "external_id": "none"}, "key": {"adopt": KEY_ARN}}
    for world in (WORLD, ADOPTED):
        with_key = replace(world, settings={**world.settings, "cmek": cmek})
        found = with_key.when(audit_encryption=encrypted_with(KEY_ARN)).finding("audit-bucket-encryption")
        assert found.status == "failed"
        assert "the key that Pinecone uses" in found.found


def test_another_key_fails() -> None:
    other = encrypted_with(AUDIT_KEY.replace("99999999", "88888888"))
    assert "not the key" in WORLD.when(audit_encryption=other).told("audit-bucket-encryption")[1]
    assert "the file does not name it" in ADOPTED.when(audit_encryption=other).told("audit-bucket-encryption")[1]
    plain = ADOPTED.when(audit_encryption=encrypted_with(None))
    assert plain.told("audit-bucket-encryption") == ("ok", "AES256")


def test_public_access_and_acls_fail() -> None:
    world = WORLD.when(audit_public_access={**BLOCKED, "BlockPublicPolicy": False}, audit_ownership=None)
    assert world.told("audit-bucket-public-access") == ("failed", "BlockPublicPolicy is off; ACLs are enabled")


def test_a_changed_bucket_policy_fails_with_what_changed() -> None:
    policy = json.loads(str(WORLD.live.audit_policy))
    removed = {**policy, "Statement": policy["Statement"][1:]}
    added = {**policy, "Statement": [*policy["Statement"], {**policy["Statement"][0], "Sid": "X", "Effect": "Allow"}]}
    assert "there is no statement" in WORLD.when(audit_policy=json.dumps(removed)).told("audit-bucket-policy")[1]
    assert "is there too" in WORLD.when(audit_policy=json.dumps(added)).told("audit-bucket-policy")[1]
    assert WORLD.when(audit_policy=None).told("audit-bucket-policy") == ("failed", "the bucket has no policy")


def test_a_role_of_pinecones_s3_account_is_exactly_as_wanted() -> None:
    wider = WORLD.with_role("audit_logs", role={"AssumeRolePolicyDocument": storage_trust(principal_arn="*")})
    assert "it has the condition ArnLike aws:PrincipalArn" in wider.told("storage-role", "audit_logs")[1]
    assert wider.told("storage-role", "imports")[0] == "ok"
    documents = WORLD.role("audit_logs").attached_documents
    assert isinstance(documents, Mapping)
    own = next(iter(documents))
    reads = storage_permissions(use="import", bucket=BUCKET, prefix="pinecone", account=ACCOUNT, region="us-east-1")
    told = WORLD.with_role("audit_logs", attached_documents={own: reads}).told("storage-role", "audit_logs")[1]
    assert "it allows s3:GetObject too" in told
    assert "it lacks s3:PutObject" in told
    administrator = {"arn:aws:iam::aws:policy/AdministratorAccess": {"Statement": list[object]()}}
    more = WORLD.with_role("audit_logs", attached_documents=administrator, inline_policies=["x"])
    found = more.told("storage-role", "audit_logs")[1]
    for part in ("is not attached", "AdministratorAccess is attached too", "it has the inline policy x"):
        assert part in found
    gone = WORLD.when(storage_roles={"audit_logs": LiveRole(role=None)})
    assert gone.told("storage-role")[0] == "failed"
    closed = WORLD.with_role(
        "storage_integrations.imports", attached_documents={own: Unreadable("iam:GetPolicy", "allow it")}
    )
    assert closed.told("storage-role", "imports")[0] == "unreadable"


@pytest.mark.parametrize(
    ("listed", "status", "found"),
    [
        (files(ago=timedelta(minutes=60)), "ok", "60 minutes (pinecone/a.json)"),
        (files(ago=timedelta(minutes=61)), "note", "it may be that nothing happened"),
        (files(ago=timedelta(hours=25)), "failed", "25 hours (pinecone/a.json)"),
        (files(ago=timedelta(hours=25), complete=False), "note", "the listing stops there"),
        (files(ago=timedelta(minutes=5), complete=False), "ok", "5 minutes"),
        (files(ago=None), "note", f"there is no file in {BUCKET}/pinecone"),
    ],
)
def test_the_newest_file_is_compared_with_the_half_hour(listed: AuditFiles, status: str, found: str) -> None:
    told = WORLD.when(audit_files=listed).told("audit-files")
    assert told[0] == status
    assert found in told[1]


def test_the_test_object_is_good_news_and_its_absence_is_none() -> None:
    assert WORLD.told("audit-test-object")[0] == "ok"
    assert WORLD.when(audit_files=files(test=False)).told("audit-test-object")[0] == "note"
