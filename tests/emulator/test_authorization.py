"""That the embedded AWS refuses what AWS refuses; the demonstrations rest on it."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

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
    return caught.value.response["Error"]["Code"]


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


def test_a_simulation_decides_each_action_on_each_resource(embedded_aws: EmbeddedAws, unique: Unique) -> None:
    iam = embedded_aws.session().client("iam")
    trust = {"Statement": [allow(f"arn:aws:iam::{CUSTOMER}:root", "sts:AssumeRole")]}
    made = iam.create_role(RoleName=unique("deployer"), Path="/teams/", AssumeRolePolicyDocument=json.dumps(trust))
    may = {"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "arn:aws:kms:us-east-1:111122223333:key/a"}
    name, arn = made["Role"]["RoleName"], made["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [may]}))
    keys = [f"arn:aws:kms:us-east-1:111122223333:key/{each}" for each in "ab"]
    found = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["kms:DescribeKey", "kms:Decrypt"], ResourceArns=keys
    )["EvaluationResults"]
    assert {(each["EvalActionName"], each["EvalResourceName"][-1]): each["EvalDecision"] for each in found} == {
        ("kms:DescribeKey", "a"): "allowed",
        ("kms:DescribeKey", "b"): "implicitDeny",
        ("kms:Decrypt", "a"): "implicitDeny",
        ("kms:Decrypt", "b"): "implicitDeny",
    }
    everywhere = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["kms:Decrypt"])["EvaluationResults"]
    assert [each["EvalResourceName"] for each in everywhere] == ["*"]


def test_whoever_simulates_needs_to_be_allowed_for_the_principal(embedded_aws: EmbeddedAws, unique: Unique) -> None:
    iam = embedded_aws.session().client("iam")
    name = unique("asker")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    may = {"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": f"arn:aws:iam::{CUSTOMER}:user/*"}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [may]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    asker = embedded_aws.session(credentials=key).client("iam")
    asked = {"ActionNames": ["kms:Decrypt"]}
    (decided,) = asker.simulate_principal_policy(PolicySourceArn=arn, **asked)["EvaluationResults"]
    assert decided["EvalDecision"] == "implicitDeny"
    role = f"arn:aws:iam::{CUSTOMER}:role/any"
    assert code(lambda: asker.simulate_principal_policy(PolicySourceArn=role, **asked)) == "AccessDenied"


def test_a_simulation_of_somebody_who_is_not_there_is_refused(embedded_aws: EmbeddedAws) -> None:
    iam = embedded_aws.session().client("iam")
    for arn in (f"arn:aws:iam::{CUSTOMER}:role/nobody", f"arn:aws:iam::{CUSTOMER}:root"):
        act = lambda arn=arn: iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["a:B"])  # noqa: E731
        assert code(act) == "NoSuchEntity"


def test_the_window_of_a_deletion_can_be_a_condition(embedded_aws: EmbeddedAws, pinecone: Any, role: str) -> None:
    kms = key_user(embedded_aws, pinecone, role)
    longest = {"NumericEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}
    key = new_key(embedded_aws, allow(role, "kms:ScheduleKeyDeletion", Resource="*", Condition=longest))
    assert code(lambda: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)) == "AccessDeniedException"
    assert kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)["KeyState"] == "PendingDeletion"


def test_a_policy_can_be_about_one_rule_of_the_default_event_bus(embedded_aws: EmbeddedAws, unique: Unique) -> None:
    iam, name = embedded_aws.session().client("iam"), unique("rules")
    arn = f"arn:aws:events:us-east-1:{CUSTOMER}:rule/{name}"
    actions = ["events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"]
    may = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": arn}]}
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="rules", PolicyDocument=json.dumps(may))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    events = embedded_aws.session(credentials=key).client("events")
    target = {"Id": "t", "Arn": f"arn:aws:sns:us-east-1:{CUSTOMER}:topic"}
    events.put_rule(Name=name, EventPattern='{"source": ["aws.kms"]}')
    events.put_targets(Rule=name, Targets=[target])
    assert code(lambda: events.put_rule(Name="other", EventPattern="{}")) == "AccessDeniedException"
    assert code(lambda: events.put_targets(Rule="other", Targets=[target])) == "AccessDeniedException"
    events.remove_targets(Rule=name, Ids=["t"])
    events.delete_rule(Name=name)
