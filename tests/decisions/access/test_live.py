"""Reading the policies out of what boto3 answers."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from pinekeep.decisions.access.differences import differences
from pinekeep.decisions.access.live import document, live_key, live_policies, live_role
from pinekeep.decisions.access.policies import Agreement, PolicyError
from pinekeep.model.config import Deployment
from tests.decisions.access.worlds import ACCOUNT, ADMINISTRATOR, ID, KEY, PINECONE, ROLE, table, world

WANTED = world()


def role(**more: Any) -> dict[str, Any]:
    return {"Arn": ROLE, "AssumeRolePolicyDocument": WANTED.roles[0].trust, **more}


@pytest.mark.parametrize("written", [dict, json.dumps, lambda found: quote(json.dumps(found))])
def test_a_document_is_read_however_aws_sends_it(written: Any) -> None:
    assert document(written(WANTED.roles[0].trust)) == WANTED.roles[0].trust


@pytest.mark.parametrize(
    ("wrong", "words"),
    [("text", "a policy is not JSON"), ("[]", "a policy has no statements"), ({"Version": "1"}, "no statements")],
)
def test_what_is_no_policy_is_refused(wrong: Any, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        document(wrong)


def test_the_live_policies_decide_as_the_synthesized_ones() -> None:
    trust = {"regions": ["us-east-1", "us-west-2"], "external_id": ID}
    cmek = {"trust": trust, "key": {"administrators": [ADMINISTRATOR]}}
    live = live_policies(
        name="prod",
        deployment=Deployment.model_validate({"account": ACCOUNT, "region": "us-east-1", "cmek": cmek}),
        pinecone_account=PINECONE,
        roles=[live_role(role(), inline={}, attached={})],
        keys=[live_key(arn=KEY, policy=json.dumps(WANTED.keys[0].document))],
    )
    assert live.origin == "live"
    assert differences(table(WANTED), table(live)) == []


def test_inline_and_attached_policies_are_the_roles_permissions() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    found = live_role(role(), inline={"mine": json.dumps({"Statement": []})}, attached={arn: None})
    assert [(each.name, each.document) for each in found.permissions] == [("mine", {"Statement": []}), (arn, None)]


def test_a_permissions_boundary_that_was_not_read_is_not_known() -> None:
    limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::1:policy/limit"}}
    unread = live_role(role(**limit), inline={}, attached={}).boundary
    read = live_role(role(**limit), inline={}, attached={}, boundary={"Statement": []}).boundary
    assert unread is not None
    assert read is not None
    assert (unread.document, read.document) == (None, {"Statement": []})
    assert live_role(role(), inline={}, attached={}).boundary is None


def test_a_key_policy_that_was_not_read_is_not_known() -> None:
    assert live_key(arn=KEY, policy=None).document is None


def test_a_policy_with_one_statement_outside_a_list_is_decided() -> None:
    trust = WANTED.roles[0].trust or {}
    single = live_role(
        {"Arn": ROLE, "AssumeRolePolicyDocument": {**trust, "Statement": trust["Statement"][0]}}, inline={}, attached={}
    )
    found = table(world(trust=single.trust))
    assert found.of("pinecone/us-east-1", "role/pinekeep-prod the agreed external ID").effect == "allow"


@pytest.mark.parametrize(("regions", "expected"), [("all", "all"), (["eu-west-1"], ("eu-west-1",))])
@pytest.mark.parametrize(("external_id", "presented"), [(ID, ID), ("none", None)])
def test_what_was_agreed_is_what_the_configuration_says(
    regions: Any, expected: Any, external_id: str, presented: str | None
) -> None:
    trust = {"regions": regions, "external_id": external_id}
    cmek = {"trust": trust, "key": {"administrators": [ADMINISTRATOR]}}
    deployment = Deployment.model_validate({"account": ACCOUNT, "region": "us-east-1", "cmek": cmek})
    assert Agreement.of(deployment, pinecone_account=PINECONE) == Agreement(
        pinecone_account=PINECONE, regions=expected, external_id=presented, administrators=(ADMINISTRATOR,)
    )
