"""What a deployment costs a month, and how the plan shows it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pinekeep.model.config import Deployment
from pinekeep.model.facts import prices
from pinekeep.operations.plan.costs import cost_lines, costs_of, headline, total_of
from pinekeep.operations.plan.render import as_markdown, as_output, as_text
from tests.operations.plan.subjects import EXTERNAL_ID, subject
from tests.operations.plan.test_gate import SAFE, plan

CMEK = {"trust": {"regions": ["us-east-1"], "external_id": EXTERNAL_ID}}
KEY = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
TOPIC = "arn:aws:sns:us-east-1:111122223333:security"
SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719", "subnet-0a1b2c3d4e5f60710"]
NEW = {"cidr": "10.20.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}
OLD = {"id": "vpc-0a1b2c3d4e5f60718", "subnet_ids": SUBNETS}
ADOPTED = {"id": "vpc-0a1b2c3d4e5f60718", "adopt": "vpce-0a1b2c3d4e5f60718"}


def costs(**parts: Any) -> dict[str, str | None]:
    deployment = Deployment.model_validate({"account": "111122223333", "region": "us-east-1", **parts})
    found = costs_of(deployment)
    return {each.what: None if each.monthly_usd is None else f"{each.monthly_usd:.2f}" for each in found}


def link(vpc: Any, **others: Any) -> dict[str, Any]:
    return {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}, **others}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"cmek": CMEK}, {"KMS key": "1.00", "first and second rotation of the key": None}),
        ({"cmek": {**CMEK, "customer_keys": [{"name": "acme", "account": "444455556666"}]}}, {}),
        (
            {"private_link": link(NEW)},
            {"interface endpoint": "14.60", "data through the endpoint": None, "flow logs": None},
        ),
        (
            {"audit_logs": {"bucket": {"name": "search-logs", "lock": "none"}}},
            {"KMS key of the audit logs": "1.00", "audit logs and their access logs": None},
        ),
        (
            {"audit_logs": {"bucket": {"name": "search-logs", "lock": "none", "kms_key": KEY}}},
            {"audit logs and their access logs": None},
        ),
        ({"audit_logs": {"bucket": {"adopt": "search-logs"}}}, {}),
        (
            {"monitoring": {"emails": ["ops@example.com"], "denied_use": "all-management-events"}},
            {
                "KMS key of the notifications": "1.00",
                "alarms": None,
                "dashboard": None,
                "management events that EventBridge matches": None,
            },
        ),
        ({"monitoring": {"topic": TOPIC, "dashboard": False}}, {"alarms": None}),
        ({"private_link": link(OLD)}, {"interface endpoint": "21.90", "data through the endpoint": None}),
        (
            {"private_link": link(OLD, standby=2, dns="none")},
            {"2 interface endpoints": "43.80", "data through the endpoint": None},
        ),
        ({"private_link": link(ADOPTED)}, {"interface endpoint": None, "data through the endpoint": None}),
        (
            {"private_link": link(OLD, dns="hosted-zone", dns_bridge=True)},
            {"interface endpoint": "21.90", "data through the endpoint": None, "private hosted zone": "1.00"},
        ),
        (
            {"private_link": link(OLD, dns="profile")},
            {
                "interface endpoint": "21.90",
                "data through the endpoint": None,
                "private hosted zone": "0.50",
                "Route 53 Profiles": "547.50",
            },
        ),
        (
            {
                "private_link": link(
                    OLD, dns="resolver-inbound", resolver={"client_cidrs": ["10.9.0.0/16"], "subnet_ids": SUBNETS[:2]}
                )
            },
            {
                "interface endpoint": "21.90",
                "data through the endpoint": None,
                "Resolver inbound endpoint": "182.50",
            },
        ),
        (
            {"private_link": link(OLD, dns="resolver-inbound", resolver={"client_cidrs": ["10.9.0.0/16"]})},
            {
                "interface endpoint": "21.90",
                "data through the endpoint": None,
                "Resolver inbound endpoint": "273.75",
            },
        ),
        (
            {
                "pinecone": {
                    "project": "search",
                    "api_keys": [
                        {"name": each, "roles": ["ProjectEditor"], "secret": f"pinecone/{each}"} for each in "abc"
                    ],
                }
            },
            {"secrets with API keys": "1.20"},
        ),
    ],
)
def test_each_shape_costs_what_its_parts_cost(parts: Any, expected: dict[str, str | None]) -> None:
    assert costs(**parts) == expected


def test_an_adopted_key_costs_as_much() -> None:
    assert costs(cmek={**CMEK, "key": {"adopt": KEY}})["KMS key"] == "1.00"


def test_each_price_has_a_source_and_a_day_and_is_not_negative() -> None:
    assert len(prices.ALL) == len({id(each) for each in prices.ALL}) >= 9
    for each in prices.ALL:
        assert each.usd is None or each.usd > 0
        assert each.source.checked >= prices.AS_OF


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    deployment = Deployment.model_validate(
        {"account": "111122223333", "region": "eu-west-1", "private_link": link(OLD) | {"vpc": zones_of("eu-west-1")}}
    )
    found = costs_of(deployment)
    assert total_of(found) == Decimal("14.60")
    assert headline(found) == "Monthly cost at list price (us-east-1, as of 2026-11-30): 14.60 USD, and by use"
    assert cost_lines(found) == [
        "  14.60  interface endpoint: 730 hours x 2 Availability Zones",
        " by use  data through the endpoint: 0.01 USD per GB",
        "unknown  flow logs: the price per GB is not known",
    ]


def zones_of(region: str) -> dict[str, Any]:
    return {"cidr": "10.20.0.0/16", "availability_zones": [f"{region}a", f"{region}b"]}


def test_the_plan_shows_the_costs_in_every_form() -> None:
    made = plan(SAFE)
    text = as_text(made)
    assert "\n\n  Monthly cost at list price (us-east-1, as of 2026-11-30): 15.60 USD, and by use\n" in text
    assert "\n      14.60  interface endpoint: 730 hours x 2 Availability Zones\n" in text
    page = as_markdown(made)
    assert "<details><summary>Monthly cost at list price" in page
    assert page.count("<details>") == page.count("</details>") == 1
    (deployment,) = as_output(made).deployments
    assert deployment.monthly_cost is not None
    assert deployment.monthly_cost.total_usd == 15.6
    assert [each.monthly_usd for each in deployment.monthly_cost.items] == [1.0, None, 14.6, None, None]
    assert all("checked 2026-11-30" in each.source for each in deployment.monthly_cost.items)


def test_where_nothing_changes_no_costs_are_shown() -> None:
    assert "Monthly cost" not in as_text(plan(subject(), would_change=False))


def test_a_deployment_without_costs_has_no_block() -> None:
    made = plan(SAFE)
    (one,) = made.deployments
    bare = one.deployment.model_copy(update={"cmek": None, "private_link": None})
    assert "Monthly cost" not in as_text(replace(made, deployments=(replace(one, deployment=bare),)))
