"""The permissions boundary: that it takes nothing away that the roles need, and leaves nothing else."""

from typing import Any

import pytest

from pinekeep.decisions.privileges import policies_for
from pinekeep.model.policies.flow_logs import flow_logs_permissions
from pinekeep.model.policies.key import ADMINISTRATION_ACTIONS, key_user_statements
from tests.decisions.privileges.cloudformation import KEY, LOG_GROUP, ROLE, on
from tests.decisions.privileges.support import (
    ACCOUNT,
    FULL,
    REGION,
    VARIANTS,
    allowed,
    deployment,
    documents,
    with_customers,
)

AWS_RESOURCE = {"kms:GrantIsForAWSResource": "true"}


def boundary() -> list[dict[str, Any]]:
    return documents("boundary", FULL)


def test_it_includes_all_that_the_key_policy_gives_the_role() -> None:
    for statement in key_user_statements(ROLE):
        for action in statement["Action"]:
            named = action.replace("ReEncrypt*", "ReEncryptFrom").replace("GenerateDataKey*", "GenerateDataKeyPair")
            context = AWS_RESOURCE if "Condition" in statement else {}
            assert allowed(boundary(), on(named, (KEY, context))), action


def test_it_includes_all_that_the_flow_logs_need() -> None:
    (statement,) = flow_logs_permissions(LOG_GROUP)["Statement"]
    for action in statement["Action"]:
        assert allowed(boundary(), on(action, (f"{LOG_GROUP}:log-stream:eni-0a1b2c3d-all", {}))), action


@pytest.mark.parametrize("name", ["audit-bucket", "imports"])
def test_it_includes_all_that_a_role_needs_for_its_bucket(name: str) -> None:
    policies = documents("boundary", {"search": VARIANTS[name]})
    bucket, action = ("search-vectors", "s3:GetObject") if name == "imports" else ("search-audit-logs", "s3:PutObject")
    own = {"aws:ResourceAccount": "111122223333"}
    assert allowed(policies, on("s3:ListBucket", (f"arn:aws:s3:::{bucket}", own)))
    assert allowed(policies, on(action, (f"arn:aws:s3:::{bucket}/p/x", own)))
    assert not allowed(policies, on(action, ("arn:aws:s3:::payroll/x", own)))
    through = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    assert allowed(policies, on("kms:Decrypt", (KEY, through))) is (name == "audit-bucket")
    assert not allowed(policies, on("kms:Decrypt", (KEY, {})))


def test_events_are_forwarded_to_the_deployments_region_alone() -> None:
    west = VARIANTS["watch"].model_copy(update={"region": "eu-west-1"})
    policies = documents("boundary", {"search": west})
    bus = "arn:aws:events:{}:111122223333:event-bus/default"
    assert allowed(policies, on("events:PutEvents", (bus.format("eu-west-1"), {})))
    assert not allowed(policies, on("events:PutEvents", (bus.format("us-east-1"), {})))
    assert not allowed(boundary(), on("events:PutEvents", (bus.format("us-east-1"), {})))


def test_what_is_in_another_region_is_made_by_the_role_of_the_deployments_region() -> None:
    west = {"search": VARIANTS["watch"].model_copy(update={"region": "eu-west-1"})}
    (found, *_) = policies_for("execution", west)
    assert found.region == "eu-west-1"
    policies = documents("execution", west)
    rule = "arn:aws:events:us-east-1:111122223333:rule/pinekeep.search.role-trust"
    queue = "arn:aws:sqs:us-east-1:111122223333:Pinekeep-search-MonitoringGlobal-Queue0A1B-x"
    role = "arn:aws:iam::111122223333:role/Pinekeep-search-MonitoringGlob-Role0A1B-x"
    assert allowed(policies, on("events:PutRule", (rule, {})), region="us-east-1")
    assert allowed(policies, on("sqs:CreateQueue", (queue, {})), region="us-east-1")
    assert allowed(policies, on("iam:PassRole", (role, {"iam:PassedToService": "events.amazonaws.com"})))
    stacks = str(documents("plan", west))
    assert "cloudformation:us-east-1:111122223333:stack/Pinekeep-*-MonitoringGlobal/*" in stacks
    assert "cloudformation:us-east-1:111122223333:stack/Pinekeep-search-MonitoringGlobal/*" in str(
        documents("preflight", west)
    )


@pytest.mark.parametrize("action", [each for each in ADMINISTRATION_ACTIONS if "*" not in each])
def test_no_role_ever_administers_a_key(action: str) -> None:
    assert not allowed(boundary(), on(action, (KEY, AWS_RESOURCE)))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("kms:CreateGrant", KEY),
        ("kms:PutKeyPolicy", KEY),
        ("kms:Decrypt", KEY.replace("111122223333", "999988887777")),
        ("logs:PutLogEvents", f"arn:aws:logs:{REGION}:111122223333:log-group:/aws/lambda/payroll"),
        ("s3:GetObject", "arn:aws:s3:::payroll/salaries.csv"),
        ("iam:CreateUser", "*"),
        ("sts:AssumeRole", ROLE),
    ],
)
def test_no_role_ever_does_anything_else(action: str, resource: str) -> None:
    assert not allowed(boundary(), on(action, (resource, {})))


# --- The roles for S3 ---

STORAGE = {
    "logs": deployment(
        audit_logs={"bucket": {"name": "acme-audit", "lock": "none"}, "prefix": "pinecone"},
        storage_integrations={"nightly": {"use": "import", "bucket": "acme-vectors", "kms_key": KEY}},
    )
}
OWN = {"aws:resourceaccount": ACCOUNT}


def test_it_includes_all_that_the_roles_for_s3_need_and_no_more() -> None:
    policies = documents("boundary", STORAGE)
    audit, vectors = "arn:aws:s3:::acme-audit", "arn:aws:s3:::acme-vectors"
    through = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    for action, resource, context in (
        ("s3:ListBucket", audit, OWN),
        ("s3:ListBucket", vectors, OWN),
        ("s3:PutObject", f"{audit}/pinecone/a.json", OWN),
        ("s3:GetObject", f"{vectors}/a.parquet", OWN),
        ("kms:GenerateDataKey", KEY, through),
        ("kms:Decrypt", KEY, through),
    ):
        assert allowed(policies, on(action, (resource, context))), (action, resource)
    for action, resource, context in (
        ("s3:PutObject", f"{audit}/elsewhere/a.json", OWN),
        ("s3:GetObject", f"{audit}/pinecone/a.json", OWN),
        ("s3:PutObject", f"{vectors}/a.parquet", OWN),
        ("s3:DeleteObject", f"{audit}/pinecone/a.json", OWN),
        ("s3:BypassGovernanceRetention", f"{audit}/pinecone/a.json", OWN),
        ("s3:PutObject", "arn:aws:s3:::payroll/pinecone/a.json", OWN),
        ("kms:Decrypt", KEY, dict[str, str]()),
        ("kms:Decrypt", KEY, {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}),
    ):
        assert not allowed(policies, on(action, (resource, context))), (action, resource)


def test_many_buckets_still_fit_into_one_boundary() -> None:
    several = {
        f"many-{group}": deployment(
            storage_integrations={
                f"i{number}": {"use": "import", "bucket": f"acme-{group}-{number}"} for number in range(90)
            }
        )
        for group in range(3)
    }
    (made,) = documents("boundary", several)
    statements = {each["Sid"]: each for each in made["Statement"]}
    assert statements["AtMostReadObjects"]["Resource"] == ["arn:aws:s3:::*/*"]
    assert statements["AtMostReadObjects"]["Condition"] == {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}
    assert "AtMostWriteObjects" not in statements


@pytest.mark.parametrize("number", [1, 100, 101, 3000])
def test_the_use_of_customers_keys_stays_possible(number: int) -> None:
    accounts = [str(440000000001 + each) for each in range(number)]
    policies = documents("boundary", {"search": with_customers(accounts)})
    key = KEY.replace("111122223333", accounts[-1])
    assert allowed(policies, on("kms:Decrypt", (key, {})))
    assert not allowed(policies, on("kms:CreateGrant", (key, AWS_RESOURCE)))
    stranger = KEY.replace("111122223333", "987612345678")
    assert allowed(policies, on("kms:Decrypt", (stranger, {}))) == (number > 100)


def test_without_a_key_of_its_own_the_keys_of_the_account_are_not_in_it() -> None:
    assert not allowed(
        documents("boundary", {"search": with_customers(["440000000001"])}), on("kms:Decrypt", (KEY, {}))
    )
    both = documents("boundary", {"search": with_customers(["440000000001"], key={})})
    assert allowed(both, on("kms:Decrypt", (KEY, {})))
    assert allowed(both, on("kms:CreateGrant", (KEY, AWS_RESOURCE)))
    customers = KEY.replace("111122223333", "440000000001")
    assert allowed(both, on("kms:Decrypt", (customers, {})))
    assert not allowed(both, on("kms:CreateGrant", (customers, AWS_RESOURCE)))


def test_a_deployment_without_roles_has_none() -> None:
    assert documents("boundary", {"search": VARIANTS["old-vpc"]}) == []
