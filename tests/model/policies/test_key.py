from pinekeep.model.policies.key import administrator_statements, key_policy, key_user_statements, root_statement

ACCOUNT = "111122223333"
ROLE = "arn:aws:iam::111122223333:role/pinecone-search"
ADMIN = "arn:aws:iam::111122223333:role/key-admin"
OTHER_ADMIN = "arn:aws:iam::111122223333:user/break-glass"

ROOT_STATEMENT = {
    "Sid": "EnableIamUserPermissions",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}
USE_STATEMENT = {
    "Sid": "AllowUseOfTheKey",
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    "Resource": "*",
}
GRANTS_STATEMENT = {
    "Sid": "AllowAttachmentOfPersistentResources",
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    "Resource": "*",
    "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
}
ADMINISTRATORS_STATEMENT = {
    "Sid": "AllowAccessForKeyAdministrators",
    "Effect": "Allow",
    "Principal": {"AWS": [ADMIN, OTHER_ADMIN]},
    "Action": [
        "kms:CreateAlias",
        "kms:Describe*",
        "kms:Enable*",
        "kms:List*",
        "kms:Put*",
        "kms:Update*",
        "kms:Revoke*",
        "kms:Disable*",
        "kms:Get*",
        "kms:Delete*",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:ScheduleKeyDeletion",
        "kms:CancelKeyDeletion",
        "kms:RotateKeyOnDemand",
    ],
    "Resource": "*",
}
DENY_STATEMENT = {
    "Sid": "DenyUseByKeyAdministrators",
    "Effect": "Deny",
    "Principal": {"AWS": [ADMIN, OTHER_ADMIN]},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant"],
    "Resource": "*",
}


def test_the_account_keeps_its_key() -> None:
    assert root_statement(ACCOUNT) == ROOT_STATEMENT


def test_a_key_user_is_what_the_aws_console_writes() -> None:
    assert key_user_statements(ROLE) == [USE_STATEMENT, GRANTS_STATEMENT]


def test_administrators_administer_and_cannot_use() -> None:
    assert administrator_statements([ADMIN, OTHER_ADMIN]) == [ADMINISTRATORS_STATEMENT, DENY_STATEMENT]


def test_no_administrators_make_no_statement() -> None:
    assert administrator_statements([]) == []


def test_a_key_without_administrators() -> None:
    assert key_policy(account=ACCOUNT, administrators=[], role=ROLE) == {
        "Version": "2012-10-17",
        "Statement": [ROOT_STATEMENT, USE_STATEMENT, GRANTS_STATEMENT],
    }


def test_a_key_with_administrators() -> None:
    assert key_policy(account=ACCOUNT, administrators=[ADMIN, OTHER_ADMIN], role=ROLE) == {
        "Version": "2012-10-17",
        "Statement": [ROOT_STATEMENT, ADMINISTRATORS_STATEMENT, DENY_STATEMENT, USE_STATEMENT, GRANTS_STATEMENT],
    }


def test_nobody_but_the_account_the_administrators_and_the_role_is_named() -> None:
    policy = key_policy(account=ACCOUNT, administrators=[ADMIN], role=ROLE)
    named = {
        str(principal)
        for statement in policy["Statement"]
        for principal in ([statement["Principal"]["AWS"]] if isinstance(statement["Principal"]["AWS"], str)
                          else statement["Principal"]["AWS"])
    }  # fmt: skip
    assert named == {f"arn:aws:iam::{ACCOUNT}:root", ADMIN, ROLE}


def test_no_administrator_gets_what_lets_data_be_read() -> None:
    allowed, denied = administrator_statements([ADMIN])
    assert not {"kms:*", "kms:Create*", "kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"} & set(allowed["Action"])
    assert {"kms:Decrypt", "kms:CreateGrant"} <= set(denied["Action"])


def test_the_administrators_are_copied() -> None:
    administrators = [ADMIN]
    (statement, _) = administrator_statements(administrators)
    administrators.clear()
    assert statement["Principal"] == {"AWS": [ADMIN]}


def test_administrators_of_a_multi_region_key_may_replicate_it_and_others_may_not() -> None:
    single, multi = (
        key_policy(account=ACCOUNT, administrators=[ADMIN], role=ROLE, multi_region=each)["Statement"][1]["Action"]
        for each in (False, True)
    )
    assert set(multi) - set(single) == {"kms:ReplicateKey", "kms:UpdatePrimaryRegion"}
    assert "kms:ReplicateKey" not in single
    without = key_policy(account=ACCOUNT, administrators=[], role=ROLE, multi_region=True)
    assert without == key_policy(account=ACCOUNT, administrators=[], role=ROLE), "nobody else may"
