"""``pinekeep pinecone`` runs with its own policy alone, on an AWS that enforces it."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import pytest
from botocore.client import BaseClient

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.source import Source
from pinekeep.decisions.privileges import policies_for
from pinekeep.decisions.privileges.secrets import USE_KEYS_OF_SECRETS
from pinekeep.decisions.privileges.verbs import NO_PERMISSION_NEEDED, VERBS, actions_of
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.model.config import load
from pinekeep.model.policies.document import Policy
from tests.command_support import Run

WITH_ANOTHER_CALL = {"secretsmanager:TagResource", *actions_of([USE_KEYS_OF_SECRETS])}
"""What AWS asks for when CreateSecret is given tags, and when a secret has a KMS key of one's own."""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every call that this process makes of AWS, as the IAM action that it needs."""
    made: set[str] = set()
    lock, original = Lock(), BaseClient._make_api_call  # pyrefly: ignore[missing-attribute] # private

    def noted(self: Any, operation: str, parameters: Any) -> Any:
        with lock:
            made.add(f"{self.meta.service_model.signing_name}:{operation}")
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    return made


@pytest.fixture
def user(pinecone_aws: EmbeddedAws, secret: str, folder: Path) -> Iterator[str]:
    """A new user who has the policy and nothing else."""
    iam = pinecone_aws.session().client("iam")
    name = f"user-{uuid4()}"
    iam.create_user(UserName=name)
    for policy in policies_for("pinecone", load(folder / "pinekeep.yaml").deployments):
        iam.put_user_policy(UserName=name, PolicyName=policy.name, PolicyDocument=json.dumps(policy.document))
    yield name
    for policy_name in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy_name)
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


@pytest.fixture
def as_user(pinecone_aws: EmbeddedAws, stand_in: PineconeStandIn, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = pinecone_aws.session().client("iam").create_access_key(UserName=user)["AccessKey"]
    credentials = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    clients = Clients(pinecone_aws.session(credentials=credentials), "us-east-1")
    source = Source(environment=dict, clients_for=lambda _: clients)
    monkeypatch.setattr("pinekeep.account.credentials.access.source_of_the_user", lambda _profile, _region: source)


def test_it_runs_with_its_policy_alone_and_makes_the_calls_that_are_declared(
    pinekeep: Run, stand_in: PineconeStandIn, as_user: None, calls: set[str]
) -> None:
    assert pinekeep("pinecone", "apply", "--yes").code == 0
    project = next(iter(stand_in.organization.projects))
    stand_in.organization.add_index(project, "products")
    assert pinekeep("pinecone", "status").code == 1
    assert pinekeep("pinecone", "rotate", "--yes").code == 0
    assert calls == (actions_of(VERBS["pinecone"]) - WITH_ANOTHER_CALL) | set(NO_PERMISSION_NEEDED)


NEEDED = sorted(actions_of(VERBS["pinecone"]) - WITH_ANOTHER_CALL - {"kms:DescribeKey"})


@pytest.mark.parametrize("action", NEEDED)
def test_a_missing_permission_is_named_and_leaves_no_key_behind(
    pinekeep: Run, stand_in: PineconeStandIn, pinecone_aws: EmbeddedAws, as_user: None, user: str, action: str
) -> None:
    iam = pinecone_aws.session().client("iam")
    for name in iam.list_user_policies(UserName=user)["PolicyNames"]:
        document = iam.get_user_policy(UserName=user, PolicyName=name)["PolicyDocument"]
        iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=json.dumps(without(action, document)))
    result = pinekeep("pinecone", "apply", "--yes")
    assert result.code == 3
    assert f"error: AWS does not allow {action} with these credentials" in result.err
    given = [each["name"] for each in stand_in.organization.keys.values()]
    assert given in ([], ["watch-unfinished"]), "made only where its value could be stored"
    if given:
        assert action in ("secretsmanager:GetSecretValue", "secretsmanager:UpdateSecretVersionStage")


def without(action: str, document: Policy) -> Policy:
    statements = [
        {**each, "Action": [other for other in each["Action"] if other != action]} for each in document["Statement"]
    ]
    return {**document, "Statement": [each for each in statements if each["Action"]]}
