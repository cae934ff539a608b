"""What somebody may do by hand to key policies, and what `verify` says of it."""

from collections.abc import Iterator

from tests.operations.verification.checks.breakages.changes import (
    NAME,
    NOBODY,
    ORPHAN,
    REVERT,
    STRANGER,
    Row,
    adopted,
    key,
    key_also,
)
from tests.operations.verification.conftest import ACCOUNT, ADMINISTRATOR, ROLE_ARN


def key_policy_rows() -> Iterator[Row]:
    users, others, root = "key-policy-users", "key-policy-nothing-wider", "key-policy-root"
    administrators = "key-policy-administrators"
    refused, more = "KMS refuses Pinecone the use of the key", "Pinecone works on; beyond what is configured"
    use = "AllowUseOfTheKey"
    yield Row(
        what="kms:* for the role",
        change=key(use, Action="kms:*"),
        check=users,
        status="failed",
        found="it allows kms:* too",
        meaning=more,
        fix=REVERT,
        never=("lacks", refused),
    )
    yield Row(
        what="kms:* for the role in a second statement",
        change=key_also(Effect="Allow", Principal={"AWS": ROLE_ARN}, Action="kms:*"),
        check=others,
        status="failed",
        found="Allow kms:*",
        meaning=more,
        fix=REVERT,
        never=(refused, "missing"),
    )
    yield Row(
        what="a use in place of which another statement gives all",
        change=lambda found: key(use)(key_also(Effect="Allow", Principal={"AWS": ROLE_ARN}, Action="kms:*")(found)),
        check=users,
        status="ok",
        found="the role may use the key",
        meaning="",
        fix=None,
    )
    yield Row(
        what="a use less",
        change=key(use, Action=["kms:Encrypt", "kms:DescribeKey"]),
        check=users,
        status="failed",
        found="it lacks kms:Decrypt",
        meaning=refused,
        fix=REVERT,
        never=("too", more),
    )
    yield Row(
        what="the use taken out",
        change=key(use),
        check=users,
        status="failed",
        found=f"{use} is missing",
        meaning=refused,
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="a further user",
        change=key(use, Principal={"AWS": [ROLE_ARN, STRANGER]}),
        check=users,
        status="failed",
        found=f"it names {STRANGER} too",
        meaning=more,
        fix=REVERT,
        never=(refused, "lacks"),
    )
    yield Row(
        what="grants for anyone",
        change=key("AllowAttachmentOfPersistentResources", Condition=None),
        check=users,
        status="failed",
        found="it lacks the condition Bool kms:GrantIsForAWSResource true",
        meaning=more,
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="the use through one service alone",
        change=key(use, Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
        check=users,
        status="failed",
        found="kms:ViaService",
        meaning=refused,
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="the caller's own account as a condition",
        change=key(use, Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}}),
        check=users,
        status="note",
        found="kms:CallerAccount",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="another account as a condition",
        change=key(use, Condition={"StringEquals": {"kms:CallerAccount": "999988887777"}}),
        check=users,
        status="failed",
        found="kms:CallerAccount",
        meaning=refused,
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="a deleted role in place of the role",
        change=key(use, Principal={"AWS": ORPHAN}),
        check=users,
        status="failed",
        found=f"it names {ORPHAN}",
        meaning="names a role that was deleted",
        fix=REVERT,
    )
    yield Row(
        what="a denial of decrypting for everyone",
        change=key_also(Sid="No", Effect="Deny", Principal="*", Action="kms:Decrypt"),
        check=others,
        status="failed",
        found=f"with which the role {NAME} and",
        meaning=refused,
        fix=REVERT,
        never=("may use", "Others may", more),
    )
    yield Row(
        what="a denial for a stranger",
        change=key_also(Effect="Deny", Principal={"AWS": STRANGER}, Action="kms:*"),
        check=others,
        status="note",
        found="there is a statement (Deny kms:*",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="a denial for whoever does not come over TLS",
        change=key_also(
            Effect="Deny", Principal="*", Action="kms:*", Condition={"Bool": {"aws:SecureTransport": "false"}}
        ),
        check=others,
        status="note",
        found="aws:SecureTransport",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="a denial of administration for an administrator",
        change=key_also(Effect="Deny", Principal={"AWS": ADMINISTRATOR}, Action="kms:PutKeyPolicy"),
        check=others,
        status="failed",
        found="can no longer",
        meaning="Pinecone works on",
        fix=REVERT,
        never=(refused, "may use"),
    )
    yield Row(
        what="a stranger who may decrypt",
        change=key_also(Sid="Sneaky", Effect="Allow", Principal={"AWS": STRANGER}, Action="kms:Decrypt"),
        check=others,
        status="failed",
        found="there is statement Sneaky",
        meaning=more,
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="a statement that repeats a part of another",
        change=key_also(Effect="Allow", Principal={"AWS": ROLE_ARN}, Action="kms:Decrypt"),
        check=others,
        status="note",
        found="which says nothing more",
        meaning=NOBODY,
        fix=None,
    )
    yield Row(
        what="the root statement for everyone",
        change=key("EnableIamUserPermissions", Principal="*"),
        check=root,
        status="failed",
        found="it names * (everyone) too",
        meaning=more,
        fix=REVERT,
        never=("lock everyone out", "does not name"),
    )
    yield Row(
        what="the root statement taken out",
        change=key("EnableIamUserPermissions"),
        check=root,
        status="failed",
        found="EnableIamUserPermissions is missing",
        meaning="could lock everyone out",
        fix=REVERT,
        never=(more,),
    )
    yield Row(
        what="administrators who are not kept from using the key",
        change=key("DenyUseByKeyAdministrators"),
        check=administrators,
        status="failed",
        found="DenyUseByKeyAdministrators is missing",
        meaning="the wrong people may administer the key, or use it",
        fix=REVERT,
        never=(refused,),
    )
    yield Row(
        what="the role among those who are denied the use",
        change=key("DenyUseByKeyAdministrators", Principal={"AWS": [ADMINISTRATOR, ROLE_ARN]}),
        check=administrators,
        status="failed",
        found=f"it names {ROLE_ARN} too",
        meaning=refused,
        fix=REVERT,
        never=("Pinecone works on",),
    )


def adopted_key_rows() -> Iterator[Row]:
    users, wider = "adopted-key-policy-users", "adopted-key-policy-nothing-wider"
    yield Row(
        what="kms:* for the role on an adopted key",
        change=adopted(key("AllowUseOfTheKey", Action="kms:*")),
        check=wider,
        status="failed",
        found="the role may kms:* too",
        meaning="may do more with the key",
        fix="take that out of the key's policy",
        never=("lacks", "not allowed"),
    )
    yield Row(
        what="the same is enough",
        change=adopted(key("AllowUseOfTheKey", Action="kms:*")),
        check=users,
        status="ok",
        found="the role may use the key",
        meaning="",
        fix=None,
    )
    yield Row(
        what="a denial on an adopted key",
        change=adopted(key_also(Effect="Deny", Principal={"AWS": ROLE_ARN}, Action="kms:Decrypt")),
        check=users,
        status="failed",
        found="takes the key away from the role",
        meaning="KMS refuses Pinecone",
        fix="take the statement that denies out",
        never=("add the two statements",),
    )
    yield Row(
        what="the caller's own account as a condition on an adopted key",
        change=adopted(key("AllowUseOfTheKey", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})),
        check=users,
        status="ok",
        found="the role may use the key",
        meaning="",
        fix=None,
    )
