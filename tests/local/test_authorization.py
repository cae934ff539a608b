"""That the embedded AWS refuses what AWS refuses; the demonstrations rest on it."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.local.server import EmbeddedAws

CUSTOMER = "111122223333"
PINECONE = "740000000001"
EXTERNAL_ID = "0e6d9a6c-7d4e-4f0a-9d53-1d2f0f6f3b11"
CALLER = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_us-east-1"
Unique = Callable[[str], str]


def allow(principal: str, *actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), **more}


@pytest.fixture
def pinecone(embedded_aws: EmbeddedAws) -> Any:
    """STS as Pinecone's role sees it, in Pinecone's own account."""
    session = embedded_aws.session(PINECONE)
    iam = session.client("iam")
    trust = {"Statement": [allow(f"arn:aws:iam::{PINECONE}:root", "sts:AssumeRole")]}
    name = CALLER.rsplit("/", 1)[-1]
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    may = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName="assume", PolicyDocument=json.dumps(may))
    credentials = session.client("sts").assume_role(RoleArn=CALLER, RoleSessionName="pinecone")["Credentials"]
    return embedded_aws.session(credentials=credentials).client("sts")


@pytest.fixture
def role(embedded_aws: EmbeddedAws, unique: Unique) -> str:
    """The customer's role, trusting Pinecone's with an external ID."""
    condition = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    trust = {"Statement": [allow(CALLER, "sts:AssumeRole", Condition=condition)]}
    iam = embedded_aws.session().client("iam")
    made = iam.create_role(RoleName=unique("cmek"), AssumeRolePolicyDocument=json.dumps(trust))
    return str(made["Role"]["Arn"])


def code(act: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        act()
    return str(caught.value.response["Error"]["Code"])


def test_pinecone_assumes_the_role_with_the_right_external_id(pinecone: Any, role: str) -> None:
    taken = pinecone.assume_role(RoleArn=role, RoleSessionName="test", ExternalId=EXTERNAL_ID)
    assert taken["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{CUSTOMER}:assumed-role/")


def test_a_wrong_external_id_is_refused(pinecone: Any, role: str) -> None:
    wrong = EXTERNAL_ID.replace("0", "1")
    act = lambda: pinecone.assume_role(RoleArn=role, RoleSessionName="test", ExternalId=wrong)  # noqa: E731
    assert code(act) == "AccessDenied"


def test_a_missing_external_id_is_refused(pinecone: Any, role: str) -> None:
    assert code(lambda: pinecone.assume_role(RoleArn=role, RoleSessionName="test")) == "AccessDenied"


def test_another_account_is_refused_even_with_the_right_external_id(embedded_aws: EmbeddedAws, role: str) -> None:
    sts = embedded_aws.session("999988887777").client("sts")
    act = lambda: sts.assume_role(RoleArn=role, RoleSessionName="test", ExternalId=EXTERNAL_ID)  # noqa: E731
    assert code(act) == "AccessDenied"


def key_user(embedded_aws: EmbeddedAws, pinecone: Any, role: str) -> Any:
    taken = pinecone.assume_role(RoleArn=role, RoleSessionName="test", ExternalId=EXTERNAL_ID)
    return embedded_aws.session(credentials=taken["Credentials"]).client("kms")


def new_key(embedded_aws: EmbeddedAws, *statements: dict[str, Any]) -> str:
    root = allow(f"arn:aws:iam::{CUSTOMER}:root", "kms:*", Resource="*")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root, *statements]})
    return str(embedded_aws.session().client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])


def test_the_key_policy_decides_what_the_role_may_do(embedded_aws: EmbeddedAws, pinecone: Any, role: str) -> None:
    kms = key_user(embedded_aws, pinecone, role)
    mine = new_key(embedded_aws, allow(role, "kms:Encrypt", "kms:Decrypt", Resource="*"))
    sealed = kms.encrypt(KeyId=mine, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert code(lambda: kms.schedule_key_deletion(KeyId=mine)) == "AccessDeniedException"
    other = new_key(embedded_aws)
    assert code(lambda: kms.encrypt(KeyId=other, Plaintext=b"x")) == "AccessDeniedException"


def test_a_disabled_key_serves_nobody(embedded_aws: EmbeddedAws, pinecone: Any, role: str) -> None:
    kms = key_user(embedded_aws, pinecone, role)
    key = new_key(embedded_aws, allow(role, "kms:Encrypt", Resource="*"))
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    embedded_aws.session().client("kms").disable_key(KeyId=key)
    assert code(lambda: kms.encrypt(KeyId=key, Plaintext=b"x")) == "DisabledException"
