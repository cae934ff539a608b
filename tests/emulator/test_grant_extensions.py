import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

ROOT = "arn:aws:iam::111122223333:root"
TEAM = {"team": "search"}


class Keyed:
    """A key whose policy leaves everything to its account, and a role without any permission."""

    def __init__(self, aws: EmbeddedAws, unique: Callable[[str], str], *denials: dict[str, Any]) -> None:
        session = aws.session()
        self.kms = session.client("kms")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}]}  # fmt: skip
        self.role = session.client("iam").create_role(
            RoleName=unique("holder"), AssumeRolePolicyDocument=json.dumps(trust)
        )["Role"]["Arn"]
        allow = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
        mine = [{**each, "Effect": "Deny", "Principal": {"AWS": self.role}, "Resource": "*"} for each in denials]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow, *mine]})
        self.arn = self.kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
        credentials = session.client("sts").assume_role(RoleArn=self.role, RoleSessionName="test")["Credentials"]
        self.holder = aws.session(credentials=credentials).client("kms")

    def grant(self, *operations: str, **more: Any) -> str:
        more = {"GranteePrincipal": self.role, **more}
        return str(self.kms.create_grant(KeyId=self.arn, Operations=list(operations), **more)["GrantId"])

    def decrypt(self, *, encrypted: dict[str, str] | None = None) -> None:
        context = {"EncryptionContext": encrypted} if encrypted else {}
        blob = self.kms.encrypt(KeyId=self.arn, Plaintext=b"x", **context)["CiphertextBlob"]
        assert self.holder.decrypt(CiphertextBlob=blob, **context)["Plaintext"] == b"x"

    def refused(self, call: Callable[..., Any], **asked: Any) -> None:
        with pytest.raises(ClientError) as caught:
            call(**asked)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


@pytest.fixture
def keyed(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> Keyed:
    return Keyed(embedded_aws, unique)


def test_a_grant_lets_its_grantee_in_until_it_is_revoked(keyed: Keyed) -> None:
    keyed.refused(keyed.decrypt)
    grant = keyed.grant("Decrypt")
    keyed.decrypt()
    keyed.refused(keyed.holder.encrypt, KeyId=keyed.arn, Plaintext=b"x")
    keyed.kms.revoke_grant(KeyId=keyed.arn, GrantId=grant)
    keyed.refused(keyed.decrypt)


def test_a_grant_is_for_one_key(keyed: Keyed) -> None:
    keyed.grant("DescribeKey")
    other = keyed.kms.create_key()["KeyMetadata"]["Arn"]
    keyed.holder.describe_key(KeyId=keyed.arn)
    keyed.refused(keyed.holder.describe_key, KeyId=other)


def test_a_subset_of_the_encryption_context_must_be_there_whatever_the_case_of_its_names(keyed: Keyed) -> None:
    keyed.grant("Decrypt", "DescribeKey", Constraints={"EncryptionContextSubset": {"Team": "search"}})
    keyed.decrypt(encrypted={**TEAM, "more": "x"})
    for wrong in ({"team": "Search"}, {"other": "search"}, None):
        keyed.refused(keyed.decrypt, encrypted=wrong)
    keyed.holder.describe_key(KeyId=keyed.arn)


def test_an_equal_encryption_context_allows_nothing_more(keyed: Keyed) -> None:
    keyed.grant("Decrypt", Constraints={"EncryptionContextEquals": TEAM})
    keyed.decrypt(encrypted=TEAM)
    for wrong in ({**TEAM, "more": "x"}, {"team": "other"}, None):
        keyed.refused(keyed.decrypt, encrypted=wrong)


def test_a_denial_in_the_key_policy_outdoes_a_grant(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> None:
    denied = Keyed(embedded_aws, unique, {"Action": "kms:Decrypt"})
    denied.grant("Decrypt", "Encrypt")
    denied.refused(denied.decrypt)
    denied.holder.encrypt(KeyId=denied.arn, Plaintext=b"x")


def test_the_retiring_principal_may_retire_it_and_nobody_else(keyed: Keyed) -> None:
    other = keyed.grant("Decrypt", GranteePrincipal="arn:aws:iam::444455556666:root")
    keyed.refused(keyed.holder.retire_grant, KeyId=keyed.arn, GrantId=other)
    mine = keyed.grant("Decrypt", RetiringPrincipal=keyed.role)
    keyed.holder.retire_grant(KeyId=keyed.arn, GrantId=mine)
    keyed.refused(keyed.decrypt)


def test_a_service_holds_a_grant_for_a_resource_and_lets_nobody_else_in(keyed: Keyed) -> None:
    service = "dynamodb.us-east-1.amazonaws.com"
    source = {"SourceArn": "arn:aws:dynamodb:us-east-1:111122223333:table/t"}
    asked = {"GranteePrincipal": None, "GranteeServicePrincipal": service, "RetiringServicePrincipal": service}
    named = {key: value for key, value in asked.items() if value}
    made = keyed.kms.create_grant(KeyId=keyed.arn, Operations=["Decrypt"], Constraints=source, **named)["GrantId"]
    (listed,) = keyed.kms.list_grants(KeyId=keyed.arn)["Grants"]
    assert (listed["GrantId"], listed["GranteeServicePrincipal"], listed["RetiringServicePrincipal"]) == (
        made,
        service,
        service,
    )
    keyed.refused(keyed.decrypt)
    with pytest.raises(ClientError, match="needs a SourceArn"):
        keyed.kms.create_grant(KeyId=keyed.arn, Operations=["Decrypt"], **named)
