"""Whose a grant is to a deployment."""

from typing import Any

import pytest

from pinekeep.model.policies.grant_holders import Holder, Holders
from pinekeep.model.policies.grants import Grant, parse_grants

ACCOUNT, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pinekeep-search"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"


def grant(grantee: str, *operations: str) -> Grant:
    return Grant(id="1", key_arn=KEY, grantee=grantee, operations=operations or ("Decrypt",), issuing_account=ACCOUNT)


CASES: list[tuple[Grant, Holder, Holder]] = [
    (grant("dynamodb.us-west-2.amazonaws.com"), Holder.SERVICE, Holder.SERVICE),
    (grant(ROLE), Holder.ROLE, Holder.ROLE),
    (grant(ROLE, "Decrypt", "Encrypt", "GenerateDataKey"), Holder.ROLE, Holder.ROLE),
    (grant(ROLE, "Decrypt", "CreateGrant"), Holder.STRANGER, Holder.STRANGER),
    (grant(f"arn:aws:iam::{ACCOUNT}:role/other"), Holder.STRANGER, Holder.OF_THE_OWNER),
    (grant(f"arn:aws:iam::{OTHER}:role/other"), Holder.STRANGER, Holder.OF_THE_OWNER),
    (grant(f"arn:aws:iam::{ACCOUNT}:root"), Holder.STRANGER, Holder.OF_THE_OWNER),
    (grant(f"arn:aws:iam::{OTHER}:root"), Holder.STRANGER, Holder.STRANGER),
    (grant(OTHER), Holder.STRANGER, Holder.STRANGER),
]


@pytest.mark.parametrize(("found", "own", "adopted"), CASES)
def test_what_a_holder_is_depends_on_who_owns_the_key(found: Grant, own: Holder, adopted: Holder) -> None:
    for is_adopted, wanted in ((False, own), (True, adopted)):
        holders = Holders(account=ACCOUNT, role_arns=(ROLE,), adopted=is_adopted)
        assert holders.holder(found) is wanted
        assert holders.strangers([found]) == ((found,) if wanted is Holder.STRANGER else ())


ENTRY: dict[str, Any] = {
    "GrantId": "0123456789",
    "GranteePrincipal": ROLE,
    "Operations": ["Decrypt", "Encrypt"],
    "Name": "nightly",
    "RetiringPrincipal": f"arn:aws:iam::{OTHER}:role/retiring",
    "IssuingAccount": OTHER,
    "Constraints": {
        "EncryptionContextSubset": {"b": "2", "a": "1"},
        "EncryptionContextEquals": {"c": "3"},
        "SourceArn": "arn:aws:s3:::bucket",
    },
}


def test_every_part_of_an_entry_reaches_the_grant() -> None:
    without: dict[str, Any] = {"GrantId": "2"}
    first, second = parse_grants([ENTRY, without], key_arn=KEY)
    assert first == Grant(
        id="0123456789",
        key_arn=KEY,
        grantee=ROLE,
        operations=("Decrypt", "Encrypt"),
        name="nightly",
        retiring=f"arn:aws:iam::{OTHER}:role/retiring",
        issuing_account=OTHER,
        subset=(("a", "1"), ("b", "2")),
        equals=(("c", "3"),),
        source_arn="arn:aws:s3:::bucket",
    )
    assert second == Grant(id="2", key_arn=KEY, grantee="nobody KMS names", operations=())
    by_service = {**ENTRY, "RetiringPrincipal": None, "RetiringServicePrincipal": "ec2.amazonaws.com"}
    assert Grant.parse(by_service, key_arn=KEY).retiring == "ec2.amazonaws.com"
    assert Grant.parse({**ENTRY, "CreationDate": "yesterday"}, key_arn=KEY).created is None
    assert str(first) == (
        "grant 01234567… (nightly) lets arn:aws:iam::111122223333:role/pinekeep-search Decrypt, Encrypt where the "
        "encryption context has a=1, b=2 and the encryption context is c=3 and it is for arn:aws:s3:::bucket"
    )
