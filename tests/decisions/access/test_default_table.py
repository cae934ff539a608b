"""The whole table of the default deployment, written by hand.

The evaluator is the emulator's own, so it is no independent witness. What is expected here was taken from AWS's
documentation alone, cell by cell: "Default key policy" (key users, key administrators, the root statement), "Policy
evaluation logic", "Cross-account use" of each KMS operation, and AssumeRole. No pattern is matched and no policy read.
"""

import pytest

from pinekeep.decisions.access.decision import Effect, StatementRef
from pinekeep.decisions.access.table import Table
from tests.decisions.access.worlds import table, world

USE = {
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
}
DESCRIBE = {"kms:DescribeKey"}
SERVICE_GRANTS = {
    "kms:CreateGrant for an AWS service",
    "kms:ListGrants for an AWS service",
    "kms:RevokeGrant for an AWS service",
}
CREATE_GRANT = {"kms:CreateGrant", "kms:CreateGrant for an AWS service"}
OTHER_GRANTS = {
    "kms:ListGrants",
    "kms:RevokeGrant",
    "kms:ListGrants for an AWS service",
    "kms:RevokeGrant for an AWS service",
}
READ = {
    "kms:GetKeyPolicy",
    "kms:ListKeyPolicies",
    "kms:GetKeyRotationStatus",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
}
ADMINISTER = {
    "kms:PutKeyPolicy",
    "kms:EnableKey",
    "kms:DisableKey",
    "kms:EnableKeyRotation",
    "kms:DisableKeyRotation",
    "kms:RotateKeyOnDemand",
    "kms:UpdateKeyDescription",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:CreateAlias",
    "kms:UpdateAlias",
    "kms:DeleteAlias",
    "kms:UpdatePrimaryRegion",
    "kms:GetParametersForImport",
}
NOT_FOR_ADMINISTRATORS = {"kms:ReplicateKey", "kms:ImportKeyMaterial"}
DELETE = {"kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:DeleteImportedKeyMaterial"}
ON_KEY = USE | DESCRIBE | CREATE_GRANT | OTHER_GRANTS | READ | ADMINISTER | NOT_FOR_ADMINISTRATORS | DELETE
ON_ROLE = {
    "the agreed external ID",
    "another external ID",
    "the agreed ID in other case",
    "an ID that begins alike",
    "an ID that ends alike",
    "a longer ID",
    "an empty external ID",
    "no external ID",
    "sts:TagSession",
    "sts:SetSourceIdentity",
}
OUTSIDE = [
    "pinecone/us-east-1",
    "pinecone/us-west-2",
    "pinecone/eu-west-1",
    "pinecone/eu-central-1",
    "pinecone/ap-southeast-1",
    "pinecone/ap-south-1",
    "pinecone/other-role",
    "pinecone/root",
    "stranger",
]
OUR_ROLE = "role/pinekeep-prod"
ADMINISTRATOR = "administrator/role/KeyAdmins"
ROOT = "account/root"
USER = "account/user"

ALLOWED: dict[str, set[str]] = {
    "pinecone/us-east-1": {"the agreed external ID"},
    "pinecone/us-west-2": {"the agreed external ID"},
    OUR_ROLE: USE | DESCRIBE | SERVICE_GRANTS,
    ADMINISTRATOR: DESCRIBE | OTHER_GRANTS | READ | ADMINISTER | DELETE,
    ROOT: ON_KEY,
}
DENIED_BY_A_STATEMENT = {ADMINISTRATOR: USE | CREATE_GRANT}
LEFT_TO_IAM = {
    OUR_ROLE: ON_KEY - USE - DESCRIBE - SERVICE_GRANTS,
    ADMINISTRATOR: NOT_FOR_ADMINISTRATORS,
    USER: ON_KEY,
}


@pytest.fixture(scope="module")
def decided() -> Table:
    return table(world())


def test_the_rows_and_columns_are_these(decided: Table) -> None:
    assert [each.id for each in decided.principals] == [*OUTSIDE, OUR_ROLE, ADMINISTRATOR, ROOT, USER]
    assert {each.name for each in decided.requests if each.on == "key"} == ON_KEY
    assert {each.name for each in decided.requests if each.on == OUR_ROLE} == ON_ROLE
    assert len(decided.rows) == len(decided.principals) * (len(ON_KEY) + len(ON_ROLE))


def test_what_is_allowed_is_what_aws_documents_and_nothing_else(decided: Table) -> None:
    for row in decided.rows:
        expected = Effect.ALLOW if row.request.name in ALLOWED.get(row.principal.id, set()) else Effect.DENY
        assert row.decision.effect is expected, (row.principal.id, row.request.name, row.decision.reason)


def test_what_is_denied_by_a_statement_is_what_aws_documents(decided: Table) -> None:
    for row in decided.rows:
        expected = row.request.name in DENIED_BY_A_STATEMENT.get(row.principal.id, set())
        assert row.decision.explicit is expected, (row.principal.id, row.request.name)


def test_what_iam_policies_could_still_allow_is_what_the_root_statement_leaves_to_them(decided: Table) -> None:
    root = StatementRef(policy="the key policy", sid="EnableIamUserPermissions", number=1)
    for row in decided.rows:
        expected = root if row.request.name in LEFT_TO_IAM.get(row.principal.id, set()) else None
        assert row.decision.through_iam == expected, (row.principal.id, row.request.name)


def test_the_statement_that_decided_is_named(decided: Table) -> None:
    def sid(principal: str, request: str) -> tuple[str, str | None]:
        found = next(iter(decided.of(principal, request).statements), None)
        assert found is not None
        return found.policy, found.sid

    assert sid("pinecone/us-west-2", "role/pinekeep-prod the agreed external ID") == (
        "the trust policy",
        "AllowPineconeToAssumeTheRole",
    )
    for action in USE | DESCRIBE:
        assert sid(OUR_ROLE, f"key {action}") == ("the key policy", "AllowUseOfTheKey")
    for action in SERVICE_GRANTS:
        assert sid(OUR_ROLE, f"key {action}") == ("the key policy", "AllowAttachmentOfPersistentResources")
    for action in ADMINISTER | READ | DELETE | OTHER_GRANTS | DESCRIBE:
        assert sid(ADMINISTRATOR, f"key {action}") == ("the key policy", "AllowAccessForKeyAdministrators")
    for action in USE | CREATE_GRANT:
        assert sid(ADMINISTRATOR, f"key {action}") == ("the key policy", "DenyUseByKeyAdministrators")
    for action in ON_KEY:
        assert sid(ROOT, f"key {action}") == ("the key policy", "EnableIamUserPermissions")


def test_where_no_statement_allows_the_reason_says_what_is_missing(decided: Table) -> None:
    stranger = decided.of("stranger", "role/pinekeep-prod the agreed external ID")
    assert (stranger.statements, stranger.reason) == ((), "no statement of the trust policy allows it")
    assert decided.of("stranger", "key kms:Decrypt").reason == "no statement of the key policy allows it"
    assert decided.of("stranger", "key kms:PutKeyPolicy").reason == (
        "KMS takes kms:PutKeyPolicy only from the key's own account, whatever a policy says"
    )
    assert decided.of(USER, "key kms:Decrypt").reason == (
        "the key policy leaves it to IAM policies of the account, of which none allows it"
    )
    assert decided.of("pinecone/root", "role/pinekeep-prod the agreed external ID").reason == (
        "AWS does not allow a root user to assume a role, whatever a policy says"
    )
