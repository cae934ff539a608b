"""An import that fails before it is executed leaves no change set and no empty stack."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.operations.plan.cloudformation import Target
from pinekeep.operations.recovery import recovery
from pinekeep.operations.recovery.discovery import Retained
from pinekeep.operations.recovery.recovery import Recovery
from tests.operations.recovery.test_template import KEY_ID, TEMPLATE

STACK = "Pinekeep-search-Cmek"
FOUND = Retained(
    roles=("arn:aws:iam::111122223333:role/pinecone-search",),
    key_arn=f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}",
    alias="alias/pinecone/search",
)
DEPLOYMENT = Deployment.model_validate(
    {
        "account": "111122223333",
        "region": "us-east-1",
        "cmek": {"trust": {"regions": ["us-east-1"], "external_id": "none"}},
    }
)


class CloudFormation:
    """Answers an import: its change set gets one status, its stack another."""

    def __init__(self, *, change_set: str, stack: str) -> None:
        self.statuses = {"Status": change_set, "ExecutionStatus": "AVAILABLE"}
        self.stack = stack
        self.executed: list[str] = []

    def create_change_set(self, **asked: Any) -> dict[str, str]:
        return {"StackId": asked["StackName"], "Id": asked["ChangeSetName"]}

    def describe_change_set(self, **_: Any) -> Mapping[str, str]:
        return self.statuses

    def execute_change_set(self, **asked: Any) -> None:
        self.executed.append(asked["StackName"])

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{"StackStatus": self.stack}]}


def _refused(monkeypatch: pytest.MonkeyPatch, aws: CloudFormation) -> tuple[str, list[tuple[str, bool]]]:
    """Run an import that fails; return the message, and the stacks whose change set was deleted (with the stack?)."""
    cleared: list[tuple[str, bool]] = []

    def clear_away(target: Target, _: str, *, with_stack: bool, tell: Any) -> None:
        cleared.append((target.name, with_stack))

    def synthesize(*_: Any, folder: Path) -> None:
        (folder / f"{STACK}.template.json").write_text(json.dumps(TEMPLATE))

    clients = cast(Clients, SimpleNamespace(client=lambda _service: aws))
    monkeypatch.setattr(recovery, "describe_stack", lambda _client, _stack: None)
    monkeypatch.setattr(recovery, "synthesize", synthesize)
    monkeypatch.setattr(recovery, "find_retained", lambda *_, **__: FOUND)
    monkeypatch.setattr(recovery, "as_deploy_role", lambda _access, _deployment: clients)
    monkeypatch.setattr(recovery, "clear_away", clear_away)
    access = cast(Access, SimpleNamespace(clients_for=lambda _deployment: clients))
    configuration = cast(Configuration, None)
    with pytest.raises(AwsRefusedError) as caught:
        Recovery(configuration, "search", DEPLOYMENT, access=access, tell=lambda _: None).run()
    return caught.value.message, cleared


def test_a_refused_import_leaves_no_change_set_and_no_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = CloudFormation(change_set="FAILED", stack="REVIEW_IN_PROGRESS")
    message, cleared = _refused(monkeypatch, aws)
    assert message == "CloudFormation refuses the import: FAILED"
    assert cleared == [(STACK, True)]
    assert aws.executed == []


def test_a_stack_whose_import_was_executed_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = CloudFormation(change_set="CREATE_COMPLETE", stack="IMPORT_ROLLBACK_COMPLETE")
    message, cleared = _refused(monkeypatch, aws)
    assert message == f"stack {STACK} ended in state IMPORT_ROLLBACK_COMPLETE: see its events"
    assert cleared == []
    assert aws.executed == [STACK]
