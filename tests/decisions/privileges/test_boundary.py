"""The permissions boundary: that it takes nothing away that the roles need, and leaves nothing else."""

from typing import Any

import pytest

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
        ("kms:Decrypt", KEY, {}),
        ("kms:Decrypt", KEY, {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}),
    ):
        assert not allowed(policies, on(action, (resource, context))), (action, resource)


def test_many_buckets_still_fit_into_one_boundary() -> None:
    uses = {f"i{number}": {"use": "import", "bucket": f"acme-{number}"} for number in range(200)}
    (made,) = documents("boundary", {"many": deployment(storage_integrations=uses)})
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
