"""The live policies of the roles for S3: what is deployed unchanged is decided like what the settings say."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.policies import PolicyError, PolicySet
from pinekeep.decisions.access.storage import configured_storage_policies
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.model.policies.document import policy
from pinekeep.operations.access.live_storage import live_storage_policies

ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
GIVEN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-4333-8444-555555555555"
DEPLOYMENT = Deployment.model_validate(
    {
        "account": ACCOUNT,
        "region": "us-east-1",
        "iam_path": "/search/",
        "audit_logs": {"bucket": {"name": "acme-audit", "lock": "none"}, "prefix": "pinecone"},
        "storage_integrations": {"backups": {"use": "export", "bucket": "acme-backups", "kms_key": GIVEN}},
    }
)


class Account:
    """An account with what the settings say, or with a change; stands in for a session and its clients."""

    def __init__(self, policies: PolicySet) -> None:
        own = {each.arn: replace(each, arn=KEY if each.arn != GIVEN else GIVEN) for each in policies.keys}
        self.policies = replace(policies, keys=tuple(own.values()))
        self.refused: set[str] = set()
        self.calls: list[str] = []

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name in ("iam", "kms", "s3", "cloudformation")
        return self

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append(operation)
            if operation in self.refused:
                raise refusal("AccessDenied", operation)
            return getattr(self, f"_{operation}")(**arguments)

        return call

    def _role(self, name: str) -> Any:
        found = [each for each in self.policies.roles if each.name == name]
        if not found:
            raise refusal("NoSuchEntity", "GetRole")
        return found[0]

    def _get_role(self, RoleName: str) -> Any:  # noqa: N803 - AWS's names, here and below
        role = self._role(RoleName)
        return {"Role": {"Arn": role.arn, "AssumeRolePolicyDocument": role.trust}}

    def _list_role_policies(self, RoleName: str) -> Any:  # noqa: N803
        self._role(RoleName)
        return {"PolicyNames": ["Extra"] if "Extra" in RoleName else []}

    def _list_attached_role_policies(self, RoleName: str) -> Any:  # noqa: N803
        names = [each.name for each in self._role(RoleName).permissions]
        return {"AttachedPolicies": [{"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/search/{each}"} for each in names]}

    def _get_policy(self, PolicyArn: str) -> Any:  # noqa: N803
        return {"Policy": {"Arn": PolicyArn, "DefaultVersionId": "v1"}}

    def _get_policy_version(self, PolicyArn: str, VersionId: str) -> Any:  # noqa: N803
        assert VersionId == "v1"
        every = [each for role in self.policies.roles for each in role.permissions]
        (found,) = (each for each in every if PolicyArn.endswith(f"/{each.name}"))
        return {"PolicyVersion": {"Document": found.document}}

    def _get_bucket_policy(self, Bucket: str) -> Any:  # noqa: N803
        (found,) = (each for each in self.policies.buckets if each.name == Bucket)
        if found.document is None or not found.document["Statement"]:
            raise refusal("NoSuchBucketPolicy", "GetBucketPolicy")
        text = json.dumps(found.document)
        return {"Policy": text.replace("00000000-0000-0000-0000-000000000000", KEY.rpartition("/")[2])}

    def _describe_stacks(self, StackName: str) -> Any:  # noqa: N803
        assert StackName == "Pinekeep-prod-Storage"
        return {"Stacks": [{"Outputs": [{"OutputKey": "AuditKeyArn", "OutputValue": KEY}]}]}

    def _get_key_policy(self, KeyId: str, PolicyName: str) -> Any:  # noqa: N803
        assert PolicyName == "default"
        (found,) = (each for each in self.policies.keys if each.arn == KeyId)
        return {"Policy": json.dumps(found.document)}

    def _list_grants(self, KeyId: str, **_: Any) -> Any:  # noqa: N803
        assert KeyId in (KEY, GIVEN)
        grants: list[Any] = []
        return {"Grants": grants, "Truncated": False}


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.fixture(scope="module")
def configured() -> PolicySet:
    return configured_storage_policies(name="prod", deployment=DEPLOYMENT)


def read(account: Account) -> PolicySet:
    return live_storage_policies("prod", DEPLOYMENT, clients=Clients(account, "us-east-1"))


def effects(table: Table) -> dict[tuple[str, str], Effect]:
    return {(row.principal.id, row.request.id): row.decision.effect for row in table.rows}


def test_an_account_as_the_settings_say_is_decided_like_the_settings(configured: PolicySet) -> None:
    live = read(Account(configured))
    assert live.origin == "live"
    assert [each.id for each in live.resources] == [each.id for each in configured.resources]
    assert effects(decision_table(live)) == effects(decision_table(configured))


def test_a_bucket_policy_that_is_gone_lets_others_write(configured: PolicySet) -> None:
    bare = tuple(replace(each, document=policy([])) for each in configured.buckets)
    table = decision_table(read(Account(replace(configured, buckets=bare))))
    assert table.of("account/root", "bucket/acme-audit s3:PutObject under pinecone/").effect is Effect.ALLOW


def test_an_opened_trust_policy_is_shown(configured: PolicySet) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    opened = tuple(replace(each, trust=policy([statement])) for each in configured.roles)
    table = decision_table(read(Account(replace(configured, roles=opened))))
    role = table.policies.roles[0].id
    assert table.of("stranger", f"{role} no external ID").effect is Effect.ALLOW


def test_a_role_that_is_gone_is_left_out_and_none_at_all_is_an_error(configured: PolicySet) -> None:
    one = read(Account(replace(configured, roles=configured.roles[:1])))
    assert [each.id for each in one.roles] == [configured.roles[0].id]
    with pytest.raises(PolicyError, match="there is no role for S3 in account 111122223333") as caught:
        read(Account(replace(configured, roles=())))
    assert str(caught.value.hint).startswith("deploy it: pinekeep deploy --deployment prod")


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("get_role", "iam:GetRole"),
        ("get_policy_version", "iam:GetPolicyVersion"),
        ("get_bucket_policy", "s3:GetBucketPolicy"),
        ("get_key_policy", "kms:GetKeyPolicy"),
        ("list_grants", "kms:ListGrants"),
        ("describe_stacks", "cloudformation:DescribeStacks"),
    ],
)
def test_a_read_that_aws_refuses_is_named(configured: PolicySet, operation: str, permission: str) -> None:
    account = Account(configured)
    account.refused.add(operation)
    with pytest.raises(AwsRefusedError, match=f"AWS does not allow {permission}"):
        read(account)
