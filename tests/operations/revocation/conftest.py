"""An embedded AWS in which deployments are made by hand, and Pinecone's role that uses their keys."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.source import Source
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.revocation import REVOKED_POLICY_NAME
from pinekeep.model.policies.trust import trust_policy
from pinekeep.operations.demonstration.actors import Caller, RoleSession
from tests.command_fixtures import pinekeep

__all__ = ["pinekeep"]

ACCOUNT = "111122223333"
PINECONE = "740000000001"
REGION = "us-east-1"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(account=ACCOUNT, region=REGION) as aws:
        yield aws


@pytest.fixture(scope="session")
def caller(server: EmbeddedAws) -> Caller:
    """Pinecone's access role."""
    return Caller(aws=server, account=PINECONE, role_name="pinecone_cmek_access_us-east-1")


@dataclass
class World:
    """One deployment, its file in the current folder."""

    clients: Clients
    caller: Caller
    name: str
    roles: list[str]
    key_arn: str
    file: Path

    def client(self, service: str) -> Any:
        return self.clients.client(service)

    @property
    def role(self) -> str:
        return self.roles[0]

    def assume(self) -> RoleSession:
        return self.caller.assume(role_arn(account=ACCOUNT, role_name=self.role), external_id=EXTERNAL_ID)

    @property
    def key_state(self) -> str:
        return str(self.client("kms").describe_key(KeyId=self.key_arn)["KeyMetadata"]["KeyState"])

    def inline_policies(self, role: str = "") -> list[str]:
        found: list[str] = self.client("iam").list_role_policies(RoleName=role or self.role)["PolicyNames"]
        return found

    @property
    def is_cut_off_by_role(self) -> bool:
        return all(REVOKED_POLICY_NAME in self.inline_policies(role) for role in self.roles)

    def parameter(self, what: str = "revocation") -> Any:
        name = f"/pinekeep/{self.name}/{what}"
        return json.loads(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def shared_clients(server: EmbeddedAws) -> Callable[[str], Clients]:
    """Give the clients of the account whose access key is set, each made once: that takes longer than most tests."""
    made: dict[tuple[str, str], Clients] = {}

    def clients_for(region: str) -> Clients:
        account = os.environ["AWS_ACCESS_KEY_ID"]
        if (account, region) not in made:
            made[account, region] = Clients(server.session(account, region=region), region)
        return made[account, region]

    return clients_for


@pytest.fixture
def make_world(
    server: EmbeddedAws,
    caller: Caller,
    shared_clients: Callable[[str], Clients],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., World]:
    """Make a deployment: a role, a key, an alias; its file; and the credentials of its account."""
    monkeypatch.chdir(tmp_path)
    source = Source(environment=server.environment, clients_for=shared_clients)
    monkeypatch.setattr("pinekeep.account.credentials.access.source_of_the_user", lambda _profile, _region: source)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    deployments: dict[str, Any] = {}

    def make(*, adopt: bool = False, customers: int = 0, own_key: bool = True, multi_region: bool = False) -> World:
        name = f"d{next(_NUMBERS)}"
        clients = shared_clients(REGION)
        role = naming.default_role_name(deployment=name, region=REGION)
        trust = trust_policy(pinecone_account=PINECONE, regions=[REGION], external_id=EXTERNAL_ID)
        arn = clients.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"][
            "Arn"
        ]
        cmek: dict[str, Any] = {"trust": {"regions": [REGION], "external_id": EXTERNAL_ID}}
        key_arn = ""
        if own_key:
            key_arn = clients.client("kms").create_key(
                Policy=json.dumps(key_policy(account=ACCOUNT, administrators=[], role=arn)),
                MultiRegion=multi_region,
                Tags=[{"TagKey": naming.DEPLOYMENT_TAG, "TagValue": name}],
            )["KeyMetadata"]["Arn"]
            cmek["key"] = {"adopt": key_arn} if adopt else {}
            if not adopt:
                clients.client("kms").create_alias(AliasName=f"alias/pinecone/{name}", TargetKeyId=key_arn)
        if customers:
            cmek["customer_keys"] = [{"name": f"c{n}", "account": f"{600000000000 + n}"} for n in range(customers)]
        deployments[name] = {"account": ACCOUNT, "region": REGION, "cmek": cmek}
        file = tmp_path / "pinekeep.yaml"
        file.write_text(yaml.safe_dump({"version": 1, "pinecone_account": PINECONE, "deployments": deployments}))
        return World(clients, caller, name, [role], key_arn, file)

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()
