"""A deployment whose live policies are right, and an AWS that answers what it was told to."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.live import Live
from pinekeep.model.config import Deployment
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.trust import trust_policy
from pinekeep.operations.verification.analyzer.analysis import analyze
from pinekeep.operations.verification.checks.finding import Finding

ACCOUNT = "111122223333"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
CMEK: dict[str, Any] = {"role_name": "PineconeRole", "trust": {"regions": "all", "external_id": EXTERNAL_ID}}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/PineconeRole"
TRUST = trust_policy(pinecone_account="444455556666", regions="all", external_id=EXTERNAL_ID)
KEY = key_policy(account=ACCOUNT, administrators=[f"arn:aws:iam::{ACCOUNT}:role/Administrators"], role=ROLE)
RIGHT: dict[str, Any] = {
    "validate_policy": {"findings": []},
    "check_no_public_access": {"result": "PASS"},
    "check_access_not_granted": {"result": "PASS"},
}


def deployment(**cmek: Any) -> Deployment:
    return Deployment.model_validate({"account": ACCOUNT, "region": "us-east-1", "cmek": {**CMEK, **cmek}})


def refusal(code: str, message: str = "") -> Callable[..., Any]:
    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": message}}, "ValidatePolicy")

    return refuse


@dataclass
class FakeAws:
    """Notes every call. Stands in for a session and for each of its clients."""

    answers: dict[str, Any] = field(default_factory=lambda: dict(RIGHT))
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    region: str = "us-east-1"
    _lock: Any = field(default_factory=Lock)

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name in ("accessanalyzer", "iam")
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        if operation.startswith("_"):
            raise AttributeError(operation)

        def call(**arguments: Any) -> Any:
            with self._lock:
                self.calls.append((operation, arguments))
            answer = self.answers[operation]
            return answer(**arguments) if callable(answer) else answer

        return call

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == operation]


@dataclass(frozen=True)
class World:
    """A deployment named `prod`, what is live of it, and what AWS answers."""

    aws: FakeAws
    live: Live
    settings: Mapping[str, Any] = field(default_factory=dict)

    def when(self, **changes: Any) -> "World":
        return replace(self, live=replace(self.live, **changes))

    def trusting(self, document: Any) -> "World":
        return self.when(role={"Arn": ROLE, "AssumeRolePolicyDocument": document})

    def attached(self, **documents: Any) -> "World":
        arns = {f"arn:aws:iam::{ACCOUNT}:policy/{name}": document for name, document in documents.items()}
        listed = [{"PolicyName": each.rpartition("/")[2], "PolicyArn": each} for each in arns]
        return self.when(attached_policies=listed, customer_policies=arns)

    def answering(self, **answers: Any) -> "World":
        return replace(self, aws=replace(self.aws, answers={**self.aws.answers, **answers}))

    def findings(self) -> list[Finding]:
        return analyze(
            name="prod",
            deployment=deployment(**self.settings),
            live=self.live,
            clients=Clients(self.aws, self.aws.region),
        )

    def finding(self, check: str) -> Finding:
        (found,) = [each for each in self.findings() if each.check == check]
        return found


@pytest.fixture
def world() -> World:
    live = Live(
        role={"Arn": ROLE, "AssumeRolePolicyDocument": TRUST},
        inline_policies=[],
        attached_policies=[],
        key_policy=json.dumps(KEY),
    )
    return World(FakeAws(), live)
