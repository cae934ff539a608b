"""An embedded AWS bootstrapped with the execution policy, and the command run as somebody with one policy alone."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import pytest
from botocore.client import BaseClient

from pinekeep.decisions.privileges import Purpose, policies_for
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.model.config import load
from pinekeep.model.policies.document import Policy
from tests.command_fixtures import pinekeep
from tests.embedded import bootstrap

__all__ = ["pinekeep"]

CONFIGURATION = """\
version: 1
pinecone_account: "740000000001"
deployments:
  search:
    account: "111122223333"
    region: us-east-1
    tags: {team: search}
    cmek:
      trust:
        regions: [us-east-1]
        external_id: 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13
    private_link:
      vpc: {cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}
      clients: {cidrs: [10.20.0.0/16]}
      dns: hosted-zone
"""
"""Every part there is, so that every read is made."""

As = Callable[..., None]

PREFIXES = {"tagging": "tag"}
"""IAM's prefixes of services that sign their calls with another name."""


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("privileges") / "pinekeep.yaml"
    path.write_text(CONFIGURATION)
    return path


@pytest.fixture(scope="session")
def narrow(file: Path) -> Iterator[EmbeddedAws]:
    """Bootstrapped as docs/permissions.md says, with the execution policies in place of AdministratorAccess."""
    with EmbeddedAws(endpoint_services=endpoint_services()) as aws:
        iam = aws.session().client("iam")
        arns = [
            iam.create_policy(PolicyName=made.name, PolicyDocument=json.dumps(made.document))["Policy"]["Arn"]
            for made in policies_for("execution", load(file).deployments)
        ]
        bootstrap(aws, parameters={"CloudFormationExecutionPolicies": ",".join(arns)})
        role = f"cdk-hnb659fds-cfn-exec-role-{aws.account}-{aws.region}"
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert [each["PolicyArn"] for each in attached] == arns
        yield aws


@pytest.fixture
def act_as(narrow: EmbeddedAws, file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[As]:
    """Give this process the credentials of a new user who has the policies of one purpose and nothing else."""
    iam = narrow.session().client("iam")
    made: list[tuple[str, str]] = []

    def become(purpose: Purpose, *, change: Callable[[Policy], Policy] | None = None) -> None:
        user = f"{purpose}-{uuid4()}"
        iam.create_user(UserName=user)
        for policy in policies_for(purpose, load(file).deployments):
            document = change(policy.document) if change else policy.document
            iam.put_user_policy(UserName=user, PolicyName=policy.name, PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        made.append((user, key["AccessKeyId"]))
        credentials = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
        for name, value in narrow.environment(credentials=credentials).items():
            monkeypatch.setenv(name, value)

    monkeypatch.chdir(file.parent)
    yield become
    for user, key_id in made:
        iam.delete_access_key(UserName=user, AccessKeyId=key_id)
        for name in iam.list_user_policies(UserName=user)["PolicyNames"]:
            iam.delete_user_policy(UserName=user, PolicyName=name)
        iam.delete_user(UserName=user)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every call that this process makes of AWS, as the IAM action that it needs."""
    made: set[str] = set()
    lock = Lock()
    original = BaseClient._make_api_call  # pyrefly: ignore[missing-attribute] # private

    def noted(self: Any, operation: str, parameters: Any) -> Any:
        with lock:
            signing_name = self.meta.service_model.signing_name
            made.add(f"{PREFIXES.get(signing_name, signing_name)}:{operation}")
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    return made
