from typing import Any

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config.derived import (
    PARTS,
    customer_keys_of,
    numbered_role_arn,
    numbered_role_name,
    only_part,
    protected_stacks,
    referred_stacks,
    removal_hint,
    stack_region,
    stacks_of,
    without_dns,
)
from pinekeep.model.config.models import Deployment

CMEK = {"trust": {"regions": ["us-east-1"], "external_id": "none"}}
LINK = {
    "vpc": {"cidr": "10.0.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
    "clients": {"cidrs": ["10.0.0.0/16"]},
}
KEY = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def deployment(**parts: Any) -> Deployment:
    return Deployment.model_validate({"account": "111122223333", "region": "us-east-1"} | parts)


@pytest.mark.parametrize(
    ("parts", "stacks"),
    [
        ({"cmek": CMEK}, ["Pinekeep-a-Cmek"]),
        ({"private_link": LINK}, ["Pinekeep-a-PrivateLink"]),
        ({"cmek": CMEK, "private_link": LINK}, ["Pinekeep-a-Cmek", "Pinekeep-a-PrivateLink"]),
    ],
)
def test_a_deployment_has_a_stack_for_each_part_and_the_key_comes_first(parts: Any, stacks: list[str]) -> None:
    assert stacks_of("a", deployment(**parts)) == stacks


FULL = {
    "cmek": CMEK,
    "private_link": LINK,
    "audit_logs": {"bucket": {"name": "a-audit-logs", "lock": "none"}},
    "monitoring": {"emails": ["ops@example.com"]},
}


def test_monitoring_comes_last_with_a_stack_where_the_events_of_global_services_are() -> None:
    west = deployment(**FULL, region="eu-west-1")
    assert {stack: stack_region(stack, "a", west) for stack in stacks_of("a", west)} == {
        "Pinekeep-a-Cmek": "eu-west-1",
        "Pinekeep-a-PrivateLink": "eu-west-1",
        "Pinekeep-a-Storage": "eu-west-1",
        "Pinekeep-a-Monitoring": "eu-west-1",
        "Pinekeep-a-MonitoringGlobal": "us-east-1",
    }
    assert stacks_of("a", deployment(**FULL))[-1] == "Pinekeep-a-Monitoring"


def test_a_part_is_used_alone_and_monitoring_still_knows_the_others() -> None:
    west = deployment(**FULL, region="eu-west-1")
    parts = {part: only_part({"a": west}, part)["a"] for part in PARTS}
    assert {part: stacks_of("a", each) for part, each in parts.items()} == {
        "cmek": ["Pinekeep-a-Cmek"],
        "private_link": ["Pinekeep-a-PrivateLink"],
        "storage": ["Pinekeep-a-Storage"],
        "monitoring": ["Pinekeep-a-Monitoring", "Pinekeep-a-MonitoringGlobal"],
    }
    alone = parts["monitoring"]
    assert alone.whole == west.whole == west
    assert without_dns(alone).whole == west
    assert referred_stacks("Pinekeep-a-Monitoring", "a", alone) == stacks_of("a", west)[:3]
    assert referred_stacks("Pinekeep-a-Storage", "a", west) == []


@pytest.mark.parametrize(
    ("parts", "only"),
    [
        (("private_link",), ["private_link"]),
        (("audit_logs",), ["storage"]),
        (("private_link", "audit_logs"), ["private_link", "storage"]),
    ],
)
def test_a_deployment_without_a_key_is_removed_by_its_parts(parts: tuple[str, ...], only: list[str]) -> None:
    logs = {"bucket": {"name": "acme-logs", "lock": "none"}}
    found = deployment(**{each: LINK if each == "private_link" else logs for each in parts})
    hint = removal_hint("prod", found)
    assert [each for each in PARTS if f"`pinekeep destroy --only {each} --deployment prod`" in hint] == only


def test_a_part_that_is_not_in_the_file_cannot_be_used_alone() -> None:
    with pytest.raises(WrongInputError, match="a has no audit_logs and no storage_integrations"):
        only_part({"a": deployment(cmek=CMEK)}, "storage")


def test_the_stacks_of_key_and_audit_bucket_are_protected() -> None:
    assert protected_stacks("a", deployment(**FULL)) == ["Pinekeep-a-Cmek", "Pinekeep-a-Storage"]
    assert protected_stacks("a", deployment(private_link=LINK)) == []


def test_further_roles_are_numbered() -> None:
    made = deployment(cmek=CMEK)
    assert [numbered_role_name("a", made, number) for number in (1, 2)] == [
        "pinekeep-a-us-east-1",
        "pinekeep-a-us-east-1-2",
    ]
    assert numbered_role_arn("a", made, 2) == "arn:aws:iam::111122223333:role/pinekeep-a-us-east-1-2"


def test_a_customer_brings_its_keys_or_its_whole_account() -> None:
    customers = [
        {"name": "Acme Inc.", "account": "444455556666", "key_arns": [KEY]},
        {"name": "globex", "account": "555566667777"},
    ]
    found = customer_keys_of(deployment(cmek={**CMEK, "customer_keys": customers}))
    assert [(each.name, each.resources) for each in found] == [
        ("acme-inc", (KEY,)),
        ("globex", ("arn:aws:kms:*:555566667777:key/*",)),
    ]
    assert customer_keys_of(deployment(private_link=LINK)) == []
